"""Which addresses and ports may be connected to: public ones, judged after every disguise is taken off."""

import ipaddress
from collections.abc import Iterable
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_EMBEDDING: Final = (
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, deprecated and still routed by some stacks
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64
    ipaddress.IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated
)
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # the only part of IPv6 that is given out to be public (RFC 4291)
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "3fff::/20",  # documentation (RFC 9637), which this Python does not know
    )
)
NOT_WEB_PORTS: Final = frozenset(
    {
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
        5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
"""Ports where no web server is, and a GET may be taken for a command (Fetch standard, "bad port")."""


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


def _read(text: str) -> Address:
    return unwrap(ipaddress.ip_address(text.split("%", maxsplit=1)[0]))


def is_within(text: str, networks: Iterable[Network]) -> bool:
    """Whether `text`, a numeric address as a socket shows it, lies in one of the networks."""
    address = _read(text)
    return any(address in network for network in networks if network.version == address.version)


def is_public(text: str) -> bool:
    """Whether `text`, a numeric address as a socket shows it, is a public unicast address."""
    address = _read(text)
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    if is_within(text, _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_unspecified and not address.is_reserved
