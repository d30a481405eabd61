"""The words of a conclusion: verdicts and directions."""

import enum


class Verdict(enum.Enum):
    """The only words a conclusion may use."""

    NOT_SHOWN = "not shown"
    SUGGESTIVE = "suggestive"
    SHOWN_IN_SAMPLE = "shown in sample"
    HELD_OUT_OF_SAMPLE = "held out of sample"


class Direction(enum.Enum):
    """Which way time runs between the two series. Reverse is always reported first."""

    REVERSE = "market → sentiment"
    SAME_BAR = "same bar"
    FORWARD = "sentiment → market"
