"""Score: revisions not read yet → readings, quotes and events → store, a batch a transaction for each that reads.

unread.load ─▶ prepare (mentions, once for all) ─┬▶ toward.score_prepared, per scorer ─▶ scores.save
                                                 └▶ extraction.extract, per extractor ─▶ extractions.save
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.sentiment import toward
from service.sentiment.extraction import extract, extractors
from service.sentiment.prepared import Prepared, prepare
from service.sentiment.scorer import Scorer, identify
from storage import database, extractions, scores, unread
from storage.unread import Unread


def score_articles(house: House, advance: Advance) -> Outcome:
    """Let every scorer and extractor read what it has not read with this catalogue.

    Counts readings, by state, and scores; quotes and events.
    """
    counts: Counter[str] = Counter(readings=0, scores=0, quotes=0, events=0)
    scorers = {identify(scorer): scorer for scorer in house.scorers.values()}
    after = 0
    while batch := _load(house, scorers, after):
        ready = {item.id: prepare(item.article, house.catalogue) for item in batch}
        for scorer in scorers.values():
            counts.update(_score(house, scorer, batch, ready))
        counts.update(_extract(house, batch, ready))
        after = batch[-1].id
        advance(len(batch))
    return Outcome(counts)


def _load(house: House, scorers: Mapping[str, Scorer], after: int) -> list[Unread]:
    with database.read(house.engine) as connection:
        return unread.load(
            connection,
            scorers=scorers,
            extractors=extractors(),
            catalogue=house.catalogue.digest,
            limit=house.settings.score.batch,
            after=after,
        )


def _score(house: House, scorer: Scorer, batch: Sequence[Unread], ready: Mapping[int, Prepared]) -> Counter[str]:
    ids = [item.id for item in batch if identify(scorer) in item.scorers]
    readings = toward.score_prepared([ready[row] for row in ids], catalogue=house.catalogue, scorer=scorer)
    with database.begin(house.engine) as connection:
        scores.save(connection, list(zip(ids, readings, strict=True)), scored_at=house.clock())
    counts = Counter(reading.state.value for reading in readings)
    counts.update(readings=len(ids), scores=sum(len(reading.scores) for reading in readings))
    return counts


def _extract(house: House, batch: Sequence[Unread], ready: Mapping[int, Prepared]) -> Counter[str]:
    found = [
        (item.id, extract(ready[item.id], catalogue=house.catalogue, extractor=extractor))
        for extractor in extractors()
        for item in batch
        if extractor in item.extractors
    ]
    with database.begin(house.engine) as connection:
        extractions.save(connection, found, extracted_at=house.clock())
    counts: Counter[str] = Counter()
    for _, one in found:
        counts[one.extractor.name] += len(one.found)
    return counts
