"""All that a study is computed from, in one frozen value: what is in it is in the bundle beside the report."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.freezing import freeze
from service.correlation.results import Reproduction, SampleCard, WeightyArticle
from service.correlation.settings import StudySettings


@dataclass(frozen=True, slots=True)
class Telling:
    """In which language page and Markdown are written, and what targets are called in it, by key."""

    language: str = "en"
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class StudyInputs:
    """Everything `study.run` reads: equal inputs and equal code give an equal report, without a store.

    Whatever a study comes to need further is a field here, so that a report can still be made again from its bundle:
    a plain value, a frozen dataclass, an array (in a dataclass of columns of one length), or a tuple or mapping by name
    of these.
    """

    series: AlignedSeries  # the leading scorer's
    sample: SampleCard  # made by the caller, passes through
    settings: StudySettings
    reproduction: Reproduction  # passes through
    companions: Mapping[str, AlignedSeries]  # the same target's series under other scorers, by scorer
    weighty: tuple[WeightyArticle, ...] = ()  # passes through
    earlier_tests: int = 0  # p-values the store has seen computed on the series, for other studies than this one
    alongside: Alongside = field(default_factory=Alongside)  # dated events and other series over the same bars
    telling: Telling = field(default_factory=Telling)  # of the forms for people; no figure hangs on it


def digest_data(series: AlignedSeries, alongside: Alongside) -> str:
    """16 hex digits of all that the p-values of a study are computed from: the series, and what was laid alongside.

    Two studies of one series beside other events, dates or targets are two studies. With nothing laid alongside it is
    the digest of the series.
    """
    laid = freeze(alongside)
    if laid == freeze(Alongside()):
        return series.digest
    told = hashlib.sha256(series.digest.encode())
    told.update(json.dumps(laid.values, sort_keys=True).encode())
    for name, columns in sorted(laid.tables.items()):
        for title, values in sorted(columns.items()):
            told.update(f"{name} {title} {values.dtype.str} {len(values)}".encode())
            told.update(values.tobytes())
    return told.hexdigest()[:16]
