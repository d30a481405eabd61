"""Builders of archives in bulk: WARC, mail, GDELT's knowledge graph, Parquet. Nothing in them was ever published."""

import base64
import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as parquet


def a_page(title: str, text: str, *, published: str = "2024-01-10T21:00:00Z", url: str = "") -> bytes:
    """A news page with its date in the head and enough text to be one."""
    link = f'<link rel="canonical" href="{url}">' if url else ""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{link}"
        f'<meta property="article:published_time" content="{published}"></head>'
        f"<body><nav><ul><li>Home<li>Markets</ul></nav><article><h1>{title}</h1><p>{text}</p>"
        f"<p>{text.split(maxsplit=1)[0]} was on the mind of every trader in the market this week.</p>"
        "</article></body></html>"
    ).encode()


def http(
    body: bytes, *, status: str = "200 OK", content_type: str = "text/html; charset=utf-8", more: str = ""
) -> bytes:
    """An HTTP response as it went over the wire."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n".encode() + body


def chunked(body: bytes, size: int = 100) -> bytes:
    """A body in chunks."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def sha1(contents: bytes) -> str:
    """A digest as crawlers write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(contents).digest()).decode()


def record(
    block: bytes, *, kind: str = "response", url: str = "", date: str = "2024-01-11T08:00:00Z", **fields: str
) -> bytes:
    """One WARC record; `warc_truncated="length"` and the like are further fields, `content_length` a false one."""
    told = {
        "WARC-Type": kind,
        "WARC-Date": date,
        "WARC-Record-ID": "<urn:uuid:1>",
        **({"WARC-Target-URI": url} if url else {}),
        "WARC-Block-Digest": sha1(block),
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
        **{
            "-".join(part.capitalize() for part in name.split("_")).replace("Warc-", "WARC-"): value
            for name, value in fields.items()
        },
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def packed(records: Iterable[bytes]) -> bytes:
    """A member per record, as crawls are kept."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def gkg_line(number: int, url: str, *, stamp: str = "20240110210000", tone: float = -2.5, **fields: str) -> str:
    """A line of GKG 2.1; other fields by name: site, themes, persons, organisations, names, translated, tones."""
    values = [""] * 27
    values[0], values[1], values[2] = f"{stamp}-{number}", stamp, fields.get("collection", "1")
    values[3], values[4] = fields.get("site", "a.example"), url
    values[8] = fields.get("themes", "ECON_BITCOIN,120;TAX_FNCACT_MINERS,17")
    values[12] = fields.get("persons", "Gary Gensler,40")
    values[14] = fields.get("organisations", "Securities And Exchange Commission,10")
    positive = max(tone, 0.0) + 1.5
    negative = positive - tone
    values[15] = fields.get("tones", f"{tone},{positive},{negative},{positive + negative},20.5,0,412")
    values[23], values[25] = fields.get("names", "Gary Gensler,40;New York,90"), fields.get("translated", "")
    return "\t".join(values) + "\n"


def in_zip(**members: bytes) -> bytes:
    """A zip; `__` in a member's name stands for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, body in members.items():
            whole.writestr(name.replace("__", "."), body)
    return out.getvalue()


def parquet_of(rows: list[dict[str, object]], *, group: int = 10) -> bytes:
    """A Parquet file with so many rows a group."""
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), out, row_group_size=group)
    return out.getvalue()


NEWSLETTER = b"""From news@letter.example Thu Jan 11 09:00:07 2024
Return-Path: <bounce@letter.example>
Received: from mx.example (mx.example [192.0.2.1]) by home.example; Thu, 11 Jan 2024 10:00:05 +0100 (CET)
Received: from far.example by mx.example; Thu, 11 Jan 2024 08:59:00 +0000
Message-ID: <letter-1@letter.example>
From: =?utf-8?q?Caf=C3=A9_Bitcoin?= <news@letter.example>
Subject: =?iso-8859-1?q?Bitcoin_climbs_=96_caf=E9?=
 =?utf-8?b?IHRhbGs=?=
Date: Thu, 11 Jan 2024 08:58:00 +0000
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="xx"

--xx
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Bitcoin climbed by 4 percent, the plain part says.
--xx
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<html><body><table><tr><td><p>Bitcoin climbed by four percent on Wednesday, traders=
 told caf=E9 guests in a long and happy evening.</p>
<p>From here on the market looks for the next decision of the SEC, said one of them.</p></td></tr></table></body></html>
--xx--

"""
ALERT = b"""From alerts@wire.example Fri Jan 12 09:00:00 2024
From: alerts@wire.example
Subject: SEC sues broker
Date: Fri, 12 Jan 2024 09:00:00 GMT
Message-ID: <2@wire.example>

The SEC sued a Bitcoin broker.

>From the courts we hear more.
"""
UNDATED = b"\nFrom x Fri Jan 12\nSubject: no date\nFrom: a@b.example\n\nWords without a date.\n"
