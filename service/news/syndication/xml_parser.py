"""The XML parser that feeds and sitemaps are read with: nothing is expanded, fetched or kept that they do not need."""

from typing import Any


def make_parser(**more: Any) -> Any:
    """A parser of lxml; `more` as lxml takes it (`recover`, `encoding`)."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        **more,
    )
