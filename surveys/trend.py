"""Themes of the monthly intake over its last waves, from the stored counts of all staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from surveys.choices import Template
from surveys.figures import Spark, spark
from surveys.models import CellTally, Wave
from surveys.partition import ALL
from surveys.results import NOTHING, Results, Shown, option_labels, shown

#: A year of months.
MONTHS = 12
QUESTION = "Q1"


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One theme: a number, a bound or nothing for each wave, and the line that they make."""

    code: str
    label: str
    cells: Sequence[Shown]
    spark: Spark


@dataclass(frozen=True, slots=True)
class Trend:
    """Waves from the oldest to this one, themes as rows."""

    waves: Sequence[Wave]
    rows: Sequence[TrendRow]


def trend(results: Results, user: User, now: dt.datetime) -> Trend | None:
    """The last waves up to this one; None for other surveys and for a first wave."""
    wave = results.wave
    if results.definition["template"] != Template.INTAKE or results.everybody is None:
        return None
    shown_by_now = Wave.objects.visible_to(user).shown(now).filter(opens_at__lte=wave.opens_at)
    heavy = ("frozen_org", "frozen_definition", "notice_text")
    found = shown_by_now.filter(survey__template=Template.INTAKE).defer(*heavy)
    waves = list(reversed(found.order_by("-opens_at", "-pk")[:MONTHS]))
    if len(waves) < 2:
        return None
    cells: dict[tuple[int, str], CellTally] = {
        (cell.wave_id, cell.option): cell
        for cell in CellTally.objects.filter(wave__in=waves, group__key=ALL, question=QUESTION)
    }
    question = next(q for q in results.definition["questions"] if q["code"] == QUESTION)
    values = {
        code: [counted(cells.get((w.pk, code)), w) for w in waves]
        for code in option_labels(question)
        if any((w.pk, code) in cells for w in waves)
    }
    highest = max((c.value or 0 for row in values.values() for c in row), default=0)
    labels = option_labels(question)
    return Trend(
        waves,
        [
            TrendRow(code, labels[code], row, spark([c.value for c in row], highest))
            for code, row in values.items()
        ],
    )


def counted(cell: CellTally | None, wave: Wave) -> Shown:
    """How many, where the number is stored; otherwise what stands for it, without a point."""
    if cell is not None and cell.count is not None:
        return Shown(str(cell.count), float(cell.count))
    if cell is not None and cell.below_k:
        return Shown(_("fewer than %(k)s") % {"k": wave.k_cell}, None, "mask", _("too few"))
    if cell is not None and cell.percent is not None:
        return Shown(shown(cell).text, None)
    return Shown(NOTHING, None, "mask", _("nothing is shown of that round"))
