"""A message as plain text: its headline, and what stands under it. Titles of articles are hostile until cleaned."""

import re
from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]
"""A message as `service.alerts.alert.compose` makes it, schema newscandle.alert/1."""

LONGEST_LINE = 300
_NOT_SHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)
"""Control characters and those that turn or hide text: a title may not forge a line, nor look like another one."""

_HEADS = {"reminder": "still {severity}", "worse": "now {severity}", "resolved": "over", "test": "test"}


def clean(text: object, longest: int = LONGEST_LINE) -> str:
    """One line of visible text, shortened with an ellipsis."""
    line = " ".join(_NOT_SHOWN.sub(" ", str(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def write_headline(body: Body) -> str:
    """What the message is about in one line."""
    alert = body["alert"]
    first = "{severity}" if alert["kind"] == "trouble" else "news"
    head = _HEADS.get(body["event"], first).format(severity=alert["severity"])
    return f"{head}: {clean(alert['title'], 160)}"


def write_lines(body: Body) -> list[str]:
    """What is told, then the articles, then the next step; one paragraph a line."""
    lines = [write_text(body), *(write_article(one) for one in list_articles(body)), write_others(body)]
    remedy = write_remedy(body)
    return [line for line in (*lines, f"Next: {remedy}" if remedy else "") if line]


def write_text(body: Body) -> str:
    """What is told, in one paragraph."""
    return clean(body["alert"]["text"], 2_000)


def write_remedy(body: Body) -> str:
    """The next step; empty where there is none to take."""
    return "" if body["event"] == "resolved" else clean(body["alert"]["remedy"], 500)


def list_articles(body: Body) -> list[Mapping[str, Any]]:
    """The articles behind the message; none behind a trouble."""
    return list(body["alert"]["details"].get("articles", ()))


def write_article(one: Mapping[str, Any]) -> str:
    """One article in a line."""
    return f"{write_share(one)} {write_title(one)} ({clean(one['source'], 64)}) {clean(one['url'], 500)}".strip()


def write_title(one: Mapping[str, Any]) -> str:
    """What the article is called."""
    return clean(one["title"]) or "(without a title)"


def write_share(one: Mapping[str, Any]) -> str:
    """What the article adds to the bar's value, or that it says nothing for or against."""
    if one["state"] != "scored":
        return "no signal"
    share = one["contribution"]
    return "scored" if share is None else f"{share:+.3f}".replace("-", "−")


def write_others(body: Body) -> str:
    """What the articles that are not listed add; empty where all are."""
    others = body["alert"]["details"].get("other_articles") or {"count": 0}
    if not others["count"]:
        return ""
    share = f"{others['contribution']:+.3f}".replace("-", "−")
    return f"and {others['count']} more, together {share}"
