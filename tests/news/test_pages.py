"""Pages: title, body, instants and claims of real and hostile HTML."""

import datetime as dt
import gzip
import itertools
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ParseFailed
from service.news import assemble
from service.news.article import Article
from service.news.page.pagecodec import decode_page, encode_page
from service.news.page.pages import Page, extract
from service.news.text.characters import has_controls

BODY = " ".join(["De koers van bitcoin zakte dinsdag verder nadat de minister zijn plannen had toegelicht."] * 3)
STORY = f"""<!DOCTYPE html><html lang="nl-NL"><head><title>Bitcoin zakt verder | Munt en Markt</title>
<meta property="og:title" content="Bitcoin zakt &amp; daalt | Munt en Markt">
<meta property="og:site_name" content="Munt en Markt">
<link rel="canonical" href="/nieuws/bitcoin-zakt?utm_source=x">{{head}}</head>
<body><nav><ul><li>Home</li><li>Markten</li></ul></nav><article><h1>Bitcoin zakt &amp; daalt</h1>
<p>{BODY}</p><h2>Reacties van de markt</h2><p>{BODY.replace("dinsdag", "woensdag")}</p></article>
<footer>Over ons</footer></body></html>"""
URL = "https://www.munt.example/nieuws/bitcoin-zakt"


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


def story(head: str = "", **options: str) -> Page:
    return extract(STORY.format(head=head), url=URL, **options)


def ld(**article: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **article})}</script>'


def test_the_story_is_taken_and_the_frame_is_left() -> None:
    page = story()
    assert (page.title, page.site, page.language_claim) == ("Bitcoin zakt & daalt", "Munt en Markt", "nl-NL")
    assert page.canonical_url == "https://munt.example/nieuws/bitcoin-zakt"
    lines = page.text.split("\n")
    assert "Reacties van de markt" in lines
    assert [line[:30] for line in lines if line.startswith("De koers")] == [
        "De koers van bitcoin zakte din",
        "De koers van bitcoin zakte woe",
    ]
    assert "Markten" not in page.text
    assert page.faults == ("date_missing",)


def test_dates_come_from_json_ld_before_meta_before_time() -> None:
    meta = '<meta property="article:published_time" content="2025-04-08T08:00:00+02:00">'
    assert story(ld(datePublished="2025-04-08T07:00:00Z") + meta).published.instant == utc(2025, 4, 8, 7)
    assert story(meta).published.instant == utc(2025, 4, 8, 6)
    shown = STORY.replace("<h1>", '<time datetime="2025-04-08T05:00:00Z">vandaag</time><h1>')
    assert extract(shown.format(head="")).published.instant == utc(2025, 4, 8, 5)
    changed = story(ld(datePublished="2025-04-08T07:00:00Z", dateModified="2025-04-08T09:30:00Z"))
    assert changed.modified.instant == utc(2025, 4, 8, 9, 30)


def test_a_finer_or_surer_date_beats_an_earlier_source() -> None:
    day, naive = ld(datePublished="2025-04-08"), ld(datePublished="2025-04-08T07:00:00")
    meta = '<meta property="article:published_time" content="2025-04-08T08:00:00+02:00">'
    assert story(day + meta).published.instant == utc(2025, 4, 8, 6)
    assert story(naive + meta).published.zone_assumed is False
    assert story(day).published.reason == "date_day_only"


def test_without_a_zone_the_given_one_is_assumed() -> None:
    naive = '<meta property="article:published_time" content="2025-04-08T08:00:00">'
    assert (story(naive).published.instant, story(naive).published.zone_assumed) == (utc(2025, 4, 8, 8), True)
    assert story(naive, zone="Europe/Amsterdam").published.instant == utc(2025, 4, 8, 6)


def test_the_day_in_the_address_is_the_last_resort() -> None:
    page = extract(STORY.format(head=""), url="https://munt.example/2025/04/08/bitcoin-zakt")
    assert (page.published.instant, page.published.reason) == (utc(2025, 4, 8), "date_day_only")


def test_buried_and_broken_json_ld_is_coped_with() -> None:
    graph = {
        "@graph": [
            {"@type": "Organization"},
            {
                "@type": ["ReportageNewsArticle"],
                "datePublished": "2025-04-08T07:00:00Z",
                "headline": "Kop uit de graaf",
                "author": [{"name": "An Vos"}, {"name": ["B", "C"]}],
            },
        ]
    }
    opening = '<script type="application/ld+json">'
    page = story(f"{opening}{{broken</script>{opening}{json.dumps(graph)}</script>")
    assert (page.title, page.authors, page.published.instant) == (
        "Kop uit de graaf",
        ("An Vos", "B", "C"),
        utc(2025, 4, 8, 7),
    )
    deep = "[" * 5000 + "]" * 5000
    assert story(f'<script type="application/ld+json">{deep}</script>').title == "Bitcoin zakt & daalt"


@pytest.mark.parametrize(
    ("claim", "taken"),
    [
        ("https://evil.example/other-story", ""),
        ("https://munt.example/", ""),
        ("javascript:alert(1)", ""),
        ("https://amp.munt.example/nieuws/bitcoin-zakt/amp", "https://munt.example/nieuws/bitcoin-zakt"),
        ("https://m.munt.example/nieuws/eigen-adres", "https://munt.example/nieuws/eigen-adres"),
    ],
)
def test_a_page_may_claim_only_an_address_of_its_own_site(claim: str, taken: str) -> None:
    """A page that named another site's story as canonical would take over that story's identity."""
    page = extract(STORY.format(head="").replace("/nieuws/bitcoin-zakt?utm_source=x", claim), url=URL)
    assert page.canonical_url == taken


def test_titles_lose_the_name_of_their_site_only() -> None:
    for title, expected in {
        "Markt daalt | Munt en Markt": "Markt daalt",
        "Markt daalt - munt.example": "Markt daalt",
        "BUDGET 3.0 | Sars gets R4bn": "BUDGET 3.0 | Sars gets R4bn",
        "Markt daalt - Economie - Munt en Markt": "Markt daalt - Economie",
    }.items():
        assert story(ld(headline=title)).title == expected


def test_a_paid_stub_a_wall_and_an_empty_page_are_named() -> None:
    stub = STORY.format(head=ld(isAccessibleForFree="False", datePublished="2025-04-08T07:00:00Z"))
    assert extract(re.sub(r"<h2>.*</p></article>", "</article>", stub, flags=re.DOTALL)).faults == ("paywall_stub",)
    wall = "<html><head><title>Just a moment...</title></head><body><p>Verify you are human</p></body></html>"
    assert "challenge" in extract(wall).faults
    assert extract("<html><body></body></html>").faults == ("no_body", "date_missing")


def page_of(title: str, body: str) -> Page:
    return extract(f"<html><head><title>{title}</title></head><body>{body}</body></html>", url=URL)


def test_what_stands_in_a_storys_place_has_a_code_each() -> None:
    story_text = f"<article><p>{BODY * 4}</p></article>"
    form = "<form><input name=user><input type=password></form>"
    for title, body, wall in [
        ("Log in | Munt en Markt", "<p>Welkom terug</p>" + form, "login"),
        ("Munt en Markt", "<p>Vul uw gegevens in</p>" + form, "login"),
        ("404 - pagina niet gevonden", "<p>Zoek verder</p>", "soft_404"),
        ("Oeps", "<p>Sorry, this page could not be found.</p>", "soft_404"),
        ("Even geduld", "<p>Enable JavaScript and cookies to continue</p>", "challenge"),
        (
            "Uw keuze",
            "<script src='https://myprivacy.dpgmedia.nl/x.js'></script><p>Wij gebruiken cookies</p>",
            "consent_wall",
        ),
        ("404 million dollars stolen", story_text, ""),
        ("Bitcoin daalt", story_text + form, ""),
    ]:
        assert page_of(title, body).wall == wall, title


def test_published_and_changed_are_told_apart_with_what_told_them() -> None:
    dated = story(
        ld(datePublished="2025-04-08T07:00:00Z") + '<meta name="last-modified" content="2025-04-09T07:00:00Z">'
    )
    assert (dated.published_by, dated.modified_by, dated.modified.instant) == ("json_ld", "meta", utc(2025, 4, 9, 7))
    only_changed = story('<meta property="article:modified_time" content="2025-04-09T07:00:00Z">')
    assert (only_changed.published.instant, only_changed.modified.instant) == (None, utc(2025, 4, 9, 7))


def test_visible_dates_count_beside_the_headline_only() -> None:
    def shown(markup: str) -> Page:
        return extract(STORY.format(head="").replace("</h1>", f"</h1>{markup}", 1), url=URL)

    dutch = shown('<p class="meta-date">Gepubliceerd: 8 april 2025 om 14:05 uur</p>')
    assert (dutch.published.instant, dutch.published_by) == (utc(2025, 4, 8, 14, 5), "shown")
    both = shown('<span class="date">Bijgewerkt: 9 april 2025</span><span class="date">8 april 2025</span>')
    assert (both.published.instant, both.modified.instant) == (utc(2025, 4, 8), utc(2025, 4, 9))
    english = shown('<div class="post-date">April 8, 2025 | 2:05 pm EDT</div>')
    assert english.published.instant == utc(2025, 4, 8, 18, 5)
    comment = shown('<div class="comments"><span class="date">10 april 2025</span></div>')
    related = shown('<aside><span class="date">10 april 2025</span></aside>')
    assert (comment.published.instant, related.published.instant) == (None, None)
    assert shown('<span class="date">1 januari 1970</span>').published.instant is None


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ('<p class="byline">Door An Vos en Bo de Wit</p>', ("An Vos", "Bo de Wit")),
        ('<span class="author-name">By Jane Doe, Senior Reporter | April 8</span>', ("Jane Doe",)),
        ('<a rel="author" href="/a">An Vos</a><div class="author">An Vos is redacteur.</div>', ("An Vos",)),
        ("<p>By JANE DOE</p>", ("JANE DOE",)),
        ('<div class="comment"><span class="author">Piet</span></div>', ()),
        ("<p>Door de regen daalde niets, zei men gisteren in een lang verhaal over het weer.</p>", ()),
    ],
)
def test_visible_bylines_give_names_only(byline: str, names: tuple[str, ...]) -> None:
    assert extract(STORY.format(head="").replace("</h1>", f"</h1>{byline}", 1), url=URL).authors == names


def test_people_go_before_organisations_and_the_site() -> None:
    both = ld(author=[{"@type": "Organization", "name": "ANP"}, {"@type": "Person", "name": "By An Vos"}])
    assert story(both).authors == ("An Vos",)
    assert story(ld(author=[{"name": "Munt en Markt"}, {"name": "An Vos"}])).authors == ("An Vos",)
    assert story(ld(author={"@type": "Organization", "name": "ANP"})).authors == ("ANP",)
    assert story('<meta name="author" content="An Vos, Bo de Wit and C. Smit">').authors == (
        "An Vos",
        "Bo de Wit",
        "C. Smit",
    )


def test_sections_and_access_are_told() -> None:
    trail = {"@type": "BreadcrumbList", "itemListElement": [{"name": "Home"}, {"name": "Markten"}, {"name": "Kop"}]}
    told = f'<script type="application/ld+json">{json.dumps(trail)}</script>'
    assert story(told).section == "Markten"
    assert story(told + '<meta property="article:section" content="Crypto">').section == "Crypto"
    assert (story().section, story().is_paid) == ("", False)
    assert story(ld(hasPart={"isAccessibleForFree": False})).is_paid
    assert story('<meta property="article:content_tier" content="locked">').is_paid
    assert not story('<meta property="article:content_tier" content="metered">').is_paid


def test_the_text_in_json_ld_stands_in_for_a_body_built_by_scripts() -> None:
    page = extract(f"<html><head>{ld(articleBody=BODY)}</head><body><div id='app'></div></body></html>")
    assert page.text == BODY


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_pages_are_decoded_by_what_they_are(encoding: str) -> None:
    body = STORY.format(head=f'<meta charset="{encoding}">').replace("minister", "café-eigenaar").encode(encoding)
    assert "café-eigenaar" in extract(body).text


@pytest.mark.parametrize("body", [b"", b"no page", b"%PDF-1.7 \x00\xff", b'{"json": true}', b"<"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(ParseFailed) as failed:
        extract(body)
    assert failed.value.reason == "malformed"


def test_sizes_are_bounded() -> None:
    with pytest.raises(ParseFailed) as failed:
        extract(b"<p>" * 4_000_000)
    assert failed.value.reason == "too_large"
    filler = "<div hidden>" + "<!-- filler -->" * 150_000 + "</div></body>"
    long = extract(STORY.format(head="").replace("</body>", filler))
    assert ("too_large" in long.faults, "Reacties van de markt" in long.text) == (True, True)


_PIECES = """
<p>|</p>|<div |>|<script type='application/ld+json'>|</script>|'|tekst |é|]]>|<!--|<svg><title>|</article>|<h2>|<figure>
{"@type":"Article","headline":[1],"author":{"name":{}}}|<meta property='og:title' content=|<time datetime='x'>|<h1>
<link rel=canonical href='http://['>|<html lang='zz_'>|<article>|<title>\u2016</title>|<ul><li>|<br><br>|<table><tr><td>
<div class='comments'>|<div class='article-body'>|<form><input type=password>|<span class=author>Door An|&#x1f;|&#xd800;
<div class='date'>8 april 2025|&nbsp;|\x00|\ud800|\x9d\u202e
"""
PIECES = st.sampled_from([*_PIECES.strip().replace("\n", "|").split("|"), "<p>" + "prose of a story, \x07 " * 9])


@settings(deadline=None, max_examples=int(os.environ.get("NEWSCANDLE_TEST_EXAMPLES", "50")))
@given(st.lists(PIECES, max_size=25).map("".join))
def test_pages_of_any_shape_are_read_or_refused(html: str) -> None:
    try:
        page = extract(html, url=URL)
    except ParseFailed:
        return
    (page.title + page.text + page.canonical_url + "".join(page.authors)).encode()
    assert not has_controls(page.title + page.text + page.section + "".join(page.authors))
    assert decode_page(encode_page(page)) == page
    made = assemble.from_page(page, url=URL, source="s", first_seen_at=utc(2026, 1, 1))
    if isinstance(made, Article):
        assert all(0 <= one.start < one.end <= len(made.text) for one in made.passages)
        assert all(one.end <= other.start for one, other in itertools.pairwise(made.passages))


def letters(text: str) -> str:
    return re.sub(r"\W", "", text.lower())


@pytest.mark.data
@pytest.mark.slow
def test_titles_and_dates_of_real_pages_agree_with_their_gold(shared_data: Path) -> None:
    """81 pages of 60 publishers with hand-made gold: instants nearly always, shown headlines mostly (many have two)."""
    counts = {"pages": 0, "title": 0, "date": 0, "near": 0}
    for gold in sorted((shared_data / "pages" / "fundus").glob("*/*.json")):
        versions = [*json.loads(gold.read_text()).values()]
        addresses = json.loads((gold.parent / "meta.info").read_text())
        for file in gold.parent.glob(f"{gold.stem}_2*.html.gz"):
            page = extract(gzip.decompress(file.read_bytes()), url=addresses.get(file.name, {}).get("url", ""))
            stamps = [dt.datetime.fromisoformat(version["publishing_date"]) for version in versions]
            known = [stamp if stamp.tzinfo else stamp.replace(tzinfo=dt.UTC) for stamp in stamps]
            counts["pages"] += 1
            counts["date"] += any(
                page.published.instant and abs(page.published.instant - one) < dt.timedelta(minutes=1) for one in known
            )
            counts["title"] += any(letters(version["title"]) == letters(page.title) for version in versions)
            paragraphs = [
                [text for section in version["body"]["sections"] for text in section["paragraphs"]]
                for version in versions
            ]
            kept = [sum(text[:60] in page.text for text in texts) / max(1, len(texts)) for texts in paragraphs]
            counts["near"] += max(kept) >= 0.8
    assert counts["pages"] == 81
    assert counts["date"] >= 80
    assert counts["title"] >= 68
    assert counts["near"] >= 72, counts


@pytest.mark.data
def test_crypto_pages_are_read(shared_data: Path) -> None:
    folder = shared_data / "pages" / "crypto_pages"
    coindesk = extract((folder / "coindesk.html").read_bytes())
    assert (coindesk.published.instant, coindesk.published.zone_assumed) == (utc(2025, 4, 7, 15, 7, 35, 128_000), False)
    assert "Speculation about a Trump tariff delay" in coindesk.text
    assert "Back to menu" not in coindesk.text
    decrypt = extract((folder / "decrypt.html").read_bytes())
    assert (decrypt.published.instant, decrypt.published.zone_assumed) == (utc(2025, 4, 8, 6, 15, 56), True)
    assert decrypt.authors == ("Vince Dioquino",)
