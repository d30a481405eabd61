"""Mail, GDELT's graph and Parquet: every record is something or a named reason, whatever is done to the file."""

import contextlib
import datetime as dt
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput
from service.news.article import Article, Skipped
from service.news.bulk import gdelt, mailbox
from service.news.bulk.archives import ArchiveItem
from service.news.bulk.archives import read as read_rows
from service.news.bulk.columnar import ParquetTable
from service.news.bulk.forms import tell_form
from service.news.bulk.gdelt import Opinion
from service.news.bulk.streams import START, Position, Stream
from tests.bulk_files import ALERT, NEWSLETTER, UNDATED, gkg_line, parquet_of

NOW = dt.datetime(2024, 5, 10, tzinfo=dt.UTC)
MAIL = NEWSLETTER + ALERT + UNDATED
GKG = "".join(gkg_line(number, f"https://a.example/{number}") for number in range(6)).encode()
FIRST = dt.datetime(2024, 3, 1, 10, tzinfo=dt.UTC)
ROWS: list[dict[str, object]] = [
    {"title": f"Bitcoin {n}", "date": FIRST + dt.timedelta(minutes=n), "text": f"Words {n}."} for n in range(30)
]
PARQUET = parquet_of(ROWS)


def stream(body: bytes, start: Position = START) -> Stream:
    return Stream(iter([body[start.offset :]]), start=start)


def read_mail(body: bytes) -> list[Article | Skipped]:
    return [
        mailbox.to_article(one.message, name="m", source="", now=NOW, assume_delay=dt.timedelta(minutes=15))
        for one in mailbox.read(stream(body))
    ]


def read_parquet(body: bytes) -> list[ArchiveItem | Skipped]:
    try:
        return [*read_rows(ParquetTable(io.BytesIO(body), "p"), name="p")]
    except BadInput:
        return []


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_no_damage_raises(data: st.DataObject) -> None:
    """Cut anywhere, or one bit flipped anywhere: what stands before it is read as ever, nothing raises."""
    at = data.draw(st.floats(0, 1, exclude_max=True))
    bit = 1 << data.draw(st.integers(0, 7))
    for body in (MAIL, GKG, PARQUET):
        place = int(at * len(body))
        flipped = bytearray(body)
        flipped[place] ^= bit
        for damaged in (body[:place], bytes(flipped)):
            read_mail(damaged)
            read_parquet(damaged)
            told = [one.made for one in gdelt.read(stream(damaged), name="g")]
            assert all(isinstance(one, Opinion | Skipped) for one in told)
            if body is GKG:
                assert sum(isinstance(one, Opinion) for one in told) >= place * 6 // len(body)
            with contextlib.suppress(BadInput):
                tell_form(damaged[:8192], name="x")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_mail_or_a_reason(noise: bytes) -> None:
    head = b"From x\nDate: Fri, 12 Jan 2024 09:00:00 GMT\nSubject: =?x?b?" + noise[:20] + b"?=\n"
    for body in (noise, head + noise, head + b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" + noise):
        for made in read_mail(body):
            assert isinstance(made, Article | Skipped)


def test_mail_and_graph_are_taken_up_behind_any_record() -> None:
    for body, read in (
        (MAIL, lambda start: [*mailbox.read(stream(MAIL, start))]),
        (GKG, lambda start: [*gdelt.read(stream(GKG, start), name="g")]),
    ):
        whole = read(START)
        assert len(whole) in (3, 6)
        assert whole[-1].after.offset == len(body)
        for number, one in enumerate(whole):
            assert len(read(one.after)) == len(whole) - number - 1


def test_what_a_line_of_the_graph_says() -> None:
    """The figures and lists of the codebook's fields, names without their offsets, and the later of both stamps."""
    tones = "-1.25,2,3.25,5.25,20,0,99"
    line = gkg_line(3, "http://www.a.example/x?utm_source=y", translated="srclc:nld; eng:Moses", tones=tones)
    [one] = gdelt.read(stream(line.encode()), name="20240110211500.translation.gkg.csv")
    assert one.made == Opinion(
        source="gdelt",
        record="20240110210000-3",
        url="https://a.example/x",
        site="a.example",
        tone=-1.25,
        positive=2.0,
        negative=3.25,
        polarity=5.25,
        words=99,
        language="nld",
        themes=("ECON_BITCOIN", "TAX_FNCACT_MINERS"),
        persons=("Gary Gensler",),
        organisations=("Securities And Exchange Commission",),
        names=("Gary Gensler", "New York"),
        available_at=dt.datetime(2024, 1, 10, 21, 15, tzinfo=dt.UTC),
    )


def test_rows_of_parquet_read_as_their_instants_and_words() -> None:
    items = [one for one in read_parquet(PARQUET) if isinstance(one, ArchiveItem)]
    assert [(one.row, one.title, one.text) for one in items] == [
        (n + 1, f"Bitcoin {n}", f"Words {n}.") for n in range(30)
    ]
    assert items[7].published.instant == dt.datetime(2024, 3, 1, 10, 7, tzinfo=dt.UTC)
