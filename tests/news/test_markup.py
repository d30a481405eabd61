"""Plain text: markup and harmful characters go, words and paragraphs stay, nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.news.text import plain
from service.news.text.characters import clean, fold, has_controls
from service.news.text.markup import to_line, to_text


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("<b>B</b>itcoin  <i>daalt</i>\n weer", "Bitcoin daalt weer"),
        ("&lt;p&gt;Escaped&lt;/p&gt;&lt;p&gt;twice&lt;/p&gt;", "Escaped twice"),
        ("BTC < 60k and <SEC> > 1", "BTC < 60k and <SEC> > 1"),
        ("<script>alert(1)</script>Title<!-- hidden -->", "Title"),
        ('<a title="1 > 0" href=x>Link</a>', "Link"),
        ("one<br/>two<p>three", "one two three"),
        ("<blink>one</blink><frameset><frame src='x'></frameset>two", "one two"),
        ("one<svg><circle r='1'/><text>drawn</text></svg>two<math><mi>x</mi></math>", "one two"),
        ('<a href=http://a.nl/">quotes that do not match</a>', "quotes that do not match"),
        ("sa<!-- -- odd >fe<!-- never closed", "safe"),
        ("it\x92s \x93quoted\x94", "it’s “quoted”"),
        ("caf\u0065\u0301 bit\u00adcoin\u200b\u202e", "café bitcoin"),
    ],
)
def test_a_title_becomes_one_plain_line(markup: str, line: str) -> None:
    assert to_line(markup) == line


def test_paragraphs_headings_and_lists_keep_their_lines() -> None:
    page = (
        "<h2>Kop</h2><p>Een\nzin met <b>nadruk</b>.</p><ul><li>a</li><li>b</li></ul><style>x{}</style>"
        "<p>Regel<br>twee &lt; drie</p><iframe>no</iframe><table><tr><td>1</td><td>2</td></tr></table>"
    )
    assert to_text(page) == "Kop\n\nEen zin met nadruk.\n\na\nb\n\nRegel\ntwee < drie\n\n1 2"


def test_text_without_tags_keeps_its_own_lines() -> None:
    assert to_text("BTC < 60k\n\n\n\nQ&amp;A  here") == "BTC < 60k\n\nQ&A here"


def test_deep_nesting_and_unclosed_tags_are_survived() -> None:
    assert "end" in to_text("<div>" * 200 + "end")
    assert to_text("<p>a" + "<b" * 50_000)[:1] == "a"
    assert len(to_line("<script>" * 20_000)) == 0


@given(st.text())
def test_clean_and_fold_are_idempotent_and_safe(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not has_controls(once)
    once.encode()
    assert fold(fold(text)) == fold(text)


MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b ",
            ">",
            "<!--",
            "-->",
            "&amp;",
            "&#x0;",
            "&#xd800;",
            "a",
            " ",
            "\n",
            "'",
            '"',
            "\x00",
            "<![CDATA[",
        ]
    )
).map("".join)


@given(MARKUP)
def test_markup_of_any_shape_becomes_text(markup: str) -> None:
    for text in (to_line(markup), to_text(markup)):
        assert clean(text) == text
        assert text == text.strip()
    assert "\n" not in to_line(markup)


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Bitcoin daalt\n\nDe koers zakte.", "Bitcoin daalt", "De koers zakte."),
        (
            "247 totale weergaven\nBitcoin daalt\nDe koers zakte.",
            "Bitcoin daalt",
            "247 totale weergaven\nDe koers zakte.",
        ),
        ("The price fell on Monday.\n\nMore text", "", "The price fell on Monday.\n\nMore text"),
        ("\r\n\r\nTitle\r\nA\r\n\r\n\r\n\r\nB", "Title", "A\n\nB"),
        ("x" * 300 + "\nTitle", "", "x" * 300 + "\nTitle"),
        ("One line", "One line", ""),
        ("", "", ""),
    ],
)
def test_the_first_headline_is_the_title_and_all_else_is_kept(text: str, title: str, body: str) -> None:
    assert plain.read(text) == (title, body)


@given(st.text(alphabet=st.sampled_from("ab1. \n\r\t"), max_size=60))
def test_plain_text_loses_no_word(text: str) -> None:
    title, body = plain.read(text)
    assert sorted(f"{title}\n{body}".split()) == sorted(text.split())
