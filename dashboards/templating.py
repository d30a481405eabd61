"""What all pages share: the template environment, the figures' filters, and the tokens and type of the reports."""

from importlib import resources

import jinja2
import markupsafe
from jinja2.bccache import Bucket

from dashboards.report.words import Words


def make_environment(package: str, words: Words | None = None) -> jinja2.Environment:
    """Templates of `package`, everything in them escaped, a missing value an error, our words as `words` has them.

    `t("…", name=value)` says a message: the message is ours and may hold markup, values are escaped. `told` prints a
    sentence made elsewhere, marked as English where this language has no words for it.
    """
    words = words or Words()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        signed=words.signed,
        plain=words.plain,
        probability=words.probability,
        share=words.share,
        change=words.change,
        count=words.count,
        moment=words.moment,
        outcome=words.outcome_name,
        told=lambda sentence: _tell(words, sentence),
        web_address=web_address,
    )
    environment.globals.update(t=lambda message, **values: _say(words, message, **values), words=words)
    return environment


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled once in a process: environments differ in their words, not in what a template means."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put in what was kept under this key; the bucket itself sees whether it belongs to the template as it is."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; of one template there is one."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def _say(words: Words, message: str, **values: object) -> markupsafe.Markup:
    safe = {
        name: value if isinstance(value, int | float) else markupsafe.escape(value) for name, value in values.items()
    }
    return markupsafe.Markup(words.say(message, **safe))  # noqa: S704 - the message is ours, its values are escaped


def _tell(words: Words, sentence: str) -> markupsafe.Markup:
    if not words.knows(sentence):
        return markupsafe.Markup('<span lang="en">{}</span>').format(sentence)
    return markupsafe.escape(words.retell(sentence))


def read_style(package: str, file: str) -> markupsafe.Markup:
    """A style sheet or script of ours, as it goes into a page."""
    style = resources.files(package).joinpath("templates", file).read_text(encoding="utf-8")
    return markupsafe.Markup(style)  # noqa: S704 - our own file


def web_address(url: str) -> str:
    """The address if it is one to link to, else nothing."""
    return url if url.startswith(("https://", "http://")) else ""
