"""What bars are judged by, as the settings say it: apart from the judging, which needs numpy."""

from dataclasses import dataclass

from service.errors import BadInput

MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class ShockRule:
    """What bars are judged by: how far back, at which rate of false alarms, and from how many articles on.

    Raises `BadInput` where the history is too short for the rate.
    """

    history_days: int = 90
    false_alarms_a_month: float = 1.0  # of one series, in 30 days
    least_articles: int = 5  # scored ones for a shock of sentiment, mentions of any kind for one of volume

    def __post_init__(self) -> None:
        if self.count_farthest(self.history_days) < 1:
            raise BadInput(
                "alerts.false_alarms_a_month",
                self.false_alarms_a_month,
                f"so rare an event cannot be told by {self.history_days} days: "
                f"give {MONTH_DAYS / self.history_days:.2g} or more, or longer alerts.history_days",
            )

    def count_farthest(self, days: int) -> int:
        """The k of the module's words for so many days of history; 0: they are too few."""
        return int(self.false_alarms_a_month * days / MONTH_DAYS + 1e-9)
