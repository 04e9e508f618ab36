"""Effects and their uses as tables: codes and units beside the words, one row a figure."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dxportal.accounts.models import User
from dxportal.dashboards.value_page import Ledger, SourceRow, source_rows
from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from roadmap.choices import Measure, Standing, ValueSource
from roadmap.value_ledger import line_of
from roadmap.value_sums import LINES, UNITS, Line

Cell = str | int | float | bool | None

#: Codes stay the same in every language; the word of each stands beside it.
HEADER: Final = (
    pgettext_lazy("column", "Number"),
    gettext_lazy("Initiative"),
    gettext_lazy("Code of the lead department"),
    gettext_lazy("Lead department"),
    "measure",
    gettext_lazy("What changes"),
    "direction",
    "standing",
    gettext_lazy("How sure it is"),
    "source",
    pgettext_lazy("effect", "Source"),
    "low",
    "high",
    pgettext_lazy("of a figure", "Unit"),
    gettext_lazy("What people could not have before"),
    gettext_lazy("Where the figure comes from"),
    gettext_lazy("Document"),
    gettext_lazy("Date"),
)
USES_HEADER: Final = (
    pgettext_lazy("column", "Number"),
    gettext_lazy("Initiative"),
    "measure",
    gettext_lazy("Amount"),
    pgettext_lazy("of a figure", "Unit"),
    gettext_lazy("Number of the initiative that gets it"),
    gettext_lazy("Initiative that gets it"),
    gettext_lazy("What it is used for"),
    gettext_lazy("Date"),
)


def effect_rows(ledger: Ledger) -> Iterator[list[Cell]]:
    """One row a figure in force, in the order of HEADER."""
    for entry in ledger.entries:
        initiative = ledger.initiatives[entry.initiative_id]
        yield [
            initiative.pk,
            initiative.title,
            initiative.lead_code or "",
            initiative.lead_name or "",
            entry.measure,
            entry.get_measure_display(),
            entry.direction.value,
            entry.standing,
            entry.get_standing_display(),
            entry.source,
            entry.get_source_display(),
            entry.low,
            entry.high,
            str(UNITS[line_of(entry)]),
            entry.sentence,
            entry.basis,
            entry.document,
            entry.on.isoformat(),
        ]


def use_rows(sources: Sequence[SourceRow]) -> Iterator[list[Cell]]:
    """One row a use, in the order of USES_HEADER."""
    for source in sources:
        for row in source.uses:
            use, target = row.use, row.use.target
            yield [
                source.initiative.pk,
                source.initiative.title,
                use.measure,
                use.amount,
                str(UNITS[Line(use.measure)]),
                target.pk if target else None,
                target.title if target else "",
                use.sentence,
                use.on.isoformat(),
            ]


def value_csv(ledger: Ledger) -> bytes:
    """The figures in UTF-8 with BOM."""
    return b"".join(csv_lines([str(name) for name in HEADER], effect_rows(ledger)))


def value_xlsx(ledger: Ledger, user: User) -> bytes:
    """Three sheets: figures, uses, codes."""
    file = io.BytesIO()
    uses = use_rows(source_rows(ledger, user))
    codes = [_("Column"), _("Code"), _("Meaning"), _("Unit")]
    write_xlsx(
        [
            Sheet(_("Effects"), [str(name) for name in HEADER], effect_rows(ledger)),
            Sheet(pgettext("effects", "Uses"), [str(name) for name in USES_HEADER], uses),
            Sheet(_("Codes"), codes, _codes()),
        ],
        file,
    )
    return file.getvalue()


def _codes() -> Iterator[list[str]]:
    """What each code means; promised, reported and verified are never added together."""
    for line in LINES:
        yield ["measure", line.measure, str(Measure(line.measure).label), str(UNITS[line])]
    for standing in Standing:
        yield ["standing", standing.value, str(standing.label), ""]
    for source in ValueSource:
        yield ["source", source.value, str(source.label), ""]


def file_name(user: User, kind: str, day: dt.date) -> str:
    """With the municipality and the day in it."""
    return f"{user.municipality}_{_('Effects')}_{day:%Y-%m-%d}.{kind}"
