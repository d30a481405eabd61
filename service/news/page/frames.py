"""Which class names and ids tell the frame of a page from its story, as the trade writes them in English and Dutch.

Names are told by their words, never by their site. A name is a hint: `bodies.py` weighs it against what is inside.
"""

import enum
import re
from functools import lru_cache

_LONGEST_NAME = 400  # characters of class and id that are looked at


class Frame(enum.IntEnum):
    """What a name says of an element."""

    NONE = 0
    PICTURE = 1  # a picture and what is written under it; long texts in it are the story's
    LIKELY = 2  # frame, unless much of the page's prose is in it
    FOREIGN = 3  # other people's words, however many


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(word for line in words for word in line.split()), re.IGNORECASE)


_FOREIGN = _any_of(
    r"comments?(?![a-z]) commentlist comment-?(?:content|body|text) wc-thread disqus reacties cookie consent gdpr ccpa",
    r"onetrust privacy footer outbrain taboola newsletter nieuwsbrief",
)
_PICTURE = _any_of(
    r"(?:^|[-_\s])(?:image|img|photo|picture|figure|thumbnail)s?(?:[-_\s]|$) caption credits?\b gallery carousel",
    r"slider overlay modal player video",
)
_FRAME = _any_of(
    # other stories
    r"related gerelateerd recommend aanbevolen popular meest-?gelezen trending most-?(?:read|viewed|popular) up-?next",
    r"read-?(?:more|next|also) lees-?(?:ook|meer) more-?(?:on|from|stories|news|articles|info) see-?also recirc",
    r"inline-?(?:related|link) playlist headline-?list link-?list page-?list collections?__card ticker",
    # what the site wants
    r"promo(?:tion|s)?(?![a-z]) subscri(?:be|ption) abonneer sign-?up social shar(?:e|ing)(?![a-z]) \bdelen advert",
    r"reclame \bads?[-_] [-_]ads?\b \bads?\b sponsor banner popup pop-up login register registration notification",
    r"\balerts?\b donat(?:e|ion) app-section access-wall callout toast bookmark \bpoll\b quiz rating\b",
    # finding one's way
    r"sidebar side-bar \bnav\b navigation navbar \bmenu crumb pagination pager\b \bskip toolbar \bjump \btoc\b",
    r"widget-?area complementary contentinfo \bprint\b screen-?reader sr-only visually-?hidden",
    r"(?<![-:\w])hidden(?![-:\w])(?!.*:(?:block|flex|grid|inline))",
    # about the story
    r"author(?!ised|ized|ity) byline \bbio\b contributor attribution post-?meta entry-?meta article-?meta \bmeta\b",
    r"metadata tag-?(?:list|s\b|cloud) \btags?\b tagged copyright timestamp pub-?date \bdate\b updated published",
    r"eyebrow kicker article-?title disclaimer disclosure trust-?badge info-?box pull-?quote footnote references",
)
_MARKED = _any_of(
    r"(?:article|story|post|entry|artikel|news)[-_]*(?:body|content|text|copy|main|inhoud|tekst)(?![a-z])",
    r"body[-_]?(?:text|copy|content) articlebody storytext \bh?entry-content",
)
_LIKELY_BODY = _any_of(
    r"\bmain[-_]?content page-?content content[-_]*(?:body|text|main|article) \bh?entry\b \bpost\b \barticle",
    r"\bcontent\b \bartikel",
)
_STANDFIRST = _any_of(
    r"stand-?first sub-?(?:title|head|headline) \blede?\b \blead intro \bdek\b deck summary excerpt chapeau inleiding",
    r"samenvatting teaser-?text abstract onderkop highlights key-?points",
)
_LABEL_WORDS = (
    "advertisement|advertising|advert|ad|sponsored|promoted|advertentie|reclame|read more|lees meer|lees ook"
    "|see also|related|share|share this|share this article|comments|comment|leave a comment|read also|also read"
    "|print|email|save|follow|subscribe|sign up|skip advertisement|article continues below|story continues below"
    "|story continues|article continues below advertisement|story continues below advertisement"
    "|scroll to continue|continue reading|copy link|link copied|more on this story|related articles"
    "|related stories|related topics|recommended|most read|you may also like|loading|loading...|deel dit artikel"
    "|delen|gerelateerde artikelen|reacties|tags|topics|photo|meest gelezen|video|image|watch|listen|play|close"
    "|back to top|view gallery|newsletter|nieuwsbrief|advertisement - scroll to continue|"
)
_LABELS = frozenset(_LABEL_WORDS.split("|"))
_CREDIT = re.compile(
    r"[^\w]{0,5}(?:image|photo|photograph|picture|credit|bild|foto|beeld|video|source)s?(?: credits?| by| source)? ?:",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"[^\w]{0,5}(?:read|see|also|more|related|watch|listen|click|sign up|subscribe|follow|join|download|find out|lees"
    r"|volg|bekijk|luister|meld|zie|klik|full story|recommended|up next|don'?t miss|in case you missed|opinion|analysis"
    r"|photos?|video|gallery|explainer)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=16_384)
def name_frame(name: str) -> Frame:
    """What class, id and role together say."""
    name = name[:_LONGEST_NAME]
    if _FOREIGN.search(name):
        return Frame.FOREIGN
    if _FRAME.search(name):
        return Frame.LIKELY
    return Frame.PICTURE if _PICTURE.search(name) else Frame.NONE


@lru_cache(maxsize=4_096)
def body_mark(name: str) -> int:
    """2 where class and id name the body of an article, 1 where they may, else 0."""
    name = name[:_LONGEST_NAME]
    return 2 if _MARKED.search(name) else 1 if _LIKELY_BODY.search(name) else 0


@lru_cache(maxsize=4_096)
def is_standfirst_name(name: str) -> bool:
    """Whether class and id name the lines between headline and body."""
    return _STANDFIRST.search(name[:_LONGEST_NAME]) is not None


def is_label(text: str) -> bool:
    """Whether a line is the label of a button or an advert, or credits a picture."""
    if len(text) < 60 and text.lower().strip(" .:*\u2014\u2013-|>»") in _LABELS:
        return True
    return len(text) < 150 and _CREDIT.match(text) is not None


def points_elsewhere(text: str) -> bool:
    """Whether a line that is partly a link begins or ends as the trade's pointers to other stories do."""
    return _POINTER.match(text) is not None or text.rstrip().endswith((":", "»", ">", "→")) or " | " in text
