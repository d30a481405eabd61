"""Assembling: one text, labelled throughout, available no earlier than it could be known, identified for good."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.news import assemble
from service.news.article import UNDATED, Article, Dated, FeedEntry, InstantOrigin, PassageKind, Skipped
from service.news.bulk import archives
from service.news.page.pages import Page
from service.news.syndication.feeds import parse

SEEN = dt.datetime(2026, 9, 23, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def dated(instant: dt.datetime, **options: object) -> Dated:
    return replace(Dated(instant, InstantOrigin.FEED, instant.isoformat()), **options)  # type: ignore[arg-type]


ENTRY = FeedEntry(
    guid="g-1",
    url="http://www.munt.example/nieuws/koers-daalt/?utm_source=rss",
    title="Koers van bitcoin daalt",
    summary="De koers van bitcoin daalde dinsdag.",
    content_html="<p>De koers van bitcoin daalde dinsdag.</p><p>De handel was rustig.</p>",
    published=dated(SEEN - HOUR),
    modified=UNDATED,
    language_claim="nl",
)
PAGE = Page(
    title="Koers van bitcoin daalt verder",
    text="Koers van bitcoin  daalt\nDe koers van bitcoin daalde dinsdag verder in Europa.\nEen tweede alinea.",
    published=dated(SEEN - 2 * HOUR, origin=InstantOrigin.PAGE),
    modified=dated(SEEN - HOUR / 2, origin=InstantOrigin.PAGE),
    canonical_url="https://munt.example/nieuws/koers-daalt",
    language_claim="nl-NL",
    authors=("An Vos",),
    site="Munt",
)


def from_entry(entry: FeedEntry = ENTRY, page: Page | None = None) -> Article:
    made = assemble.from_entry(entry, source="munt", first_seen_at=SEEN, page=page)
    assert isinstance(made, Article)
    return made


def from_row(body: str, **options: object) -> Article | Skipped:
    (row,) = archives.read(body.encode(), name="a.csv", assume_delay=dt.timedelta(minutes=15))
    if isinstance(row, Skipped):
        return row
    return assemble.from_archive(row, source="old", first_seen_at=SEEN, **options)  # type: ignore[arg-type]


def test_an_entry_becomes_one_labelled_text() -> None:
    article = from_entry()
    assert article.text == "Koers van bitcoin daalt\n\nDe koers van bitcoin daalde dinsdag.\n\nDe handel was rustig."
    assert (article.url, article.language, article.guid) == ("https://munt.example/nieuws/koers-daalt", "nl", "g-1")
    assert article.passages[0].kind is PassageKind.TITLE
    assert article.text[article.passages[0].start : article.passages[0].end] == article.title


def test_a_page_gives_the_body_and_what_the_feed_lacks() -> None:
    article = from_entry(page=PAGE)
    assert article.text == f"{ENTRY.title}\n\nDe koers van bitcoin daalde dinsdag verder in Europa.\nEen tweede alinea."
    assert (article.published, article.modified, article.authors) == (ENTRY.published, PAGE.modified, ("An Vos",))
    assert from_entry(page=replace(PAGE, text="")).text == from_entry().text
    assert from_entry(replace(ENTRY, title="", published=UNDATED), PAGE).published == PAGE.published


def test_the_page_settles_what_the_feed_leaves_open_about_the_hour() -> None:
    vague = replace(ENTRY, published=dated(SEEN - 3 * HOUR, zone_assumed=True))
    assert from_entry(vague, PAGE).published == PAGE.published
    far = replace(ENTRY, published=dated(SEEN - 100 * HOUR, zone_assumed=True))
    assert from_entry(far, PAGE).published == far.published


def test_the_longer_of_content_and_summary_is_the_body() -> None:
    teaser = replace(ENTRY, content_html="<p>Lees meer</p>")
    assert from_entry(teaser).text.endswith(ENTRY.summary)


def test_live_items_are_known_when_seen_or_when_published_later() -> None:
    assert from_entry().available_at == SEEN
    ahead = replace(ENTRY, published=dated(SEEN + HOUR))
    assert from_entry(ahead).available_at == SEEN + HOUR
    undated = from_entry(replace(ENTRY, published=UNDATED))
    assert (undated.available_at, undated.published.instant, undated.is_assumed) == (SEEN, None, False)


def test_news_from_the_future_is_set_aside() -> None:
    future = replace(ENTRY, published=dated(SEEN + 25 * HOUR))
    made = assemble.from_entry(future, source="munt", first_seen_at=SEEN)
    assert isinstance(made, Skipped)
    assert (made.reason, made.what) == ("date_future", "https://munt.example/nieuws/koers-daalt")
    changed = from_entry(replace(ENTRY, modified=dated(SEEN + 25 * HOUR)))
    assert (changed.modified.instant, changed.modified.reason) == (None, "date_future")


def test_an_entry_without_words_is_set_aside() -> None:
    made = assemble.from_entry(replace(ENTRY, title="", summary="", content_html=""), source="m", first_seen_at=SEEN)
    assert isinstance(made, Skipped)
    assert made.reason == "no_body"


def test_without_an_address_the_guid_identifies_across_edits() -> None:
    one = from_entry(replace(ENTRY, url=""))
    edited = from_entry(replace(ENTRY, url="", title="Koers van bitcoin daalt fors"))
    assert (one.url, one.key == edited.key, one.content_hash == edited.content_hash) == ("guid:munt:g-1", True, False)
    assert from_entry(replace(ENTRY, url="", guid="https://munt.example/a-1")).url == "https://munt.example/a-1"
    assert from_entry(replace(ENTRY, url="", guid="")).url.startswith("text:")


def test_a_front_page_is_no_identity() -> None:
    """Feeds that link every item to their home page must not make one article of all of them."""
    home = [from_entry(replace(ENTRY, url="https://munt.example/", guid=guid)) for guid in ("a", "b")]
    assert home[0].key != home[1].key


def test_pages_stand_on_their_own() -> None:
    made = assemble.from_page(PAGE, url="https://munt.example/other", source="munt", first_seen_at=SEEN)
    assert isinstance(made, Article)
    assert (made.url, made.title, made.published) == (PAGE.canonical_url, PAGE.title, PAGE.published)
    file = assemble.from_page(replace(PAGE, canonical_url=""), url="", source="munt", first_seen_at=SEEN)
    assert isinstance(file, Article)
    assert file.url == f"text:{file.content_hash}"


def test_texts_are_identified_by_their_contents() -> None:
    one = assemble.from_text("Kop\n\nTekst over bitcoin.", source="s", first_seen_at=SEEN)
    again = assemble.from_text("Kop\r\n\r\nTekst over bitcoin. ", source="s", first_seen_at=SEEN + HOUR)
    stated = assemble.from_text(
        "Kop\n\nTekst.", source="s", first_seen_at=SEEN, published=dated(SEEN - 9 * HOUR), url="http://a.nl/x/"
    )
    assert isinstance(one, Article)
    assert isinstance(again, Article)
    assert isinstance(stated, Article)
    assert (one.key, one.content_hash, one.title) == (again.key, again.content_hash, "Kop")
    assert (stated.url, stated.published.instant, stated.available_at) == ("https://a.nl/x", SEEN - 9 * HOUR, SEEN)
    with pytest.raises(BadInput):
        assemble.from_text("Kop", source="s", first_seen_at=SEEN, url="not an address")


def test_archive_rows_are_known_a_stated_delay_after_publication() -> None:
    row = "date,title\n2024-01-10T21:00:00Z,SEC approves\n"
    made, later, live = from_row(row), from_row(row, assume_delay=HOUR), from_row(row, is_live=True)
    assert isinstance(made, Article)
    assert isinstance(later, Article)
    assert isinstance(live, Article)
    published = dt.datetime(2024, 1, 10, 21, tzinfo=dt.UTC)
    assert (made.available_at, made.is_assumed) == (published + HOUR / 4, True)
    assert (later.available_at, live.available_at, live.is_assumed) == (published + HOUR, SEEN, False)
    assert made.url == f"archive:old:{made.content_hash}"


def test_a_row_dated_by_the_day_is_not_known_before_that_day_is_over() -> None:
    made = from_row("date,title\n2024-01-10,SEC approves\n")
    assert isinstance(made, Article)
    assert made.available_at == dt.datetime(2024, 1, 11, 0, 15, tzinfo=dt.UTC)


def test_archive_rows_keep_their_identity_over_imports() -> None:
    body = "date,title,url,source\n2024-01-10T21:00:00Z,A,https://www.a.nl/story-1/?utm_source=x,Wire\n"
    first, second = from_row(body), from_row(body)
    assert isinstance(first, Article)
    assert first == second
    assert (first.url, first.source) == ("https://a.nl/story-1", "Wire")
    home = from_row("date,title,url\n2024-01-10T21:00:00Z,A,https://a.nl/\n")
    assert isinstance(home, Article)
    assert home.url.startswith("archive:old:")


def test_an_undated_archive_item_is_set_aside() -> None:
    item = next(iter(archives.read(b"date,title\n2024-01-10,A\n", name="a")))
    assert isinstance(item, archives.ArchiveItem)
    made = assemble.from_archive(replace(item, published=UNDATED), source="o", first_seen_at=SEEN)
    assert isinstance(made, Skipped)
    assert made.reason == "date_missing"


def test_a_naive_first_sight_is_refused() -> None:
    with pytest.raises(BadInput, match="first_seen_at"):
        assemble.from_entry(ENTRY, source="m", first_seen_at=SEEN.replace(tzinfo=None))


TEXTS = st.text(alphabet=st.sampled_from("ab. \n<p>&é—"), max_size=60)


@given(TEXTS, TEXTS, TEXTS, st.integers(-50, 24))
def test_availability_and_passages_hold_for_any_entry(title: str, summary: str, content: str, hours: int) -> None:
    entry = replace(ENTRY, title=" ".join(title.split()), summary=" ".join(summary.split()), content_html=content)
    made = assemble.from_entry(replace(entry, published=dated(SEEN + hours * HOUR)), source="m", first_seen_at=SEEN)
    if isinstance(made, Skipped):
        assert made.reason == "no_body"
        return
    assert made.available_at >= max(SEEN, SEEN + hours * HOUR)
    assert made.text.startswith(made.title)
    for passage in made.passages:
        assert 0 <= passage.start < passage.end <= len(made.text)
    covered = "".join(made.text[passage.start : passage.end] for passage in made.passages)
    assert covered.split() == made.text.split() or "".join(covered.split()) == "".join(made.text.split())


@pytest.mark.data
def test_the_founding_article_keeps_its_title_and_all_its_words(shared_data: Path) -> None:
    text = (shared_data / "news" / "article_nl_bukele_trump_bitcoin.txt").read_text()
    made = assemble.from_text(text, source="s", first_seen_at=SEEN)
    assert isinstance(made, Article)
    assert (made.language, made.title) == ("nl", text.split("\n", 1)[0])
    assert made.text.split() == text.split()
    kinds = {passage.kind for passage in made.passages}
    assert {PassageKind.COUNTER, PassageKind.PROMO, PassageKind.DISCLAIMER, PassageKind.BIO} <= kinds


@pytest.mark.data
def test_real_feeds_become_articles_with_distinct_keys(shared_data: Path) -> None:
    for file in (shared_data / "feeds" / "fastfeedparser_benchmark").glob("*.xml"):
        feed = parse(file.read_bytes())
        made = [assemble.from_entry(entry, source="s", first_seen_at=SEEN) for entry in feed.entries]
        articles = [article for article in made if isinstance(article, Article)]
        assert len(articles) == len(feed.entries)
        assert len({article.key for article in articles}) == len(articles), file.name
