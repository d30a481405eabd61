"""The command line as people and programs meet it: real processes, their exit codes and what they print where."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from jobs.cli import app
from jobs.console import run_app
from tests.jobs.houses import command, environment, newscandle

HEAVY = (
    "pandas",
    "numpy",
    "ccxt",
    "sqlalchemy",
    "statsmodels",
    "aiohttp",
    "trafilatura",
    "scipy",
    "pydantic",
    "onnxruntime",
    "tokenizers",
)
PASSWORD = "hunter2-secret"


def _leaves(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Everything that does something; a group that is also a command, as `report`, is one of them."""
    for name, made in sorted(getattr(group, "commands", {}).items()):
        if hasattr(made, "commands"):
            yield from _leaves(made, (*path, name))
        if getattr(made, "invoke_without_command", True):
            yield (*path, name), made


COMMANDS = dict(_leaves(typer.main.get_command(app)))


def assert_one_line(done: "subprocess.CompletedProcess[str]", status: int, *told: str) -> None:
    """Nothing on stdout, one line on stderr that begins with the program's name and holds each of `told`."""
    assert (done.returncode, done.stdout) == (status, ""), done
    assert done.stderr.startswith("newscandle: ")
    assert done.stderr.count("\n") == 1
    for word in told:
        assert word in done.stderr


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """What makes `--help` quick: none of the big libraries is imported for it."""
    words = [sys.executable, "-X", "importtime", "-m", "jobs", "--help"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...]) -> None:
    """Help text, an example that calls this very command, and a word on every option."""
    made = COMMANDS[path]
    assert str(getattr(made, "help", "")).strip()
    example = str(getattr(made, "epilog", ""))
    assert example.startswith("Example: ")
    assert f"newscandle {' '.join(path)}" in example
    for parameter in getattr(made, "params", []):
        assert getattr(parameter, "help", ""), parameter.name


def test_help_names_every_command(tmp_path: Path) -> None:
    done = newscandle(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for path in COMMANDS:
        assert f"\n  {path[0]} " in done.stdout
    assert list(tmp_path.iterdir()) == []  # asking for help makes no store


def test_version(tmp_path: Path) -> None:
    done = newscandle(tmp_path, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("newscandle 0.")


def called(
    folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "subprocess.CompletedProcess[str]":
    """What a process given these words would end with, without starting one."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["newscandle", *words])
    with pytest.raises(SystemExit) as ended:
        run_app(app)
    assert isinstance(ended.value.code, int)
    return subprocess.CompletedProcess(words, ended.value.code, *capsys.readouterr())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fly",), ("fly",)),
        (("score", "--fast"), ("--fast",)),
        (("import", "candles", "nowhere.csv"), ("nowhere.csv",)),
        (("ingest", "nowhere.txt"), ("nowhere.txt", "neither the name of a source")),
        (("ingest", "text.txt", "--published", "yesterday"), ("--published", "yesterday")),
        (("ingest", "text.txt", "--published", "2024-05-01T09:00:00"), ("--published", "zone")),
        (("report", "--target", "bitcon"), ("bitcon", "did you mean bitcoin")),
        (("report", "--interval", "2h"), ("--interval", "2h", "1h")),
        (("report", "--from", "2024-01-01", "list"), ("--from", "list", "after its name")),
        (("export", "--format", "xlsx"), ("--format", "parquet or csv")),
        (("-c", "broken.toml", "status"), ("broken.toml", "not valid TOML")),
        (("-c", "absent.toml", "status"), ("absent.toml", "newscandle init")),
        (("-c", "unknown.toml", "status"), ("prices.simbol", "symbol")),
        (("import", "articles", "text.txt", "--map", "heading=x"), ("--map", "heading=x")),
        (("tone", "nowhere.jsonl"), ("nowhere.jsonl",)),
        (("tone", "--scorer", "oracle"), ("oracle", "choose rules, vader, linear, encoder")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    tmp_path: Path,
    words: tuple[str, ...],
    told: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "text.txt").write_text("Bitcoin climbs", encoding="utf-8")
    (tmp_path / "broken.toml").write_text("[store\n", encoding="utf-8")
    (tmp_path / "unknown.toml").write_text('[prices]\nsimbol = "BTC/USD"\n', encoding="utf-8")
    assert_one_line(called(tmp_path, words, monkeypatch, capsys), 2, *told)


def test_a_word_that_is_no_command_in_a_real_process(tmp_path: Path) -> None:
    """The same as above through `python -m jobs`."""
    assert_one_line(newscandle(tmp_path, "fly"), 2, "fly")
    assert_one_line(newscandle(tmp_path, "report", "--target", "bitcon"), 2, "did you mean bitcoin")


def test_work_that_fails_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    assert_one_line(newscandle(tmp_path, "align"), 1, "no BTC/USD candles", "newscandle prices")


def test_a_variable_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    assert_one_line(newscandle(tmp_path, "status", NEWSCANDLE_PRICES__SIMBOL="X"), 2, "NEWSCANDLE_PRICES__SYMBOL")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@127.0.0.1:9/news",
        f"postgresql://me:{PASSWORD}@nowhere.invalid/news",
        f"mysql://me:{PASSWORD}@127.0.0.1/news",
        f"postgresql://me:{PASSWORD}@[::1/news",
    ],
)
def test_a_password_is_never_printed(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with the address or the server behind it."""
    (tmp_path / "own.toml").write_text(f'[store]\nurl = "{url}"\n', encoding="utf-8")
    done = called(tmp_path, ("-c", "own.toml", "status"), monkeypatch, capsys)
    assert_one_line(done, done.returncode)
    assert done.returncode in (1, 2)
    assert PASSWORD not in done.stderr


def test_a_password_from_the_environment_is_not_printed_either(tmp_path: Path) -> None:
    done = newscandle(tmp_path, "status", NEWSCANDLE_STORE__URL=f"postgresql://me:{PASSWORD}@127.0.0.1:9/news")
    assert_one_line(done, 1, "127.0.0.1")
    assert PASSWORD not in done.stderr


def test_json_is_one_object_a_job(tmp_path: Path) -> None:
    """`--json` prints an object a line and nothing else, and status tells what came of it."""
    (tmp_path / "text.txt").write_text(
        "Bitcoin plunges\n\nBitcoin plunged on Friday as miners panicked.", encoding="utf-8"
    )
    done = newscandle(tmp_path, "ingest", "text.txt", "--published", "2024-05-01T09:00:00Z", "--json")
    record = json.loads(done.stdout)
    assert (record["job"], record["outcome"], record["counts"]["new"]) == ("ingest", "ok", 1)
    assert done.returncode == 0
    status = json.loads(newscandle(tmp_path, "status", "--json").stdout)
    assert status["held"]["articles"] == 1
    assert status["runs"][0]["job"] == "ingest"
    assert "articles" in newscandle(tmp_path, "status").stdout


def test_files_are_sought_where_the_command_is_given(tmp_path: Path) -> None:
    """Settings in another folder move the store, not the file named on the command line."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "own.toml").write_text("source = []\n", encoding="utf-8")
    (tmp_path / "text.txt").write_text("Bitcoin climbs", encoding="utf-8")
    done = newscandle(tmp_path, "-c", "home/own.toml", "ingest", "text.txt")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "newscandle.db").exists()


def tone(folder: Path, *records: object, words: tuple[str, ...] = ()) -> list[dict[str, object]]:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    done = newscandle(folder, "tone", *words, stdin=lines)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_tone_of_lines(tmp_path: Path) -> None:
    """A target, a name of its own, a span, none, a language nobody reads, an absent target: a line each, in order."""
    text = "Bitcoin plunges after a devastating hack, while Acme Bank celebrates record profits."
    start = text.index("Acme Bank")
    found = tone(
        tmp_path,
        {"id": 1, "text": text, "target": "bitcoin", "lang": "en"},
        {"id": 2, "text": text, "target": "Acme Bank", "lang": "en"},
        {"id": 3, "text": text, "span": [start, start + 9], "lang": "en"},
        {"id": 4, "text": "Een geweldige winst voor iedereen, zegt de tevreden minister."},
        {"id": "x", "text": "ビットコインが急落した。", "target": "bitcoin", "lang": "ja"},
        {"id": None, "text": text, "target": "trump", "lang": "en"},
    )
    assert [line["id"] for line in found] == [1, 2, 3, 4, "x", None]
    assert [line["state"] for line in found] == [
        "scored", "scored", "scored", "scored", "unsupported_language", "no_mention",
    ]  # fmt: skip
    scores = [line["score"] for line in found]
    assert scores[0] is not None and scores[0] < 0  # type: ignore[operator]  # noqa: PT018
    assert scores[1] is not None and scores[1] > 0  # type: ignore[operator]  # noqa: PT018
    assert scores[1] == scores[2]
    assert scores[3] is not None and scores[3] > 0  # type: ignore[operator]  # noqa: PT018
    assert scores[4:] == [None, None]
    assert found[3]["lang"] == "nl"
    assert all(set(line) == set(found[0]) for line in found)
    assert list(tmp_path.iterdir()) == []  # no store is touched


def test_tone_by_another_scorer_and_with_targets_of_ones_own(tmp_path: Path) -> None:
    record = {"id": 1, "text": "A great day for Bitcoin", "target": "bitcoin", "lang": "en"}
    [line] = tone(tmp_path, record, words=("--scorer", "vader"))
    assert str(line["scorer"]).startswith("vader/")


@pytest.mark.parametrize(
    ("line", "told"),
    [("{oops", ("line 2", "JSON")), ('{"id": 7}', ("line 2", "text")), ("[1]", ("line 2",)),
     ('{"id": 7, "text": "Bitcoin", "span": [3, 99]}', ("line 2", "span"))],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: str, told: tuple[str, ...]) -> None:
    done = newscandle(tmp_path, "tone", stdin='{"id": 1, "text": "Bitcoin gains"}\n' + line + "\n")
    assert done.returncode == 2
    assert done.stderr.startswith("newscandle: ")
    assert done.stderr.count("\n") == 1
    for word in told:
        assert word in done.stderr


def test_a_reader_that_leaves_early_is_no_crash(tmp_path: Path) -> None:
    """`newscandle tone … | head -1` ends without a traceback."""
    lines = '{"id": 1, "text": "Bitcoin gains"}\n' * 3000
    (tmp_path / "lines.jsonl").write_text(lines, encoding="utf-8")
    words = command("tone", "lines.jsonl")
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in errors
