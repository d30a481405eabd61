"""A message in the JSON that a webhook's receiver wants: ours, Slack's or Mattermost's."""

import json
import re
from collections.abc import Callable
from urllib.parse import quote

from dashboards.alerts.plain import (
    Body,
    clean,
    list_articles,
    write_headline,
    write_others,
    write_remedy,
    write_share,
    write_text,
    write_title,
)
from dashboards.templating import web_address

_LONGEST_LINK = 500
_MARKED = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~<&:])")


def write_payload(body: Body, form: str) -> bytes:
    """The bytes to post; `form` is generic, slack or mattermost."""
    write = {"slack": _write_slack, "mattermost": _write_mattermost}.get(form)
    told = dict(body) if write is None else {"text": write(body)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False).encode("utf-8", "replace")


def _write_slack(body: Body) -> str:
    """Slack's mrkdwn: of its signs only & < > can be escaped; they are those that call people and make links."""

    def escape(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def link(address: str, title: str) -> str:
        return f"<{escape(address)}|{title.replace('|', '/')}>"

    return _write(body, escape, link, bold="*")


def _write_mattermost(body: Body) -> str:
    """Markdown: every sign that means something is escaped, and an @ calls nobody."""

    def escape(text: str) -> str:
        return _MARKED.sub(r"\\\1", text).replace("@", "@\u200b")

    def link(address: str, title: str) -> str:
        return f"[{title}]({address})"

    return _write(body, escape, link, bold="**")


def _write(body: Body, escape: Callable[[str], str], link: Callable[[str, str], str], *, bold: str) -> str:
    lines = [f"{bold}{escape(write_headline(body))}{bold}", escape(write_text(body))]
    for one in list_articles(body):
        title, address = escape(write_title(one)), _encode(one["url"])
        shown = link(address, title) if address else title
        lines.append(f"• {escape(write_share(one))} {shown} ({escape(clean(one['source'], 64))})")
    remedy = write_remedy(body)
    lines += [escape(line) for line in (write_others(body), f"Next: {remedy}" if remedy else "") if line]
    return "\n".join(lines)


def _encode(url: str) -> str:
    """The address with whatever could end a link encoded; empty where it is none to link to."""
    address = quote(web_address(clean(url, 10_000)), safe="%/:?=&#+,;$!")
    return address if len(address) <= _LONGEST_LINK else ""
