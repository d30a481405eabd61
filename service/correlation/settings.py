"""The choices of a study, declared once."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.correlation.aggregation import Aggregation
from service.correlation.verdict import Gates
from service.errors import BadInput
from service.instants import Interval

_LAGS = {Interval.H1: 24, Interval.D1: 15}


@dataclass(frozen=True, slots=True)
class StudySettings:
    """The choices of a study, all of them; two runs with equal settings and series give equal reports.

    `max_lag` bars each way (None: 24 hourly, 15 daily, 24 else); `surrogates` worlds judge, `certificate_runs` worlds
    certify, `bootstrap` resamples give intervals; the last `hold_out` of the time (0: none) checks what was found.
    `further_worlds` judge each analysis beside the verdicts (0: leave those out).
    """

    seed: int = 20240110
    surrogates: int = 999
    max_lag: int | None = None
    bootstrap: int = 999
    certificate_runs: int = 300
    hold_out: float = 0.3
    further_worlds: int = 199
    gates: Gates = field(default_factory=Gates)

    def __post_init__(self) -> None:
        if self.surrogates < 99:
            raise BadInput("surrogates", self.surrogates, "give at least 99: fewer cannot tell 5 % from 1 %")
        if self.further_worlds and self.further_worlds < 99:
            raise BadInput("further_worlds", self.further_worlds, "give 0 to leave those out, or at least 99")
        if not 0 <= self.hold_out <= 0.5:
            raise BadInput("hold_out", self.hold_out, "give a share of the time from 0 to 0.5")
        if self.max_lag is not None and not 1 <= self.max_lag <= 500:
            raise BadInput("max_lag", self.max_lag, "give 1 to 500 bars")

    @property
    def digest(self) -> str:
        """16 hex digits that name these choices."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    def digest_with(self, aggregation: Aggregation) -> str:
        """16 hex digits that name these choices and those that made the series."""
        return hashlib.sha256(f"{self.digest} {aggregation.digest}".encode()).hexdigest()[:16]

    def lags(self, interval: Interval) -> NDArray[np.int64]:
        """The lags of the scan, −K … K bars."""
        furthest = self.max_lag or _LAGS.get(interval, 24)
        return np.arange(-furthest, furthest + 1)
