"""WARC: whole records are read, damaged ones are named, and nothing behind them is lost."""

import contextlib
import gzip
import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ParseFailed
from service.news.article import Skipped
from service.news.bulk import streams, warc
from service.news.bulk.streams import Position, Stream
from service.news.page import responses
from tests.bulk_files import a_page, chunked, http, packed, record, sha1

PAGES = [http(a_page(f"Story {number}", f"Bitcoin moved {number} times.")) for number in range(5)]
RECORDS = [record(b"software: test\r\n", kind="warcinfo")]
RECORDS += [record(page, url=f"https://a.example/{number}") for number, page in enumerate(PAGES)]


def pieces(body: bytes, size: int = 1000) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


def read(body: bytes, *, is_gzip: bool = False, start: Position = streams.START) -> list[warc.Read]:
    return [*warc.read(Stream(iter(pieces(body[start.offset :])), is_gzip=is_gzip, start=start), name="a.warc")]


def urls_of(found: list[warc.Read]) -> list[str]:
    return [one.made.url for one in found if isinstance(one.made, warc.Record) and one.made.url]


def reasons_of(found: list[warc.Read]) -> list[str]:
    return [one.made.reason for one in found if isinstance(one.made, Skipped)]


ALL = [f"https://a.example/{number}" for number in range(5)]


@pytest.mark.parametrize("is_gzip", [False, True])
def test_every_record_is_read_and_can_be_taken_up_again(is_gzip: bool) -> None:
    """From the place behind any record the rest reads as it did the first time; a single member may hold all, too."""
    body = packed(RECORDS) if is_gzip else b"".join(RECORDS)
    found = read(body, is_gzip=is_gzip)
    assert urls_of(found) == ALL
    assert [one.made.block for one in found[1:] if isinstance(one.made, warc.Record)] == PAGES
    for number, one in enumerate(found):
        assert read(body, is_gzip=is_gzip, start=one.after) == found[number + 1 :]
    if is_gzip:  # of packed records at most one is unpacked again
        assert found[-1].after.offset == len(body) - len(packed(RECORDS[-1:]))
    whole = gzip.compress(b"".join(RECORDS))
    once = read(whole, is_gzip=True)
    assert urls_of(once) == ALL
    assert urls_of(read(whole, is_gzip=True, start=once[2].after)) == ALL[2:]


def test_each_defect_has_its_name_and_its_neighbours_are_read() -> None:
    """Version, length too long, too short or absurd, digest, date, cut by the crawler or by the file's end."""
    one, two = record(PAGES[0], url="https://a.example/0"), record(PAGES[1], url="https://a.example/1")
    bad = {
        "malformed_record": [
            b"no record at all\r\n\r\n",
            record(PAGES[2], url="https://a.example/x", content_length="-3"),
            record(PAGES[2], url="https://a.example/x", content_length="40"),
            record(PAGES[2], url="https://a.example/x", content_length=str(len(PAGES[2]) + 80)),
        ],
        "too_large": [record(PAGES[2], url="https://a.example/x", content_length="99999999999")],
        "digest_mismatch": [record(PAGES[2], url="https://a.example/x", warc_block_digest=sha1(b"other"))],
        "date_missing": [record(PAGES[2], url="https://a.example/x", date="")],
        "truncated_record": [
            record(PAGES[2], url="https://a.example/x", warc_truncated="length"),
            record(PAGES[2], url="https://a.example/x", content_length="999999"),
        ],
    }
    for reason, records in bad.items():
        for broken in records:
            found = read(one + broken + two)
            assert (urls_of(found), set(reasons_of(found))) == (ALL[:2], {reason}), broken[:300]
    assert reasons_of(read((one + two)[:-100])) == ["truncated_record"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_raises_and_a_packed_crawl_loses_one_record_by_a_flipped_bit(data: st.DataObject) -> None:
    """Cut anywhere, or one bit flipped anywhere: counted reasons; of packed records at most the one hit is lost."""
    is_gzip = data.draw(st.booleans())
    body = packed(RECORDS) if is_gzip else b"".join(RECORDS)
    at = data.draw(st.integers(0, len(body) - 1))
    cut = read(body[:at], is_gzip=is_gzip)
    assert urls_of(cut) == ALL[: len(urls_of(cut))]
    flipped = bytearray(body)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    found = read(bytes(flipped), is_gzip=is_gzip)
    assert len(set(ALL) & set(urls_of(found))) >= (4 if is_gzip else 3)
    assert all(isinstance(one.made, warc.Record | Skipped) for one in found)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_to_their_end(noise: bytes) -> None:
    for is_gzip in (False, True):
        read(b"WARC/1.0\r\n" + noise, is_gzip=is_gzip)
        assert urls_of(read(b"".join(RECORDS[:2]) + b"\r\n" + noise))[:1] == ALL[:1]
    with contextlib.suppress(ParseFailed):
        responses.read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + noise)


def test_bodies_are_unwrapped_whether_or_not_the_crawler_did_it_before() -> None:
    page = a_page("Story", "Bitcoin moved.")
    wrapped = {
        "Transfer-Encoding: chunked\r\n": chunked(page),
        "Content-Encoding: gzip\r\n": gzip.compress(page),
        "Content-Encoding: deflate\r\n": zlib.compress(page),
        "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n": chunked(gzip.compress(page)),
    }
    for more, body in wrapped.items():
        assert responses.read(http(body, more=more)).body == page
        assert responses.read(http(page, more=more)).body == page
    import pyarrow as pa

    assert (
        responses.read(http(pa.compress(page, codec="brotli", asbytes=True), more="Content-Encoding: br\r\n")).body
        == page
    )
    refused = {
        "truncated_record": http(chunked(page)[:-40], more="Transfer-Encoding: chunked\r\n"),
        "too_large": http(gzip.compress(b" " * 20_000_000), more="Content-Encoding: gzip\r\n"),
        "unsupported_encoding": http(page, more="Content-Encoding: exi\r\n"),
        "malformed_record": b"ICY 200 OK\r\n\r\n",
    }
    for reason, block in refused.items():
        with pytest.raises(ParseFailed) as failed:
            responses.read(block)
        assert failed.value.reason == reason


def test_a_bomb_is_refused_and_much_text_is_not() -> None:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as bomb:
        for _ in range(22):
            bomb.write(b"\0" * 1_000_000)
    with pytest.raises(ParseFailed, match="200 times"):
        Stream(iter(pieces(out.getvalue())), is_gzip=True).skip(1 << 40)
