"""What must hold of the record of work: runs, slots, leases, what was skipped."""

from functools import cache

import sqlalchemy as sa

from service.slots import RUNNING, WAITING
from storage.integrity.rule import Rule, is_after, plain
from storage.schema import entry, imported, lease, revision, run, schedule, skipped, slot, source_state, story_key


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the record of work."""
    ended = slot.c.outcome.not_in((WAITING, RUNNING))
    return (
        Rule(
            "run_times",
            "run",
            "a run ends after it began, and says how once it did",
            sa.select(run.c.id, run.c.job).where(
                sa.or_((run.c.outcome == "running") != run.c.finished_at.is_(None), run.c.job == "")
            ),
        ),
        Rule(
            "slot_times",
            "slot",
            "a slot that ended says when, one that waits or runs does not",
            sa.select(slot.c.id, slot.c.job, slot.c.outcome).where(
                sa.or_(
                    ended != slot.c.finished_at.is_not(None),
                    slot.c.slots < 1,
                    slot.c.attempts < 0,
                    sa.and_(slot.c.outcome == RUNNING, slot.c.started_at.is_(None)),
                )
            ),
        ),
        Rule(
            "slot_token",
            "slot",
            "no slot bears the token of a lease that nobody had yet",
            sa.select(slot.c.id, slot.c.token).where(
                slot.c.token
                > sa.select(sa.func.coalesce(sa.func.max(lease.c.token), 0))
                .where(lease.c.name == "daemon")
                .scalar_subquery()
            ),
        ),
        Rule(
            "lease_times",
            "lease",
            "a lease was taken before it was renewed, and renewed before it ends",
            sa.select(lease.c.name).where(
                sa.or_(
                    is_after(lease.c.acquired_at, lease.c.renewed_at),
                    is_after(lease.c.renewed_at, lease.c.expires_at),
                    lease.c.token < 0,
                )
            ),
        ),
        Rule(
            "schedule_known",
            "schedule",
            "each kept schedule has a rule and a zone",
            sa.select(schedule.c.job).where(sa.or_(schedule.c.rule == "", schedule.c.zone == "")),
        ),
        Rule(
            "skipped_times",
            "skipped",
            "what was skipped was met at least once, first before last, for a reason",
            sa.select(skipped.c.id, skipped.c.reason).where(
                sa.or_(
                    skipped.c.count < 1,
                    skipped.c.reason == "",
                    is_after(skipped.c.first_recorded_at, skipped.c.last_recorded_at),
                )
            ),
        ),
        Rule(
            "entry_source",
            "entry",
            "each entry of a feed belongs to a source",
            sa.select(entry.c.key).where(sa.or_(entry.c.source == "", entry.c.key == "")),
        ),
        Rule(
            "import_place",
            "imported",
            "how far an archive was read is not below zero",
            sa.select(imported.c.key, imported.c.name).where(sa.or_(imported.c.place < 0, imported.c.inside < 0)),
        ),
        Rule(
            "source_counts",
            "source_state",
            "a source has not failed less than never",
            sa.select(source_state.c.source).where(source_state.c.failures_in_row < 0),
        ),
        Rule(
            "story_key_text",
            "story_key",
            "each key of a story leads to a text that is held",
            sa.select(plain(story_key.c.key), story_key.c.text_id).where(
                ~sa.exists().where(revision.c.id == story_key.c.text_id)
            ),
        ),
    )
