"""A title with the words that weighed marked in it: by colour, by a sign and by the kind of line under them."""

import re

import markupsafe

from service.correlation.results import WeightyArticle

_MARK = markupsafe.Markup('<mark class="{}">{}</mark>')


def highlight(item: WeightyArticle) -> markupsafe.Markup:
    """The title of `item`, escaped, each of its evidence words marked `for` or `against`; its address without one."""
    title = " ".join(item.title.split()) or item.url or "–"
    weights = {word.casefold(): weight for word, weight in item.words if word.strip()}
    if not weights:
        return markupsafe.escape(title)
    longest_first = sorted(weights, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)
    pieces, end = [], 0
    for found in pattern.finditer(title):
        weight = weights.get(found[0].casefold(), 0.0)
        pieces += [markupsafe.escape(title[end : found.start()])]
        pieces += [_MARK.format("for" if weight >= 0 else "against", found[0])]
        end = found.end()
    return markupsafe.Markup("").join([*pieces, markupsafe.escape(title[end:])])
