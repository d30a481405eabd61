"""Score: article revisions no scorer of the settings has read yet → readings → store, a batch a transaction."""

from collections import Counter

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.sentiment import toward
from service.sentiment.scorer import Scorer, identify
from storage import articles, database, scores


def score_articles(house: House, advance: Advance) -> Outcome:
    """Let every scorer read what it has not read with this catalogue; counts readings, by state, and scores."""
    counts: Counter[str] = Counter(readings=0, scores=0)
    for scorer in house.scorers.values():
        counts.update(_score_with(house, scorer, advance))
    return Outcome(counts)


def _score_with(house: House, scorer: Scorer, advance: Advance) -> Counter[str]:
    counts: Counter[str] = Counter()
    name, catalogue = identify(scorer), house.catalogue
    after = 0
    while True:
        with database.read(house.engine) as connection:
            batch = articles.load_unread(
                connection, scorer=name, catalogue=catalogue.digest, limit=house.settings.score.batch, after=after
            )
        if not batch:
            return counts
        readings = toward.score_articles([item.article for item in batch], catalogue=catalogue, scorer=scorer)
        pairs = [(item.id, reading) for item, reading in zip(batch, readings, strict=True)]
        with database.begin(house.engine) as connection:
            scores.save(connection, pairs, scored_at=house.clock())
        counts.update(Counter(reading.state.value for reading in readings))
        counts.update(readings=len(batch), scores=sum(len(reading.scores) for reading in readings))
        after = batch[-1].id
        advance(len(batch))
