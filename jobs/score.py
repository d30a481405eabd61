"""Score: revisions not read yet → readings, quotes and events → store, a batch a transaction for each that reads.

unread.load ─▶ prepare (mentions, once for all) ─┬▶ attempts.read, per scorer ─┬▶ readings ─▶ scores.save
                                                 │                             └▶ failed ──▶ articles.save_skipped
                                                 └▶ extraction.extract, per extractor ─▶ extractions.save

A scorer that raises leaves the article unread by itself alone: the next run gives it to that scorer again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from jobs.attempts import attempt_all
from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.news.article import Skipped
from service.sentiment.extraction import extract, extractors
from service.sentiment.prepared import Prepared, prepare
from service.sentiment.scorer import Scorer, identify
from storage import articles, database, extractions, scores, unread
from storage.unread import Unread

_HOPELESS = 10  # so many articles of a batch, and each of them failed: the rest is not tried in this run


def score_articles(house: House, advance: Advance) -> Outcome:
    """Let every scorer and extractor read what it has not read with this catalogue.

    Counts readings, by state, and scores; quotes and events; and where a scorer raised, how many articles it `failed`
    to read.
    """
    counts: Counter[str] = Counter(readings=0, scores=0, quotes=0, events=0)
    scorers = {identify(scorer): scorer for scorer in house.scorers.values()}
    faults: dict[str, list[str]] = {}
    after = 0
    while batch := _load(house, scorers, after):
        ready = {item.id: prepare(item.article, house.catalogue) for item in batch}
        for name, scorer in list(scorers.items()):
            read, failed = _score(house, scorer, batch, ready)
            counts.update(read)
            if failed:
                counts["failed"] += len(failed)
                faults.setdefault(name, []).extend(one.detail for one in failed)
            if len(failed) >= _HOPELESS and not read["readings"]:
                del scorers[name]
        counts.update(_extract(house, batch, ready))
        after = batch[-1].id
        advance(len(batch))
    return Outcome(counts, failures=tuple(_tell(name, details) for name, details in faults.items()))


def _tell(scorer: str, details: Sequence[str]) -> str:
    reason, times = Counter(details).most_common(1)[0]
    often = f"{times} of them: " if times < len(details) else ""
    left = f"{len(details)} article{'s' * (len(details) > 1)}"
    return f"{scorer}: scorer_failed: left {left} unread until the next run, {often}{reason}"


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


def _score(
    house: House, scorer: Scorer, batch: Sequence[Unread], ready: Mapping[int, Prepared]
) -> tuple[Counter[str], list[Skipped]]:
    """What was read, counted, and what the scorer failed to read; both are stored."""
    wanted = [item for item in batch if identify(scorer) in item.scorers]
    readings, failed = attempt_all({item.id: ready[item.id] for item in wanted}, house.catalogue, scorer)
    now = house.clock()
    with database.begin(house.engine) as connection:
        scores.save(connection, readings, scored_at=now)
        articles.save_skipped(connection, failed, source=identify(scorer), stage="score", recorded_at=now)
    counts = Counter(reading.state.value for _, reading in readings)
    counts.update(readings=len(readings), scores=sum(len(reading.scores) for _, reading in readings))
    return counts, failed


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
