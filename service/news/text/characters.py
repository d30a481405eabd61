"""Characters that must not travel further: controls, lone surrogates, invisible marks; one spelling of line ends."""

import re
import unicodedata

# Text declared as Latin-1 is nearly always Windows-1252: its quotes and dashes arrive as C1 controls.
WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_REMOVED = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
    *(0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D),
    0xAD,  # soft hyphen: publishers put it inside words
    *(0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF),  # zero width
    *range(0x202A, 0x202F),  # overrides of the writing direction
    *range(0x2066, 0x206A),
    *(0xFFFE, 0xFFFF),
)
_REPLACED: dict[int, str | None] = {
    **dict.fromkeys(_REMOVED, None),
    **WINDOWS_1252,
    **dict.fromkeys((0x0B, 0x0C, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys(range(0xD800, 0xE000), "�"),
}
_UNWANTED = re.compile(
    "[" + "".join(re.escape(chr(code)) for code in _REPLACED if not 0xD800 <= code < 0xE000) + "\ud800-\udfff]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CONTROL_BYTES = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")


def clean(text: str) -> str:
    """The same text in NFC with line ends as `\\n`, plain spaces, and no control, invisible or unpaired characters.

    Idempotent. C1 controls are read as the Windows-1252 characters they stand for.
    """
    return compose(scrub(text))


def scrub(text: str) -> str:
    """`clean` but for the composition of letters and their marks."""
    if text.isprintable():  # nothing unwanted is
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return _UNWANTED.sub(_replacement, text)  # on real texts far faster than str.translate


def compose(text: str) -> str:
    """The text in NFC."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _replacement(found: re.Match[str]) -> str:
    return _REPLACED[ord(found.group())] or ""


def fold(text: str) -> str:
    """`clean` text on one line: every run of white space is one space, none at the ends."""
    if not text.isprintable():
        return " ".join(clean(text).split())
    text = compose(text)  # of printable characters only the space is white
    return " ".join(text.split()) if "  " in text else text.strip()


def has_controls(text: str) -> bool:
    """Whether the text holds characters that XML 1.0 forbids."""
    try:
        raw = text.encode()  # bytes are looked through many times faster
    except UnicodeEncodeError:
        return True
    if len(raw.translate(None, _CONTROL_BYTES)) != len(raw):
        return True
    return not text.isascii() and ("\ufffe" in text or "\uffff" in text)


def drop_controls(text: str) -> str:
    """The text without the characters that XML 1.0 forbids; nothing else changes."""
    return _CONTROLS.sub("", text)
