"""What other apps tell the staircase, which this one may not know: each registers when ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

#: (code, words) of every question of the staff survey that can decide or accompany a criterion.
questions: list[Callable[[], Sequence[tuple[str, str]]]] = []
#: (municipality, day) → sentences about surveys that are under way over that day.
under_way: list[Callable[[int, date], Sequence[str]]] = []


def survey_questions() -> list[tuple[str, str]]:
    """All of them, in the order of the survey."""
    return [row for source in questions for row in source()]


def surveys_over(municipality_id: int, day: date) -> list[str]:
    """What a change of the staircase on that day meets."""
    return [line for source in under_way for line in source(municipality_id, day)]
