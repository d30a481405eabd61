"""`newscandle read`: a file, a stored article, and what cannot be read, as people meet it."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from jobs.cli import app
from jobs.console import run_app
from jobs.ingest import Given, ingest_given
from jobs.read import Asked, read_article
from service.errors import BadInput
from service.instants import format_instant
from tests.jobs.houses import Hands, a_house, idle, rows

ENGLISH = "Trump praises Bukele, slams the Fed\n\nTrump praised Bukele but slammed the Fed on Monday.\n"
DUTCH = "Trump prees Bukele maar haalde uit naar de ECB\n\nTrump prees Bukele maandag, maar haalde uit naar de ECB.\n"
PAGE = """<html lang="en"><head><title>Bitcoin plunges</title>
<link rel="canonical" href="https://news.example/bitcoin-plunges">
<meta property="article:published_time" content="2024-05-01T09:00:00Z"></head>
<body><article><h1>Bitcoin plunges</h1><p>Bitcoin plunged on Wednesday after a devastating hack, and the whole market
panicked as exchanges closed their doors one after another.</p></article></body></html>"""
FEED = '<rss version="2.0"><channel><title>x</title><item><title>Bitcoin</title></item></channel></rss>'


def called(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `newscandle read` with these words, called in `folder`."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NEWSCANDLE_CLOCK", "2025-04-14T12:00:00Z")
    monkeypatch.setattr(sys, "argv", ["newscandle", "read", *words])
    with pytest.raises(SystemExit) as ended:
        run_app(app)
    assert isinstance(ended.value.code, int)
    told = capsys.readouterr()
    return ended.value.code, told.out, told.err


@pytest.mark.parametrize(
    ("text", "up", "down"),
    [(ENGLISH, "Nayib Bukele", "Federal Reserve"), (DUTCH, "Nayib Bukele", "ECB")],
    ids=["en", "nl"],
)
def test_a_file_is_read_in_both_languages_without_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, up: str, down: str
) -> None:
    """Opposite signs in one sentence, on the terminal and on the page; nothing else is written."""
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    words = ("text.txt", "--scorer", "rules", "--scorer", "linear", "--html", "page.html")
    status, out, err = called(tmp_path, monkeypatch, capsys, *words)
    assert (status, err) == (0, "")
    assert f"Toward {up}: positive (rules +" in out
    assert f"Toward {down}: negative (rules −" in out
    assert out.endswith("page: page.html\n")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "First seen" in page
    assert "2025-04-14 12:00 UTC" in page
    assert sorted(file.name for file in tmp_path.iterdir()) == ["page.html", "text.txt"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere.txt",), ("nowhere.txt", "neither a file nor")),
        (("empty.txt",), ("empty.txt", "holds no text")),
        (("feed.xml",), ("feed.xml", "newscandle ingest")),
        (("https://news.example/unknown",), ("no such article is stored",)),
        (("0" * 32,), ("no such article is stored",)),
        (("0" * 32, "--language", "nl"), ("--language", "for files")),
        (("text.txt", "--scorer", "oracle"), ("--scorer", "oracle", "choose rules")),
        (("text.txt", "--published", "yesterday"), ("--published", "yesterday")),
        (("text.txt", "--published", "2031-01-01"), ("text.txt", "date_future")),
        (("text.txt", "--targets", "none.toml"), ("none.toml",)),
        (("text.txt", "--scorer", "rules", "--html", "no/such/folder.html"), ("--html", "no/such/folder.html")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: tuple[str, ...],
) -> None:
    (tmp_path / "text.txt").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "empty.txt").write_text(" \n\n", encoding="utf-8")
    (tmp_path / "feed.xml").write_text(FEED, encoding="utf-8")
    status, out, err = called(tmp_path, monkeypatch, capsys, *words)
    assert status == 2
    assert err.startswith("newscandle: ")
    assert err.count("\n") == 1
    for word in told:
        assert word in err
    assert "page:" not in out


def test_a_language_nobody_reads_is_said_and_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    german = "Der Bitcoin ist am Mittwoch nach einem schweren Angriff auf die Börse um zehn Prozent gefallen.\n"
    (tmp_path / "text.txt").write_text(german * 2, encoding="utf-8")
    status, out, _ = called(tmp_path, monkeypatch, capsys, "text.txt", "--scorer", "rules", "--html", "page.html")
    assert status == 0
    assert "No scorer chosen here reads its language (German)" in out
    assert "gefallen" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_stored_article_is_found_by_address_and_key_in_its_newest_revision(tmp_path: Path) -> None:
    """As ingested, with its instants; the address in any spelling; an edit shows the newer text."""
    file = tmp_path / "page.html"
    with a_house(tmp_path) as house:
        for page in (PAGE, PAGE.replace("plunged on Wednesday", "gained on Wednesday")):
            file.write_text(page, encoding="utf-8")
            ingest_given(house, Given((str(file),)), idle)
        [(key,)] = rows(house, "SELECT key FROM article")
        for name in ("https://news.example/bitcoin-plunges", "HTTPS://news.example/bitcoin-plunges#top", str(key)):
            close = read_article(Asked(name, ("rules",)), lambda: house)
            assert close.article.url == "https://news.example/bitcoin-plunges"
            assert "gained on Wednesday" in close.article.text
            assert close.article.source == "given"
            assert close.catalogue == house.catalogue
        with pytest.raises(BadInput, match="no such article"):
            read_article(Asked("https://news.example/other"), lambda: house)


def test_a_stored_article_is_read_as_it_was_at_an_instant(tmp_path: Path) -> None:
    """Edited at one o'clock, taken back at two; the page's own file is asked without an instant."""
    file, clock = tmp_path / "page.html", Hands()
    address, began = "https://news.example/bitcoin-plunges", clock.now
    with a_house(tmp_path, clock=clock) as house:
        for page in (PAGE, PAGE.replace("plunged on Wednesday", "gained on Wednesday"), PAGE):
            file.write_text(page, encoding="utf-8")
            ingest_given(house, Given((str(file),)), idle)
            clock.now += dt.timedelta(hours=1)

        def read_at(hours: float) -> str:
            as_of = format_instant(began + dt.timedelta(hours=hours))
            return read_article(Asked(address, ("rules",), as_of=as_of), lambda: house).article.text

        assert ["gained" in read_at(hours) for hours in (0, 1, 1.5, 2, 3)] == [False, True, True, False, False]
        for what, hours, told in (
            (address, -1, "as of 2024-05-10T11:00:00Z"),
            (address, 9, "ahead"),
            (str(file), 0, "a file"),
        ):
            as_of = format_instant(began + dt.timedelta(hours=hours))
            with pytest.raises(BadInput, match=told):
                read_article(Asked(what, ("rules",), as_of=as_of), lambda: house)


def test_a_page_file_is_read_with_its_own_date(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE, encoding="utf-8")
    close = read_article(Asked(str(file), ("rules",)), lambda: pytest.fail("the store was opened"))
    assert close.article.title == "Bitcoin plunges"
    assert f"{close.article.published.instant:%Y-%m-%d %H:%M}" == "2024-05-01 09:00"
    assert [score.target for score in close.scorers[0].reading.scores] == ["bitcoin"]


def test_the_founding_article(shared_data: Path) -> None:
    """Neutral toward Bukele, Trump and Bitcoin by linear; the wallet advert and the author lines weigh nothing."""
    file = shared_data / "news/article_nl_bukele_trump_bitcoin.txt"
    close = read_article(Asked(str(file), ("rules", "linear")), lambda: pytest.fail("the store was opened"))
    labels = {score.target: score.label.value for score in close.scorers[1].reading.scores if score.label}
    assert {labels[key] for key in ("bukele", "trump", "bitcoin")} == {"neutral"}
    advert = close.article.text.index("Koop je crypto via Best Wallet")
    assert max(one.end for one in close.mentions) < advert
    assert next(one.kind.value for one in close.article.passages if one.start >= advert) == "promo"
