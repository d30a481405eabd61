"""What is shipped to run newscandle elsewhere, judged by the programs that read it where they are installed."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.jobs.houses import REPOSITORY

DEPLOY = REPOSITORY / "docs" / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
GIVEN = {
    "POSTGRES_PASSWORD": "a",
    "GRAFANA_PASSWORD": "b",
    "NEWSCANDLE_CONTACT": "c@d.example",
    "PATH": "/usr/bin:/bin",
}


def run(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=60, check=False, env=variables or None
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_and_finds_it_locked_down(tmp_path: Path) -> None:
    unit = tmp_path / "newscandle.service"
    text = (DEPLOY / "newscandle.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/newscandle/bin/newscandle", "/bin/true"), "utf-8")
    done = run("systemd-analyze", "verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
    exposure = float(re.findall(r"Overall exposure level for newscandle.service: ([0-9.]+)", done.stdout)[0])
    assert exposure < 2, "of 10"


def test_every_service_is_pinned_watched_bounded_and_closed_to_the_world() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "newscandle", "prometheus", "grafana"}
    for name, service in COMPOSE["services"].items():
        assert re.fullmatch(r"\S+:v?\d+\.\d+\S*", service["image"]), name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert name == "newscandle" or service["healthcheck"]["test"], "its own is in the Containerfile"
    secret = re.compile(r"(?i)password")
    for service in COMPOSE["services"].values():
        for key, value in service.get("environment", {}).items():
            assert not secret.search(key) or re.fullmatch(r"\$\{\w+:\?.*\}", value), key
    for here in {one.split(":")[0] for service in COMPOSE["services"].values() for one in service.get("volumes", ())}:
        assert here in COMPOSE["volumes"] or (DEPLOY / here).exists(), here


@pytest.mark.skipif("NEWSCANDLE_TEST_RULES" not in os.environ, reason="set NEWSCANDLE_TEST_RULES=1: seconds")
@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_compose_takes_the_file_and_refuses_it_without_passwords(tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    is_old = run("docker-compose", "--version").stdout.startswith("docker-compose version 1.")
    # what version 1 does not know yet: the project's name
    (tmp_path / "compose.yaml").write_text(text.replace("\nname: newscandle\n", "\n") if is_old else text, "utf-8")
    words = ("docker-compose", "-f", tmp_path / "compose.yaml", "--project-directory", DEPLOY, "config")
    done = run(*words, **GIVEN)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(COMPOSE["services"])
    done = run(*words, **{name: value for name, value in GIVEN.items() if name != "POSTGRES_PASSWORD"})
    assert done.returncode != 0
    assert "set it in .env" in done.stderr


def test_the_containerfile_copies_what_there_is_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    steps = [line.split(maxsplit=1) for line in lines]
    assert {word for word, _ in steps} <= {
        "FROM", "ARG", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip
    allowed = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").split()
    for word, rest in steps:
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (REPOSITORY / name).exists(), name
                assert f"!{name}" in allowed, name
    stages = [rest for word, rest in steps if word == "FROM"]
    assert all(re.match(r"\S+:\d+\.\d+\.\d+\S*", one) for one in stages), "pinned"
    last = dict(steps[[place for place, (word, _) in enumerate(steps) if word == "FROM"][-1] :])
    assert last["USER"].split(":")[0] not in ("root", "0")
    assert json.loads(last["ENTRYPOINT"]) == ["newscandle"]
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2]) == ["newscandle", "status", "--check"]
    assert "--require-hashes" in text


def test_the_page_of_settings_is_the_packaged_file() -> None:
    """All of `jobs/newscandle.toml` before its sources stands in docs/settings.md, word for word."""
    told = (
        (REPOSITORY / "jobs" / "newscandle.toml").read_text("utf-8").partition("# Where news comes from.")[0].rstrip()
    )
    assert f"```toml\n{told}\n```\n" in (REPOSITORY / "docs" / "settings.md").read_text("utf-8")
