"""Mail as news: newsletters and alerts kept in a mailbox file (mbox) or as one message.

A message of an mbox begins with a line `From …` behind a blank line; such lines inside one are written `>From …`.
What stands in a header is hostile: words may be encoded (RFC 2047) in any charset, dates may be anything.
"""

import datetime as dt
import email.errors
import email.header
import email.message
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.errors import BadInput, ParseFailed
from service.news.article import UNDATED, Article, Dated, InstantOrigin, Skipped
from service.news.assemble import assume_known, from_page
from service.news.bulk.streams import Broken, Position, Stream
from service.news.dating.dates import read as read_date
from service.news.page import pages
from service.news.page.pages import Page
from service.news.syndication.feedlimits import names_of
from service.news.text.characters import fold
from service.news.text.decoding import decode
from service.news.text.markup import to_text
from service.news.urls import canonical

LARGEST_MESSAGE = 16_000_000  # bytes
_LONGEST_LINE = 65_536
_MOST_PARTS = 200
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,200})>")
_WEB = re.compile(r"<\s*(https?://[^<>\s]+)\s*>")


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it lies, without its `From …` line. `number` counts from 1."""

    number: int
    body: bytes
    is_too_large: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A message, and where reading can be taken up behind it."""

    message: Message
    after: Position


def read(stream: Stream, *, number: int = 0) -> Iterator[Read]:
    """Every message from where `stream` stands, `number` of them lying before it; one above 16 MB without its body."""
    lines: list[bytes] = []
    held, is_start, is_blank, begun = 0, True, True, False
    while True:
        try:
            line = stream.readline(_LONGEST_LINE)
        except Broken as broken:
            number += 1
            yield Read(Message(number, b"", fault=str(broken)), stream.position())
            lines, held, begun = [], 0, False
            continue
        is_next = is_start and is_blank and line.startswith(b"From ")
        if (is_next or not line) and begun:
            stream.unread(line)
            number += 1
            body = _ESCAPED.sub(rb"\1", b"".join(lines))
            yield Read(Message(number, body, is_too_large=held > LARGEST_MESSAGE), stream.position())
            lines, held, begun = [], 0, False
            continue
        if not line:
            return
        is_blank = is_start and not line.strip(b"\r\n")
        is_start = line.endswith(b"\n")
        begun = begun or bool(line.strip())
        if is_next:
            continue
        held += len(line)
        if held <= LARGEST_MESSAGE:
            lines.append(line)
        else:
            lines = []


def to_article(
    message: Message, *, name: str, source: str, now: dt.datetime, assume_delay: dt.timedelta
) -> Article | Skipped:
    """The article of a message: its subject, and its HTML part, else its plain one.

    Known when it was delivered (the topmost Received), or at its Date where that is later; without Received at its Date
    and `assume_delay`, marked assumed. `source` "" is the sender's domain. It is known by Archived-At (RFC 5064), else
    by its Message-ID as a `mid:` address (RFC 2392), else by its contents. Reasons: `malformed_record`, `too_large`,
    `date_missing` and the others of `dates.read`, `no_text`, `date_future`.
    """
    where = f"{name} message {message.number}"
    if message.fault or message.is_too_large:
        reason = "malformed_record" if message.fault else "too_large"
        return Skipped(reason, where, message.fault or f"more than {LARGEST_MESSAGE:,} bytes")
    try:
        return _make(email.message_from_bytes(message.body), where, source, now, assume_delay)
    except (ParseFailed, *_FAULTS) as error:
        return Skipped("malformed_record", where, f"{type(error).__name__}: {error}"[:200])


# What the standard library's parser lets out on mail that no mailer wrote.
_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    email.errors.MessageError,
)


def _make(
    mail: email.message.Message, where: str, source: str, now: dt.datetime, delay: dt.timedelta
) -> Article | Skipped:
    sent, delivered = _sent_at(mail), _delivered_at(mail)
    known = delivered if delivered.instant is not None else sent
    if known.instant is None:
        return Skipped(sent.reason, where, sent.raw)
    text, title, claim = _read_parts(mail)
    if not text:
        return Skipped("no_text", where, _header(mail, "Subject")[:200])
    page = Page(
        title=_header(mail, "Subject") or title,
        text=text,
        published=sent if sent.instant is not None else delivered,
        modified=UNDATED,
        canonical_url=_identity(mail),
        language_claim=fold(_header(mail, "Content-Language"))[:20] or claim,
        authors=names_of([re.sub(r"<[^<>]*>", "", _header(mail, "From")).strip(' "')]),
        site="",
    )
    seen_at = now if delivered.instant is None else delivered.instant
    made = from_page(page, url="", source=source or _sender(mail), first_seen_at=seen_at)
    if isinstance(made, Skipped):
        return replace(made, what=where)
    return assume_known(made, delay) if delivered.instant is None else made


def _header(mail: email.message.Message, name: str) -> str:
    """A header's words, decoded; those in a charset nobody knows as far as they can be read."""
    parts = []
    for part, charset in email.header.decode_header(str(mail.get(name, ""))[:10_000]):
        if isinstance(part, str):
            parts.append(part)
            continue
        try:
            parts.append(part.decode(charset or "utf-8", "replace"))
        except LookupError:
            parts.append(part.decode("utf-8", "replace"))
    return fold("".join(parts))


def _sent_at(mail: email.message.Message) -> Dated:
    return _date(_header(mail, "Date"))


def _delivered_at(mail: email.message.Message) -> Dated:
    """When the last mail server took it in; each writes its line above those of the servers before it."""
    return _date(str(mail.get("Received", "")).rpartition(";")[2])


def _date(text: str) -> Dated:
    return read_date(re.sub(r"\([^()]*\)", " ", text), origin=InstantOrigin.HEADER)


def _identity(mail: email.message.Message) -> str:
    archived = _WEB.search(str(mail.get("Archived-At", "")))
    if archived:
        try:
            return canonical(archived[1])
        except BadInput:
            pass
    found = _MESSAGE_ID.search(str(mail.get("Message-ID", "")))
    return f"mid:{found[1]}" if found else ""


def _sender(mail: email.message.Message) -> str:
    found = _ADDRESS.search(_header(mail, "From"))
    return found[1].lower()[:200] if found else "mail"


def _read_parts(mail: email.message.Message) -> tuple[str, str, str]:
    """Text, title and language claim of the first HTML part that has text, else of the first plain one."""
    plain = ""
    for number, part in enumerate(mail.walk()):
        if number == _MOST_PARTS:
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        kind, charset = part.get_content_type(), part.get_content_charset() or ""
        declared = f"{kind}; charset={charset}" if charset else kind
        if kind == "text/html":
            text, title, claim = _read_html(payload, declared)
            if text:
                return text, title, claim
        elif kind == "text/plain" and not plain:
            plain = decode(payload, content_type=declared).text.replace("\x00", "").replace("\r\n", "\n").strip()
    return plain, "", ""


def _read_html(payload: bytes, declared: str) -> tuple[str, str, str]:
    """Letters are laid out in tables, of which extraction may keep little: then all their words are taken."""
    whole = to_text(decode(payload, content_type=declared).text)
    try:
        page = pages.extract(payload, content_type=declared)
    except ParseFailed:
        return whole, "", ""
    is_most = 2 * len(page.text) >= len(whole)
    return page.text if is_most else whole, page.title, page.language_claim
