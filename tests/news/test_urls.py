"""Canonical URLs: the same story has one spelling, distinct stories never share one."""

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.news.urls import canonical, host_of, resolve

STORY = "https://coindesk.com/markets/2024/01/10/bitcoin-etf-approved"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.coindesk.com/markets/2024/01/10/bitcoin-etf-approved/",
        "http://www.coindesk.com:80/markets/2024/01/10/bitcoin-etf-approved",
        "HTTPS://WWW.CoinDesk.com:443/markets/2024/01/10/bitcoin-etf-approved#comments",
        "https://m.coindesk.com/markets/2024/01/10/bitcoin-etf-approved?utm_source=rss&utm_medium=feed",
        "https://amp.coindesk.com/markets/2024/01/10/bitcoin-etf-approved/amp/",
        "https://coindesk.com/amp/markets/2024/01/10/bitcoin-etf-approved?amp=1",
        "https://coindesk.com/markets/2024/01/10/bitcoin%2Detf-approved?fbclid=IwAR&gclid=1&ref=home&s=20&share=x",
        "https://coindesk.com/markets/2024/./01/../01/10/bitcoin-etf-approved?at_medium=RSS&ns_campaign=x&CMP=a&mc_cid=1",
        "https://user:secret@coindesk.com/markets/2024/01/10/bitcoin-etf-approved/index.html",
        "https://coindesk.com/markets/2024/01/10/bitcoin-etf-approved;jsessionid=AB12?",
        "https://www.google.com/amp/s/www.coindesk.com/markets/2024/01/10/bitcoin-etf-approved/amp",
        "https://www-coindesk-com.cdn.ampproject.org/c/s/www.coindesk.com/markets/2024/01/10/bitcoin-etf-approved",
        "  https://coindesk.com./markets/2024/01/10/bitcoin-etf-approved\n",
    ],
)
def test_the_ways_to_a_story_have_one_spelling(url: str) -> None:
    assert canonical(url) == STORY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.nl/Story-1", "https://a.nl/story-1"),
        ("https://a.nl/?p=1", "https://a.nl/?p=2"),
        ("https://a.nl/news.php?s=12", "https://a.nl/news.php?s=13"),
        ("https://a.nl/show_article?source=9", "https://a.nl/show_article?source=8"),
        ("https://a.nl/x%2Fy", "https://a.nl/x/y"),
        ("https://a.nl/x?q=%E9", "https://a.nl/x?q=%E8"),
        ("https://a.nl/x?a=1&b=2", "https://a.nl/x?a=2&b=1"),
        ("https://a.nl/x", "https://b.a.nl/x"),
        ("https://a.nl/x", "https://a.nl:8080/x"),
        ("https://a.nl/#!/story/1", "https://a.nl/#!/story/2"),
        ("https://a.nl/amp", "https://a.nl/"),
        ("https://m.nl/x", "https://nl.m/x"),
        ("https://mediam.nieuws.nl/x", "https://media.nieuws.nl/x"),
        ("https://mcom.cdn.nl/x", "https://mcocdn.nl/x"),
    ],
)
def test_what_may_choose_another_story_is_kept(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_an_explicit_port_keeps_its_scheme() -> None:
    assert canonical("http://127.0.0.1:5000/feed/") == "http://127.0.0.1:5000/feed"
    assert canonical("http://127.0.0.1/feed/") == "https://127.0.0.1/feed"


def test_relative_addresses_are_resolved() -> None:
    assert canonical("/x/y?b=2&a=1", "https://www.a.nl/feed.xml") == "https://a.nl/x/y?a=1&b=2"
    assert resolve("../x?utm_source=a", "https://www.a.nl/nl/rss/") == "https://www.a.nl/nl/x?utm_source=a"


def test_hosts_and_paths_become_ascii() -> None:
    assert canonical("https://bücher.de/é a") == "https://xn--bcher-kva.de/%C3%A9%20a"
    assert canonical("https://[::1]:8080/x") == "https://[::1]:8080/x"
    assert host_of("http://www.NOS.nl:80/artikel/1") == "nos.nl"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "story",
            "//a.nl/x",
            "ftp://a.nl/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:a@b.nl",
            "file:///etc",
        ),
        *(
            "http://",
            "http:///x",
            "http://a b/",
            "http://[::1",
            "http://a.nl:99999/",
            "http://a.nl:x/",
            "http://-a.nl/",
        ),
        *(
            "http://a..nl/",
            "http://%00/",
            "http://a.nl\\@b.nl/",
            "https://" + "a" * 64 + "é.nl/",
            "https://a.nl/" + "x" * 5000,
        ),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="url"):
        canonical(url)


PIECES = st.sampled_from(
    [
        *(
            *string.ascii_lowercase[:6],
            *"/?#%&=;@:.[]-_~+! é\\\ud800\n",
            "/amp",
            "/AMP/",
            "%2e",
            "%2F",
            "..",
            "www.",
            "m.",
        ),
        *(
            "amp.",
            "index.html",
            ".amp.html",
            "utm_a=1",
            "ref=2",
            "google.com/amp/s/",
            ";jsessionid=1",
            ":80",
            "https://",
        ),
    ]
)


@given(
    st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["https://www.x.nl/", "http://", "https://amp.", ""])
)
def test_canonical_is_idempotent_ascii_and_raises_only_bad_input(tail: str, head: str) -> None:
    try:
        once = canonical(head + tail)
    except BadInput:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert not any(sign in once for sign in ' \n\\<>"')


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_canonical_or_refused(url: str, base: str) -> None:
    for function in (canonical, resolve):
        with contextlib.suppress(BadInput):
            assert function(url, base).startswith(("http://", "https://"))
