"""What a follow-up means: the verdict, and the day on which to ask (domain 3.6)."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from roadmap.choices import Verdict
from roadmap.staircase import enough_answers
from roadmap.timeliness import FOLLOW_UP_DAYS

#: Fewer are never published, whatever the response.
MIN_PUBLISHED: Final = 5
#: Where fewer are meant to use it nobody is asked.
MIN_MEANT_TO_USE: Final = 5
TOO_FEW_BEFORE_DECLARING: Final = 2

#: Option codes of surveys.content.FOLLOW_UP, by what they count as.
WEEKLY_OR_MORE: Final = ("daily", "weekly")
EASIER: Final = ("much_easier", "easier")
HARDER: Final = ("harder", "much_harder")
BOTH_WAYS: Final = ("both",)
#: Each figure beside a verdict: of which question, and the answers that it adds up.
SUMS: Final = {
    "weekly_or_more": ("F1", WEEKLY_OR_MORE),
    "easier": ("F2", EASIER),
    "harder": ("F2", HARDER),
    "both_ways": ("F4", BOTH_WAYS),
}


#: The question on time a week, and minutes saved by option: least and most. The open end is taken
#: as twice its beginning, as the survey of pain points does with its own (domain 3.5: 60 to 120).
TIME_QUESTION: Final = "F3"
MORE_TIME: Final = "more"
SAVED: Final = {
    "saved_30": (1, 30),
    "saved_60": (30, 60),
    "saved_180": (60, 180),
    "saved_over_180": (180, 360),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one closed follow-up; every share is of `n`, the published answers.

    Somebody who passed over a question stays in `n`.
    """

    asked: int
    n: int
    weekly_or_more: int
    easier: int
    harder: int
    both_ways: int


def verdict(figures: Figures) -> Verdict:
    """The first that fits; compared in whole numbers, so 60 % of 10 is 6 and not a rounding.

    Fewer than 5 published, or too few of those asked: too few answers. Under 30 % weekly: not
    used. Not more people relieved than burdened: rethink. 60 % weekly or more and under 30 %
    doing both: took root. Else: needs support.
    """
    n = figures.n
    if n < MIN_PUBLISHED or not enough_answers(n, figures.asked):
        return Verdict.TOO_FEW
    if figures.weekly_or_more * 10 < n * 3:
        return Verdict.UNUSED
    if figures.easier <= figures.harder:
        return Verdict.RETHINK
    if figures.weekly_or_more * 10 >= n * 6 and figures.both_ways * 10 < n * 3:
        return Verdict.ESTABLISHED
    return Verdict.SUPPORT


def saved_minutes(spans: Mapping[str, tuple[int, int]], n: int) -> tuple[int, int] | None:
    """Minutes a week that all n who answered save together: least and most; respondents only.

    `spans`: the fewest and the most people behind each option, as published; everybody is behind
    one of them. None where the options are others than those of the template, and where nobody
    need have saved anything. Time that became longer has no size and is told beside it, never
    subtracted.
    """
    if not SAVED.keys() <= spans.keys():
        return None
    minutes = {option: SAVED.get(option, (0, 0)) for option in spans}
    low = _filled(sorted((minutes[o][0], spans[o]) for o in spans), n)
    high = _filled(sorted(((minutes[o][1], spans[o]) for o in spans), reverse=True), n)
    return (low, high) if low > 0 else None


def _filled(costs: Sequence[tuple[int, tuple[int, int]]], n: int) -> int:
    """The sum where n people stand behind the options, as many as may behind the first ones."""
    left = n - sum(low for _cost, (low, _high) in costs)
    total = sum(cost * low for cost, (low, _high) in costs)
    for cost, (low, high) in costs:
        more = max(0, min(left, high - low))
        total += cost * more
        left -= more
    return total


def told_by_verdicts(
    question: str, spans: Mapping[str, tuple[int, int]], n: int
) -> list[tuple[Sequence[str], tuple[int, int]]]:
    """The bounds on sums of one question's answers that any verdict of n answers may tell.

    `spans`: what the published cells of all staff leave for each answer.
    """
    third, sixty = -(-n * 3 // 10), -(-n * 6 // 10)
    if question == "F1":
        parts = [(0, third - 1), (third, n), (sixty, n)]
        return [(WEEKLY_OR_MORE, part) for part in parts]
    if question == "F4":
        return [(BOTH_WAYS, (0, third - 1))]
    (easier_low, easier_high), (harder_low, harder_high) = (
        [sum(spans[option][end] for option in options if option in spans) for end in (0, 1)]
        for options in (EASIER, HARDER)
    )
    return [
        (EASIER, (0, harder_high)),
        (HARDER, (easier_low, n)),
        (EASIER, (harder_low + 1, n)),
        (HARDER, (0, easier_high - 1)),
    ]


def is_declared(meant_to_use: int, verdicts: Sequence[str]) -> bool:
    """Whether the accountable post declares the outcome, with a reason, instead of asking.

    Where fewer than 5 are meant to use it, or the last two verdicts were too few answers.
    `verdicts` are in order of time. What is declared is shown as 申告, never as measured.
    """
    last = verdicts[-TOO_FEW_BEFORE_DECLARING:]
    return meant_to_use < MIN_MEANT_TO_USE or (
        len(last) == TOO_FEW_BEFORE_DECLARING and all(v == Verdict.TOO_FEW for v in last)
    )


def follow_up_due(launched_on: dt.date, is_workday: Callable[[dt.date], bool]) -> dt.date:
    """90 days after go-live, moved on to the next working day."""
    day = launched_on + dt.timedelta(days=FOLLOW_UP_DAYS)
    while not is_workday(day):
        day += dt.timedelta(days=1)
    return day
