"""Feeds, pages and plain texts are told apart by what they are, not by what they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.news.syndication.recognise import Kind, recognise


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "", Kind.FEED),
        (b'<?xml version="1.0"?><!-- <html> --><feed xmlns="http://www.w3.org/2005/Atom"/>', "text/html", Kind.FEED),
        (b'<rdf:RDF xmlns:rdf="x"/>', "", Kind.FEED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "application/json", Kind.FEED),
        ("\ufeff<rss/>".encode("utf-16"), "", Kind.FEED),
        (b"<!DOCTYPE html><html><body><p>rss feed</p></body></html>", "application/rss+xml", Kind.PAGE),
        (
            b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>",
            "text/html",
            Kind.SITEMAP,
        ),
        (b"<sm:sitemapindex xmlns:sm='x'/>", "", Kind.SITEMAP),
        (b"<html><body>see <urlset> below</body></html>", "", Kind.PAGE),
        (b"<html><body>see <feed> below</body></html>", "", Kind.PAGE),
        (b"Bitcoin rises\n\nA short text about < 5 % moves.", "", Kind.TEXT),
        (b'{"title": "not a feed"}', "application/json", Kind.TEXT),
        (b"", "", Kind.TEXT),
    ],
)
def test_each_form_is_recognised(body: bytes, content_type: str, kind: Kind) -> None:
    assert recognise(body, content_type) is kind


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_are_something(body: bytes, content_type: str) -> None:
    assert recognise(body, content_type) in Kind
