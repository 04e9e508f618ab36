"""What pain answers mean: hours a week as a range, per respondent and summed (domain 3.5).

Respondents only, never extrapolated; reach (Q5) is counted and never multiplied.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Times a week in hundredths (whole numbers, so that sums do not depend on their order).
TIMES_A_WEEK: Final[Mapping[str, tuple[int, int]]] = {
    "daily": (500, 500),
    "weekly": (200, 400),
    "monthly": (50, 90),
    "yearly": (4, 20),
}
MINUTES: Final[Mapping[str, tuple[int, int]]] = {
    "under_5": (1, 5),
    "to_15": (5, 15),
    "to_30": (15, 30),
    "to_60": (30, 60),
    "over_60": (60, 120),
}
#: Where a survey asks them without saying so by their kind (waves opened before there were kinds).
FREQUENCY_QUESTION, MINUTES_QUESTION = "Q3", "Q4"
BUSY_SEASON: Final = "busy_season"
UNKNOWN: Final = "unknown"
_HUNDREDTHS_PER_MINUTE = 100
_HUNDREDTHS_PER_HOUR = 6000


@dataclass(frozen=True, slots=True)
class Burden:
    """An estimated range, kept in hundredths of a minute a week."""

    low: int = 0
    high: int = 0

    def __add__(self, other: "Burden") -> "Burden":
        return Burden(self.low + other.low, self.high + other.high)

    @property
    def minutes(self) -> tuple[float, float]:
        """Minutes a week, low and high."""
        return self.low / _HUNDREDTHS_PER_MINUTE, self.high / _HUNDREDTHS_PER_MINUTE

    @property
    def hours(self) -> tuple[float, float]:
        """Hours a week, low and high."""
        return self.low / _HUNDREDTHS_PER_HOUR, self.high / _HUNDREDTHS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Report:
    """One respondent's main theme; None is a question passed over."""

    theme: str
    frequency: str | None
    minutes: str | None
    reach: str | None = None


@dataclass(frozen=True, slots=True)
class BurdenSum:
    """A sum with what is not in it: each respondent is in exactly one of the four counts."""

    burden: Burden = Burden()
    counted: int = 0
    busy_season: int = 0
    unknown: int = 0
    unanswered: int = 0

    @property
    def respondents(self) -> int:
        return self.counted + self.busy_season + self.unknown + self.unanswered


@dataclass(frozen=True, slots=True)
class ThemeBurden:
    """One theme: who named it first, its estimated burden, and how far it reaches."""

    theme: str
    total: BurdenSum
    reach: Mapping[str, int] = field(default_factory=dict)


def cost_questions(definition: Mapping[str, Any]) -> tuple[str, str]:
    """Codes of the questions for how often and how long: the first of each kind."""
    first: dict[str, str] = {}
    for question in definition["questions"]:
        first.setdefault(question["kind"], question["code"])
    return first.get("frequency", FREQUENCY_QUESTION), first.get("minutes", MINUTES_QUESTION)


def burden(frequency: str | None, minutes: str | None) -> Burden | None:
    """Own times a week x own minutes; None where either is not in the table or not given."""
    times = TIMES_A_WEEK.get(frequency or "")
    each = MINUTES.get(minutes or "")
    if times is None or each is None:
        return None
    return Burden(times[0] * each[0], times[1] * each[1])


def total(reports: Iterable[Report]) -> BurdenSum:
    """Sum over respondents. 繁忙期だけ and 分からない are counted beside it, in this order."""
    summed = Burden()
    counts: Counter[str] = Counter()
    for report in reports:
        own = burden(report.frequency, report.minutes)
        if own is not None:
            summed += own
            counts["counted"] += 1
        elif report.frequency == BUSY_SEASON:
            counts["busy_season"] += 1
        elif report.minutes == UNKNOWN:
            counts["unknown"] += 1
        else:
            counts["unanswered"] += 1
    return BurdenSum(summed, **counts)


def by_theme(reports: Iterable[Report]) -> list[ThemeBurden]:
    """Themes, heaviest first: by the high end of the range, then respondents, then code."""
    groups: dict[str, list[Report]] = {}
    for report in reports:
        groups.setdefault(report.theme, []).append(report)
    themes = [
        ThemeBurden(theme, total(rows), dict(Counter(row.reach for row in rows if row.reach)))
        for theme, rows in groups.items()
    ]
    return sorted(themes, key=_weight)


def _weight(row: ThemeBurden) -> tuple[int, int, str]:
    return -row.total.burden.high, -row.total.respondents, row.theme
