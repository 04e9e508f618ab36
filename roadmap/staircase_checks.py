"""What keeps a version of a staircase from applying, in sentences. No rows, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from roadmap.choices import CriterionSource
from roadmap.staircase_diff import Asked, Version, decided_twice, twice
from roadmap.thresholds import Threshold, read_threshold

#: A cut at 100 % would say "everybody", one at 0 % "nobody"; between these two it never does.
LEAST_SHARE, MOST_SHARE = Decimal(10), Decimal(90)
#: Nearer cuts would tell how many agreed more finely than the shares that are shown (5 %).
LEAST_APART: Final = Decimal(5)


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be mended, and of which criterion."""

    code: str
    sentence: str


def problems(version: Version) -> list[Problem]:
    """Everything that has to be mended before a version can have a day."""
    found = [
        Problem(code, _("%(code)s: two criteria have this code.") % {"code": code})
        for code in twice(version)
    ]
    found += [
        Problem(code, _("Question %(code)s decides two criteria.") % {"code": code})
        for code in decided_twice(version)
    ]
    for row in version.asked:
        if sentence := lacking(row):
            found.append(Problem(row.code, f"{row.code}: {sentence}"))
    return found


def lacking(row: Asked) -> str:
    """What one criterion lacks so that its level can be found; empty where nothing."""
    if not row.text.strip():
        return _("Write what must be so.")
    if row.source == CriterionSource.SURVEY and not row.question:
        return _("Choose the question of the survey that decides.")
    if row.source == CriterionSource.INITIATIVE and not row.measure:
        return _("Choose what is counted.")
    if row.source == CriterionSource.INDICATOR and not row.unit:
        return _("Say in which unit the figure is given.")
    try:
        threshold_of(row.source, row.measure, row.threshold)
    except ValueError as error:
        return str(error)
    return ""


def threshold_of(source: str, measure: str, raw: Mapping[str, Any]) -> Threshold | None:
    """The numbers of a measured criterion, None for a declared one.

    Raises ValueError with what to mend: see `read_threshold`, and what a survey must not tell.
    """
    if source == CriterionSource.DECLARED:
        return None
    if source == CriterionSource.INITIATIVE and not measure:
        raise ValueError(_("Choose what is counted."))
    found = read_threshold(source, measure, raw)
    if source == CriterionSource.SURVEY:
        _refuse_telling(found)
    return found


def _refuse_telling(threshold: Threshold) -> None:
    numbers = [number for number, _level in threshold.steps]
    if not all(LEAST_SHARE <= n <= MOST_SHARE and n == int(n) for n in numbers):
        raise ValueError(
            _(
                "In a survey the numbers are whole percentages from %(least)s to %(most)s:"
                " others would tell that nobody, or everybody, agreed."
            )
            % {"least": LEAST_SHARE, "most": MOST_SHARE}
        )
    if any(higher - lower < LEAST_APART for higher, lower in pairwise(numbers)):
        raise ValueError(
            _(
                "In a survey the numbers are at least %(apart)s points apart: nearer ones would"
                " tell almost exactly how many agreed."
            )
            % {"apart": LEAST_APART}
        )


def stored(threshold: Threshold | None, source: str, measure: str) -> dict[str, str]:
    """As a version keeps it: nothing for the default numbers, except of an indicator."""
    if threshold is None:
        return {}
    if source != CriterionSource.INDICATOR and threshold == read_threshold(source, measure, {}):
        return {}
    return threshold.plain
