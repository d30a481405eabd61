"""What all pages share: the template environment, the figures' filters, and the tokens and type of the reports."""

from importlib import resources

import jinja2
import markupsafe

from dashboards.report import words


def make_environment(package: str) -> jinja2.Environment:
    """Templates of `package`, everything in them escaped, a missing value an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
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
        web_address=web_address,
    )
    return environment


def read_style(package: str, file: str) -> markupsafe.Markup:
    """A style sheet of ours, as it goes into a page."""
    style = resources.files(package).joinpath("templates", file).read_text(encoding="utf-8")
    return markupsafe.Markup(style)  # noqa: S704 - our own file


def web_address(url: str) -> str:
    """The address if it is one to link to, else nothing."""
    return url if url.startswith(("https://", "http://")) else ""
