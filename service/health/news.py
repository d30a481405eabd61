"""Are the news fresh: source by source, by language, and all together.

A source is fresh while its last success is within one and a half of the time to its next check: its own least interval
or what its feed and headers ask for, then the next slot of ingest. Why it was not read is nothing to that: failures,
wishes of its host and a stuck daemon all make the news old.

Of several, one that fails is a warning. Critical is what makes answers old: no source read at all, none of a language,
fewer than half of them, or none that brings anything new, though all are read.
"""

import datetime as dt
from collections.abc import Sequence

from service.health.deadlines import find_deadline, find_slot
from service.health.facts import Facts, Source
from service.health.findings import Finding, Severity
from service.health.standing import Judged, Standing, State, starting, tell_age
from service.instants import format_instant
from service.news.manners.polling import ASKED_TO_REST, JITTER
from service.schedules import Schedule

_FAILURES_TO_WARN = 3
_MOST_OF = 4
"""Of so many sources at least, more than half that are not read are critical; of fewer, all."""
_LEAST_SILENCE = dt.timedelta(hours=1)
_QUIET_DAY = dt.timedelta(days=1)
_QUIET_WEEKEND = dt.timedelta(days=4)
_A_WEEK = dt.timedelta(days=7)


def judge_news(facts: Facts) -> Judged:
    """Each source, and what they come to together."""
    ingest = facts.jobs.get("ingest")
    if ingest is None:
        return Judged()
    told = [(one, _stand(one, facts, ingest.schedule)) for one in facts.sources]
    now = facts.clock.now
    asked = [(one, standing) for one, standing in told if one.is_enabled and one.is_polled]
    findings = [found for one, standing in told for found in _say(one, standing, now)]
    if asked and not any(standing.state is State.FRESH for _, standing in asked):  # which is said of all of them
        findings = [found for found in findings if found.check != "source_stale"]
    if not any(one.is_enabled for one in facts.sources):
        remedy = "Add sources: newscandle sources add URL."
        findings.append(Finding("no_sources", "news", Severity.WARNING, "No source is enabled.", remedy))
    if asked:
        findings += _judge_groups(asked, facts)
        findings += _judge_silence([one for one, _ in asked], facts, ingest.first_due_at)
    return Judged(tuple(standing for _, standing in told), tuple(findings))


def expected_interval(source: Source, longest: dt.timedelta, ingest: Schedule) -> dt.timedelta | None:
    """How long after its last success the next check is to be expected; None before there was one."""
    since = source.state.last_success_at if source.state else None
    return find_slot(ingest, _ready(source, since, longest)) - since if since else None


def _ready(source: Source, success_at: dt.datetime, longest: dt.timedelta) -> dt.datetime:
    """When it may be asked again after a success; no wish of a feed or a host counts for more than `longest`."""
    ready_at = success_at + source.every * (1 + JITTER)
    state = source.state
    if state is not None and state.next_allowed_at is not None and not state.failures_in_row:
        ready_at = max(ready_at, min(state.next_allowed_at, success_at + max(longest, source.every) * (1 + JITTER)))
    return ready_at


def _stand(one: Source, facts: Facts, ingest: Schedule) -> Standing:
    state, now = one.state, facts.clock.now
    if not one.is_enabled:
        return Standing("source", one.name, State.DISABLED)
    success_at = state.last_success_at if state else None
    if state is not None and state.stopped_at is not None:
        return Standing("source", one.name, State.STOPPED, success_at)
    if not one.is_polled:  # of files only failures are kept
        word = State.FAILING if state and state.failures_in_row else State.FRESH
        return Standing("source", one.name, word, success_at)
    if success_at is None:
        by = _first_deadline(one, facts)
        word = State.STARTING if by is None or now <= by else State.STALE
        return Standing("source", one.name, _because(word, one), None, by)
    by = find_deadline(_ready(one, success_at, facts.wanted.longest), one.every, ingest)
    word = State.FRESH if now <= by else State.STALE
    return Standing("source", one.name, _because(word, one), success_at, by)


def _first_deadline(one: Source, facts: Facts) -> dt.datetime | None:
    """By when one that was never read should have been; None before the first slot of ingest."""
    job = facts.jobs["ingest"]
    return None if job.first_due_at is None else find_deadline(job.first_due_at, one.every, job.schedule)


def _because(word: State, one: Source) -> State:
    """What is stale by failures of its own is called after them; what failed and is still in time is fresh."""
    if word is State.FRESH or one.state is None or not one.state.failures_in_row:
        return word
    return State.RESTING if one.state.last_failure_reason in ASKED_TO_REST else State.FAILING


def _say(one: Source, standing: Standing, now: dt.datetime) -> list[Finding]:
    """What is to be said of one source by itself: never more than a warning."""
    state, found = one.state, []
    read = f"last read {tell_age(now - standing.held_at)} ago" if standing.held_at else "never read"
    if standing.state is State.STOPPED:
        remedy = f"Change its url or remove it; newscandle sources revive {one.name} asks it again."
        found.append(_warn("source_stopped", one.name, f"{one.name} answered 410 (gone), {read}.", remedy))
    elif state and state.failures_in_row and one.is_enabled:
        often = f"failed {state.failures_in_row} times in a row ({state.last_failure_reason})"
        is_grave = state.failures_in_row >= _FAILURES_TO_WARN or standing.state is not State.FRESH
        severity = Severity.WARNING if is_grave else Severity.NOTE
        again = f", next asked from {format_instant(state.next_allowed_at)}" if state.next_allowed_at else ""
        remedy = f"See newscandle sources show {one.name}; correct its url, or disable it."
        found.append(Finding("source_failing", one.name, severity, f"{one.name} {often}, {read}{again}.", remedy))
    elif standing.state is State.STALE and standing.expected_by is not None:
        text = f"{one.name} was {read}; it was due by {format_instant(standing.expected_by)}."
        severity = Severity.NOTE if state is None else Severity.WARNING  # one never asked may be new in the settings
        remedy = "See whether a daemon leads and what ingest last said."
        found.append(Finding("source_stale", one.name, severity, text, remedy))
    return found + _say_silent(one, standing, now)


def _say_silent(one: Source, standing: Standing, now: dt.datetime) -> list[Finding]:
    if standing.state is not State.FRESH or one.silence is None or one.last_new_at is None:
        return []
    passed, usual = now - one.last_new_at, max(one.silence.usual, _LEAST_SILENCE)
    if passed <= usual:
        return []
    text = (
        f"{one.name} answers, but has brought nothing new for {tell_age(passed)}; "
        f"99 of 100 of its silences are shorter than {tell_age(usual)}."
    )
    return [_warn("source_silent", one.name, text, f"Open its url in a browser; newscandle sources show {one.name}.")]


def _judge_groups(asked: Sequence[tuple[Source, Standing]], facts: Facts) -> list[Finding]:
    """All together; then each language of several sources; then whether most of them are read."""
    standings = [standing for _, standing in asked]
    whole = _judge_group("news", standings, facts)
    if whole:
        return whole
    found = []
    for language in sorted({one.language for one, _ in asked}):
        theirs = [standing for one, standing in asked if one.language == language]
        if len(theirs) > 1:
            found += _judge_group(f"news in {language or 'no stated language'}", theirs, facts)
    if found:
        return found
    unread = [one.subject for one in standings if one.state not in (State.FRESH, State.STARTING)]
    if len(standings) >= _MOST_OF and 2 * len(unread) > len(standings):
        text = f"{len(unread)} of {len(standings)} sources are not read: {_name_some(unread)}."
        found.append(_critical("news_thin", "news", text, "See newscandle sources for the reasons."))
    return found


def _judge_group(subject: str, standings: Sequence[Standing], facts: Facts) -> list[Finding]:
    if any(one.state is State.FRESH for one in standings):
        return []
    if any(one.state is State.STARTING for one in standings):
        bys = [one.expected_by for one in standings if one.state is State.STARTING and one.expected_by]
        return [starting(subject, "No source was read yet", max(bys, default=None))]
    reads = [one.held_at for one in standings if one.held_at]
    last = f"the last was, {tell_age(facts.clock.now - max(reads))} ago" if reads else "none ever was"
    text = f"None of {len(standings)} sources was read when it was due; {last}."
    return [_critical("news_stale", subject, text, "See what ingest last said: newscandle runs --job ingest.")]


def _judge_silence(asked: Sequence[Source], facts: Facts, begun_at: dt.datetime | None) -> list[Finding]:
    """Whether nothing new comes from anywhere, for longer than all together or each was ever silent; `begun_at`: since
    when.
    """
    now = facts.clock.now
    told = [one for one in asked if one.last_new_at is not None]
    last = max((one.last_new_at for one in told if one.last_new_at), default=begun_at)
    if last is None or now - last <= (_QUIET_DAY if told else _QUIET_WEEKEND):
        return []
    together = facts.silence
    is_known = together is not None and together.known >= _A_WEEK
    if is_known and together is not None and now - last > 1.5 * together.longest:
        than = f"they were never silent together for more than {tell_age(together.longest)}"
    elif all(_is_dead(one, now) for one in told):
        than = "longer than any of them was ever silent"
    else:
        return []
    text = f"Nothing new came from any source for {tell_age(now - last)}; {than}."
    remedy = "Open a few of the urls of newscandle sources in a browser, and compare."
    return [_critical("news_silent", "news", text, remedy)]


def _is_dead(one: Source, now: dt.datetime) -> bool:
    """Silent for half as long again as ever seen; where no weekend was seen yet, for longer than one lasts."""
    assert one.last_new_at is not None
    if one.silence is None or one.silence.known < _A_WEEK:
        bound = _QUIET_WEEKEND
    else:
        bound = max(1.5 * one.silence.longest, _QUIET_DAY)
    return now - one.last_new_at > bound


def _name_some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def _warn(check: str, subject: str, text: str, remedy: str) -> Finding:
    return Finding(check, subject, Severity.WARNING, text, remedy)


def _critical(check: str, subject: str, text: str, remedy: str) -> Finding:
    return Finding(check, subject, Severity.CRITICAL, text, remedy)
