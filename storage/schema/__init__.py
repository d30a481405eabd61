"""The tables: what newscandle remembers, as the current release sees it. Migrations bring a database here.

    article ─< article_alias
    article ─< revision ─< passage, returned    market ─< candle        series ─< series_point
                  ├─< story_member, story_key, pruned_text
                  ├─< tone ─< score                ├─< gap                 └─< series_input
       scoring ───┘                                └─< quarantined_candle
                  └─< extracted ─< quote ─< quote_target
       extraction ───┘       └─< event ─< event_target                 report ─< trial
    skipped, entry, source_state, source_yield, run, schedule, slot, lease, host_state, robots_file, folded
    imported, opinion (of an article, by its address)
    alert ─< alert_message, alert_trouble
    seal (of ranges of all content), report_file, api_key

Rules that hold for every table of content:

* Nothing is overwritten, but for texts that a policy takes out (`pruned_text`, docs/decisions/pruning.md). An edited
  article is a further `revision`, one that goes back to an earlier text a row of `returned`, a candle the venue
  restated a further `number`, a recomputed point of a series likewise; the first stays.
  `recorded_at` (for candles `fetched_at`, for tones `scored_at`, for quotes and events `extracted_at`) says when
  newscandle came to know a row, so that the past can be read as it was.
* The unique key of each table is natural (the words of the trade, not a row id), and writing the same twice leaves one.
* `no_mention` is not stored: an article one scoring read has a `tone` row, and a target without a `score` row beside
  that tone is `no_mention`. `unsupported_language` is the state of the tone, and holds for all targets of that article.
* Instants are integers, microseconds since 1970 (`instant_column.py`). Text sorts by code point on both databases.
* Where a text is placed among stories follows from those that could be known before it, and stays.
* `source_state`, `source_yield`, `host_state`, `robots_file`, `imported`, `series_input`, `entry.fingerprint`,
  `run.finished_at` …, `schedule`, `slot`, `lease`, `story_key`, `gap.retried`, `skipped.count`, `pruned_text`,
  `folded`, `alert_trouble`, `alert_message.send_at` …, `alert.resolved_at` …, `report_file` and `api_key` are
  bookkeeping, kept current in place.
* What a range of content held once nothing more could come into it is told by a `seal` (`seal_parts.py`), chained with
  the one before it. Whoever changes sealed rows on purpose seals the range again, with a reason (`seals.resealing`).
"""

from storage.column import metadata
from storage.schema.alerts import alert, alert_message, alert_trouble
from storage.schema.aliases import article_alias
from storage.schema.articles import article, passage, returned, revision
from storage.schema.bookkeeping import entry, lease, run, schedule, skipped, slot, source_state, source_yield
from storage.schema.extractions import event, event_target, extracted, extraction, quote, quote_target
from storage.schema.hosts import host_state, robots_file
from storage.schema.imports import imported, opinion
from storage.schema.keys import api_key
from storage.schema.market import candle, gap, market, quarantined_candle
from storage.schema.pruned import folded, pruned_text
from storage.schema.readings import score, scoring, tone
from storage.schema.seals import report_file, seal
from storage.schema.stories import story_key, story_member
from storage.schema.studies import report, series, series_input, series_point, trial

RELEASE = "0017"
"""The schema revision this release of newscandle reads and writes: the head of `migrations/versions`."""

VIEWS_DIGEST = "ad7a64b52e813a7a"
"""16 hex digits of the views' definitions (`views.py`), written down because composing them at every start is dear."""

VIEWS_MARK = "laid_views"
"""The view that tells the digest of the views beside it."""

__all__ = [
    "RELEASE",
    "VIEWS_DIGEST",
    "VIEWS_MARK",
    "alert",
    "alert_message",
    "alert_trouble",
    "api_key",
    "article",
    "article_alias",
    "candle",
    "entry",
    "event",
    "event_target",
    "extracted",
    "extraction",
    "folded",
    "gap",
    "host_state",
    "imported",
    "lease",
    "market",
    "metadata",
    "opinion",
    "passage",
    "pruned_text",
    "quarantined_candle",
    "quote",
    "quote_target",
    "report",
    "report_file",
    "returned",
    "revision",
    "robots_file",
    "run",
    "schedule",
    "score",
    "scoring",
    "seal",
    "series",
    "series_input",
    "series_point",
    "skipped",
    "slot",
    "source_state",
    "source_yield",
    "story_key",
    "story_member",
    "tone",
    "trial",
]
