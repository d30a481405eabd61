"""Hooks against real servers: what arrives, by which doors it may not leave, and what a hostile title cannot do."""

import email
import email.policy
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dashboards.alerts.chat import write_payload
from dashboards.alerts.letter import write_letter
from jobs.alert_settings import Alerts, Hook
from jobs.asking import RetryLater
from jobs.hooks import send
from jobs.house import House
from jobs.mail import MailFailed
from jobs.settings import Ingest
from jobs.settings_file import read_settings
from service.alerts.alert import Alert, Kind, compose
from service.alerts.signing import is_genuine
from service.alerts.trouble import Step
from service.errors import BadInput, FetchFailed
from service.health.findings import Severity
from tests.jobs.houses import NOW, a_house
from tests.mail_server import LOGIN, MailBox, make_certificate, serve_mail
from tests.web_server import Answer, Web, serve

SECRET = "a secret of sixteen"
PUBLIC = Ingest()
INNER = Alerts(allow_networks=("127.0.0.0/8",))
HOSTILE = (
    "<script>alert(1)</script> <!channel> @channel [x](javascript:alert(1)) *bold* |pipe\r\nBcc: all@example.org\r\n"
    "\r\n\u202egnp.exe\x00 </title>"
)


def a_body(title: str = "Bitcoin falls", url: str = "https://news.example/a", **changes: Any) -> dict[str, Any]:
    article = {
        "title": title, "source": "wire", "url": url, "language": "en", "published_at": None,
        "available_at": "2024-05-10T11:00:00Z", "state": "scored", "score": -0.5, "weight": 2.0, "contribution": -0.25,
    }  # fmt: skip
    silent = {**article, "title": "Market wrap", "state": "no_signal", "score": None, "contribution": 0.0}
    details = {"articles": [article, silent], "other_articles": {"count": 3, "contribution": -0.125}}
    shock = Alert(
        "sentiment_shock/bitcoin/1h/rules/1@2024-05-10T11:00:00Z", Kind.SENTIMENT, "sentiment_shock", "bitcoin/1h",
        Severity.WARNING, f"Bitcoin: news far more negative than usual {title}", "Sentiment −0.38.", "explain", NOW,
        details,
    )  # fmt: skip
    return {**compose(replace(shock, **changes), Step.OPENED, "ops", NOW).body}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serve({"/hook": Answer(204)}) as running:
        yield running


@pytest.fixture(scope="module")
def inner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that may post inside its own network, and nowhere else that is not public."""
    with a_house(tmp_path_factory.mktemp("inner"), ingest=PUBLIC, alerts=INNER) as house:
        yield house


def webhook(web: Web, path: str = "/hook", **more: Any) -> Hook:
    return Hook(name="ops", url=SecretStr(web.url + path), **more)


def test_a_posting_arrives_signed_with_its_id_and_the_same_bytes_again(web: Web, inner: House) -> None:
    hook, body = webhook(web, secret=SecretStr(SECRET)), a_body()
    send(inner, hook, body)
    send(inner, hook, body)
    first, again = web.requests("/hook")[-2:]
    assert first["idempotency-key"] == again["idempotency-key"] == body["id"]
    assert first["newscandle-event"] == "opened"
    assert web.bodies[-1] == web.bodies[-2]
    assert is_genuine(SECRET, web.bodies[-1], first["newscandle-signature"], NOW)
    told = json.loads(web.bodies[-1])
    assert told == body
    assert told["schema"] == "newscandle.alert/1"
    send(inner, webhook(web), body)
    assert "newscandle-signature" not in web.requests("/hook")[-1]


def test_nothing_leaves_for_an_inner_address_unless_the_operator_names_it(inner: House, web: Web) -> None:
    asked = len(web.log)
    strict = replace(inner, settings=inner.settings.model_copy(update={"alerts": Alerts()}))
    with pytest.raises(FetchFailed) as caught:
        send(strict, webhook(web), a_body())
    assert caught.value.reason == "blocked_address"
    assert len(web.log) == asked


def test_a_redirect_is_followed_nowhere_and_failures_do_not_show_the_address(web: Web, inner: House) -> None:
    """The path of such an address is a secret: of it no error says more than the host."""
    with serve({"/metadata": Answer(200, b"secret")}) as inside:
        web.answers |= {
            "/T0/hunter2": Answer(302, b"", {"Location": f"{inside.url}/metadata"}),
            "/T1/hunter2": Answer(500), "/T2/hunter2": Answer(410), "/T4/hunter2": Answer(204, b"", {}, cut=0),
            "/T3/hunter2": Answer(429, b"", {"Retry-After": "90"}),
            "/T5/hunter2": lambda _: slow(),
        }  # fmt: skip
        reasons = {
            "/T0": "redirected",
            "/T1": "unavailable",
            "/T2": "gone",
            "/T3": "rate_limited",
            "/T5": "read_timeout",
        }
        for path, reason in reasons.items():
            patience = 0.3 if path == "/T5" else 10.0
            with pytest.raises(FetchFailed) as caught:
                send(inner, webhook(web, f"{path}/hunter2", timeout_seconds=patience), a_body())
            assert caught.value.reason in (reason, "total_timeout"), path
            assert "hunter2" not in str(caught.value)
            assert web.url in str(caught.value)
            if path == "/T3":
                assert isinstance(caught.value, RetryLater)
                assert caught.value.seconds == 90
        assert inside.log == []
    closed = Hook(name="ops", url=SecretStr("http://127.0.0.1:9/hunter2"))
    with pytest.raises(FetchFailed) as caught:
        send(inner, closed, a_body())
    assert caught.value.reason == "blocked_port"


def slow() -> Answer:
    time.sleep(0.6)
    return Answer(200)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    return {name: make_certificate(folder, name) for name in ("localhost", "other.example")}


def mailing(box: MailBox, certificate: Path | None, **more: Any) -> Hook:
    fields: dict[str, Any] = {
        "name": "desk", "kind": "mail", "host": "localhost", "port": box.port, "sender": "newscandle@example.org",
        "to": ("desk@example.org", "night@example.org"), "timeout_seconds": 10.0,
        "ca_file": str(certificate) if certificate else "",
    }  # fmt: skip
    return Hook(**(fields | more))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_over_verified_tls_with_one_message_id(
    inner: House, certificates: dict[str, Path], security: str
) -> None:
    with serve_mail(certificates["localhost"], is_tls=security == "tls") as box:
        login = {"user": SecretStr(LOGIN[0]), "password": SecretStr(LOGIN[1])}
        hook = mailing(box, certificates["localhost"], security=security, **login)
        body = a_body(HOSTILE)
        send(inner, hook, body)
        send(inner, hook, body)
        (sender, recipients, raw, is_secure), again = box.mails
        assert (sender, recipients) == ("<newscandle@example.org>", ["<desk@example.org>", "<night@example.org>"])
        assert is_secure
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["Message-ID"] == f"<{body['id']}@example.org>"
        assert email.message_from_bytes(again[2])["Message-ID"] == mail["Message-ID"]
        names = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Newscandle-Event", "MIME-Version"]
        assert [name for name in mail if not name.startswith("Content-")] == names  # no Bcc among them
        assert mail["Subject"].startswith("[newscandle] news: Bitcoin: news far more negative than usual")
        plain, html = (part.get_content() for part in mail.iter_parts())
        assert "−0.250 <script>alert(1)</script> <!channel>" in plain
        assert "\u202e" not in plain + html
        assert "no signal Market wrap" in plain
        assert "and 3 more, together −0.125" in html
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert 'href="https://news.example/a"' in html


def test_no_mail_goes_to_a_server_that_is_not_the_one_meant(inner: House, certificates: dict[str, Path]) -> None:
    """Not trusted, of another name, or without STARTTLS: nothing is said before that, no password either."""
    login = {"user": SecretStr(LOGIN[0]), "password": SecretStr(LOGIN[1])}
    cases = (
        ("localhost", None, "tls"),
        ("other.example", "other.example", "tls"),
        (None, "localhost", "not_supported"),
    )
    for served, trusted, reason in cases:
        with serve_mail(certificates[served] if served else None) as box, pytest.raises(MailFailed) as caught:
            send(inner, mailing(box, certificates[trusted] if trusted else None, **login), a_body())
        assert (caught.value.reason, caught.value.is_down) == (reason, True)
        assert box.mails == []
        assert "AUTH" not in box.commands


def test_what_a_mail_server_refuses_is_told_without_secrets(inner: House, certificates: dict[str, Path]) -> None:
    trusted = certificates["localhost"]
    login = {"user": SecretStr("someone"), "password": SecretStr("hunter3-hunter3")}
    with serve_mail(trusted) as box:
        cases: list[tuple[dict[str, str], dict[str, Any], str, bool]] = [
            ({}, login, "unauthorized", True),
            ({"AUTH": "535 no hunter3-hunter3 of someone"}, login, "unauthorized", True),
            ({"RCPT": "550 no such box"}, {}, "recipient_refused", False),
            ({".": "554 looks like spam"}, {}, "refused", False),
            ({"EHLO": "421 later", "HELO": "421 later"}, {}, "refused", True),
        ]
        for refuse, more, reason, is_down in cases:
            box.refuse = refuse
            with pytest.raises(MailFailed) as caught:
                send(inner, mailing(box, trusted, **more), a_body())
            assert (caught.value.reason, caught.value.is_down) == (reason, is_down), str(caught.value)
            assert "hunter3" not in str(caught.value)
        box.refuse, box.drip = {}, 0.15
        began = time.monotonic()
        with pytest.raises(MailFailed) as caught:  # each byte comes in time, all of them never would
            send(inner, mailing(box, trusted, timeout_seconds=0.2), a_body())
        assert time.monotonic() - began < 5
        assert box.mails == []


def test_chat_messages_call_nobody_and_their_links_lead_where_the_article_is() -> None:
    body = a_body(HOSTILE, "https://news.example/a)<x>|y b")
    slack = json.loads(write_payload(body, "slack"))["text"]
    assert "<!channel>" not in slack
    assert "&lt;!channel&gt;" in slack
    assert "<https://news.example/a%29%3Cx%3E%7Cy%20b|&lt;script&gt;" in slack
    assert slack.count("\n") == 5
    mattermost = json.loads(write_payload(body, "mattermost"))["text"]
    assert "@channel" not in mattermost
    assert "](javascript" not in mattermost
    assert "](https://news.example/a%29%3Cx%3E%7Cy%20b)" in mattermost
    for form in ("slack", "mattermost"):
        told = json.loads(write_payload(a_body(url="javascript:alert(1)"), form))["text"]
        assert "javascript" not in told
    assert "<https://news.example/a|(without a title)>" in json.loads(write_payload(a_body(" \u202e"), "slack"))["text"]
    assert "javascript" not in write_letter(a_body(url="javascript:alert(1)")).html.replace("(1)", "")


MAIL = "name = 'ops'\nkind = 'mail'\nhost = 'h'\nsender = 'a@b.example'\n"
WEB = "name = 'ops'\nurl = 'https://x.example'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'ops'\nurl = 'ftp://hunter2.example'", ("alerts.hook ops: url", "http://")),
        ("name = 'ops'", ("NEWSCANDLE_HOOK_OPS__URL",)),
        (f"{WEB}secret = 'hunter2'", ("secret", "16 signs")),
        (f"{WEB}secrt = 'hunter2'", ("alerts.hook.0.secrt", "secret")),
        ("name = 'ops'\nurl = ['hunter2']", ("alerts.hook.0.url",)),
        (f"{MAIL}to = ['a@b.example']".replace("host = 'h'", ""), ("host",)),
        (MAIL.replace("'a@b.example'", '"a@b.example\\nBcc: c@d.example"') + "to = ['a@b.example']", ("plain",)),
        (MAIL, ("plain addresses",)),
        (f"{MAIL}to = ['a@b.example']\nsecurity = 'none'\npassword = 'hunter2'", ("security", "starttls")),
        (WEB.replace("ops", "A b"), ("alerts.hook.0.name", "A b")),
        (f"{WEB}[[alerts.hook]]\n{WEB}", ("two hooks",)),
    ],
)
def test_hooks_that_cannot_work_are_refused_with_a_remedy_and_no_secret(
    tmp_path: Path, text: str, said: tuple[str, ...]
) -> None:
    file = tmp_path / "newscandle.toml"
    file.write_text(f"[[alerts.hook]]\n{text}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_settings(file, {})
    for words in said:
        assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_come_from_variables(tmp_path: Path) -> None:
    file = tmp_path / "newscandle.toml"
    file.write_text("[[alerts.hook]]\nname = 'ops-room'\n", encoding="utf-8")
    told = {"NEWSCANDLE_HOOK_OPS_ROOM__URL": "https://x.example/h", "NEWSCANDLE_HOOK_OPS_ROOM__SECRET": SECRET}
    [hook] = read_settings(file, told).alerts.hook
    assert (hook.url.get_secret_value(), hook.secret.get_secret_value()) == ("https://x.example/h", SECRET)
    assert SECRET not in repr(hook)
    for name in ("NEWSCANDLE_HOOK_DESK__URL", "NEWSCANDLE_HOOK_OPS_ROOM__HOST"):
        with pytest.raises(BadInput, match=name):
            read_settings(file, {**told, name: "x"})
