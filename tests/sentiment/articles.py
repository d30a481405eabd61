"""Articles made of labelled passages, for tests."""

import datetime as dt

from service.news.article import UNDATED, Article, Dated, InstantOrigin, Passage, PassageKind

NOON = dt.datetime(2025, 5, 2, 12, tzinfo=dt.UTC)


def make_article(
    *parts: tuple[str, str],
    language: str = "en",
    published: dt.datetime | None = NOON,
    url: str = "https://a.example/1",
) -> Article:
    """An article of (passage kind, text) parts, a blank line between them."""
    text, passages = "", []
    for kind, words in parts:
        text += "\n\n" if text else ""
        passages.append(Passage(PassageKind(kind), len(text), len(text) + len(words), "test"))
        text += words
    dated = Dated(published, InstantOrigin.FEED) if published else UNDATED
    title = next((words for kind, words in parts if kind == "title"), "")
    return Article(url, "a", title, text, tuple(passages), language, 1.0, dated, UNDATED, NOON, NOON)
