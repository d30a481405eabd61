"""A message as mail: subject, plain text and minimal HTML. Everything from articles is only text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.alerts.plain import (
    Body,
    clean,
    list_articles,
    write_headline,
    write_lines,
    write_others,
    write_remedy,
    write_share,
    write_text,
    write_title,
)
from dashboards.templating import make_environment


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `subject` is one line."""

    subject: str
    text: str
    html: str


def write_letter(body: Body) -> Letter:
    """The mail that tells this message."""
    headline = write_headline(body)
    foot = f"newscandle, message {body['id']} of {body['queued_at']}; alert {clean(body['alert']['key'], 500)}"
    context = {
        "headline": headline,
        "text": write_text(body),
        "articles": [_show(one) for one in list_articles(body)],
        "others": write_others(body),
        "remedy": write_remedy(body),
        "foot": foot,
    }
    html = make_environment("dashboards.alerts").get_template("mail.html.j2").render(context) + "\n"
    return Letter(f"[newscandle] {headline}", "\n\n".join([headline, *write_lines(body), foot]) + "\n", html)


def _show(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "share": write_share(one),
        "title": write_title(one),
        "source": clean(one["source"], 64),
        "url": clean(one["url"], 2_000),
        "language": clean(one["language"], 8),
    }
