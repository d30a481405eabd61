"""Close readings of articles written for the article page's tests."""

import functools

from service.news.article import Article
from service.sentiment import rules, targets
from service.sentiment.close_reading import CloseReading, read_closely
from service.sentiment.learned import linear
from tests.sentiment.articles import make_article

ENGLISH = (
    ("title", "Trump praises Bukele, slams the Fed"),
    ("counter", "247 views"),
    ("body", "Trump praised Bukele but slammed the Fed over its rate hike."),
    ("body", 'The Fed did not answer. "Bitcoin is the best hope for our country," Bukele said.'),
    ("promo", "Buy your crypto with Best Wallet\nBest Wallet is the best and safest wallet for Bitcoin."),
    ("disclaimer", "Bitcoin is a terrible risk."),
    ("bio", "By A. Writer, who loves Bitcoin"),
)
DUTCH = (
    ("title", "Trump prees Bukele maar haalde uit naar de ECB"),
    ("body", "President Trump prees Bukele maandag, maar haalde uit naar de ECB. Hij noemde de bank zwak."),
    ("promo", "Koop je bitcoin via Best Wallet, de beste wallet"),
)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \" ' </style> {{ 7*7 }} \u202egnp.exe"


@functools.cache
def read(article: Article) -> CloseReading:
    """By rules and linear."""
    return read_closely(
        article, catalogue=targets.load(), scorers=(rules.build(), linear.build()), weigher=rules.build()
    )


def english() -> CloseReading:
    """One sentence with two targets of opposite sign; adverts, disclaimer and author line to be left out."""
    return read(make_article(*ENGLISH))


def dutch() -> CloseReading:
    """The like in Dutch, with a pronoun."""
    return read(make_article(*DUTCH, language="nl"))


def hostile() -> CloseReading:
    """Markup in title, body and advert, and an address that must not become a link."""
    parts = (
        ("title", f"Bitcoin soars {HOSTILE}"),
        ("body", f"Bitcoin plunged {HOSTILE} and Trump praised it. " + "W" * 400),
        ("promo", f"Buy Bitcoin {HOSTILE}"),
    )
    return read(make_article(*parts, url="javascript:alert(4)"))
