"""Which addresses may be connected to: public ones, judged after every disguise is taken off."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_EMBEDDING = (
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, deprecated and still routed by some stacks
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64
    ipaddress.IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated
)


class BlockedAddress(OSError):
    """The address behind a host name is not a public one; nothing was sent to it."""


def unwrap(address: Address) -> Address:
    """The IPv4 address an IPv6 address carries (mapped, 6to4, Teredo, NAT64, compatible), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _EMBEDDING) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(text: str) -> bool:
    """Whether `text`, a numeric address as a socket shows it, is a public unicast address."""
    address = unwrap(ipaddress.ip_address(text.split("%", maxsplit=1)[0]))
    return address.is_global and not address.is_multicast and not address.is_unspecified
