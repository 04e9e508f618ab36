"""The ledger of effects for one page: sums a standing, uses, subtraction and addition, stops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared.fiscal import fiscal_year
from roadmap import portfolio
from roadmap.choices import InitiativeKind, Measure, Phase, Standing, ValueSource
from roadmap.models import Initiative, Reinvestment, ValueEntry
from roadmap.reinvesting import Balance, onward
from roadmap.value_ledger import balances, figures_of, line_of, use_of, with_lead, with_phase
from roadmap.value_sums import (
    LINES,
    Amount,
    Figure,
    Kept,
    Line,
    Total,
    added,
    amount_text,
    promises,
    totals,
)

#: Rows of "promised against verified" on the page; the file has all.
MOST_ROWS = 50
HOURS = Line(Measure.HOURS)


@dataclass(frozen=True)
class Ledger:
    """Initiatives of the filter with their entries in force; everything as plain rows.

    `until`: later entries are left out.
    """

    initiatives: dict[int, Any]
    entries: list[ValueEntry]
    leads: list[tuple[int, str]] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    until: date | None = None

    def known_on(self, day: date | None) -> Ledger:
        """The same with what was entered by that day; all of it without one."""
        if day is None:
            return self
        entries = [entry for entry in self.entries if entry.on <= day]
        return replace(self, entries=entries, until=day)

    @property
    def figures(self) -> list[Figure]:
        """The entries as the pure modules see them."""
        return figures_of(self.entries)


def load_ledger(user: User, *, lead: int | None = None, fy: int | None = None) -> Ledger:
    """Two queries. `lead`: initiatives led by that department; `fy`: figures of that year."""
    rows: list[Any] = list(
        with_lead(with_phase(Initiative.objects.visible_to(user).real())).order_by("title", "pk")
    )
    entries = list(
        ValueEntry.objects.visible_to(user)
        .in_force()
        .select_related("by")
        .order_by("initiative__title", "pk")
    )
    found = {row.pk: row for row in rows if lead is None or row.lead_id == lead}
    leads = {row.lead_id: row.lead_name for row in rows if row.lead_id}
    return Ledger(
        found,
        [
            entry
            for entry in entries
            if entry.initiative_id in found and fy in (None, fiscal_year(entry.on))
        ],
        sorted(leads.items(), key=lambda pair: pair[1]),
        sorted({fiscal_year(entry.on) for entry in entries}, reverse=True),
    )


# effects ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """One total in words, with what it opens."""

    standing: Standing
    text: str
    total: Total
    how: str
    query: str


@dataclass(frozen=True)
class LineRow:
    """One line of the table: three totals that are never added."""

    label: str
    kind: str
    cells: list[Cell]


@dataclass(frozen=True)
class EntryRow:
    """One figure of an opened total."""

    initiative: Any
    entry: ValueEntry
    text: str


@dataclass(frozen=True)
class Opened:
    """The rows of one total and their sum."""

    label: str
    standing: str
    rows: list[EntryRow]
    text: str


@dataclass(frozen=True)
class KeptRow:
    """Promised → verified of one initiative."""

    initiative: Any
    label: str
    promised: str
    reported: str
    verified: str


def line_label(line: Line) -> str:
    """時間, or 費用（1回）."""
    label = str(Measure(line.measure).label)
    return _("%(label)s (once)") % {"label": label} if line.once else label


def line_rows(ledger: Ledger) -> list[LineRow]:
    """Every line; money once only where there is some."""
    held = totals(ledger.figures, set(ledger.initiatives))
    return [
        LineRow(
            line_label(line),
            str(_kind(line).label),
            [
                _cell(line, standing, held[line][standing.value], ledger.until)
                for standing in Standing
            ],
        )
        for line in LINES
        if not line.once or any(total.initiatives for total in held[line].values())
    ]


def _kind(line: Line) -> InitiativeKind:
    return InitiativeKind.ADD if line.measure == Measure.NEW_VALUE else InitiativeKind.SUBTRACT


def _cell(line: Line, standing: Standing, total: Total, until: date | None) -> Cell:
    how = ""
    if standing == Standing.VERIFIED:
        hours = line == HOURS
        how = _("the staff were asked") if hours else _("found in documents")
    text = amount_text(line, total.amount) if total.amount else ""
    query = f"measure={line.measure}&standing={standing}" + ("&once=1" if line.once else "")
    query += f"&until={until}" if until else ""
    return Cell(standing, text, total, how, query)


def opened(ledger: Ledger, measure: str, standing: str, *, once: bool) -> Opened | None:
    """The rows that a total is made of; None where nothing was chosen."""
    line = Line(measure, once)
    if line not in LINES or standing not in Standing.values:
        return None
    rows = [
        EntryRow(ledger.initiatives[entry.initiative_id], entry, _text(entry))
        for entry in ledger.entries
        if line_of(entry) == line and entry.standing == standing
    ]
    amount = added(Amount(row.entry.low, row.entry.high) for row in rows)
    text = amount_text(line, amount) if amount else ""
    return Opened(line_label(line), str(Standing(standing).label), rows, text)


def _text(entry: ValueEntry) -> str:
    return amount_text(line_of(entry), Amount(entry.low, entry.high))


def kept_rows(ledger: Ledger) -> list[KeptRow]:
    """Every promise with what came of it, the largest first."""
    return [_kept(ledger, kept) for kept in promises(ledger.figures) if kept.promised]


def _kept(ledger: Ledger, kept: Kept) -> KeptRow:
    texts = [
        amount_text(kept.line, amount) if amount else ""
        for amount in (kept.promised, kept.reported, kept.verified)
    ]
    return KeptRow(ledger.initiatives[kept.initiative], line_label(kept.line), *texts)


# uses ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class UseRow:
    """One use and where it goes on to."""

    use: Reinvestment
    text: str
    onward: list[Any]


@dataclass(frozen=True)
class SourceRow:
    """What one initiative freed of time or money, and where it went."""

    initiative: Any
    label: str
    balance: Balance
    freed: str
    left: str
    uses: list[UseRow]


def source_rows(ledger: Ledger, user: User) -> list[SourceRow]:
    """Initiatives that freed or gave something: one query more. Uses count whatever the year."""
    rows = list(
        Reinvestment.objects.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
        ).select_related("target")
    )
    uses = [use_of(row) for row in rows]
    figures: dict[int, list[Figure]] = {}
    for figure in ledger.figures:
        figures.setdefault(figure.initiative, []).append(figure)
    found = []
    for pk, initiative in ledger.initiatives.items():
        for measure, balance in balances(initiative, figures.get(pk, []), uses).items():
            if balance.freed or balance.used:
                own = [row for row in rows if (row.initiative_id, row.measure) == (pk, measure)]
                shown = [_use_row(ledger, row, onward(uses, row.target_id or 0)) for row in own]
                found.append(_source(initiative, measure, balance, shown))
    return found


def _use_row(ledger: Ledger, row: Reinvestment, further: list[int]) -> UseRow:
    names = [ledger.initiatives[pk] for pk in further if pk in ledger.initiatives]
    return UseRow(row, amount_text(Line(row.measure), Amount(row.amount, row.amount)), names)


def _source(initiative: Any, measure: str, balance: Balance, uses: list[UseRow]) -> SourceRow:
    line = Line(measure)
    return SourceRow(
        initiative,
        line_label(line),
        balance,
        amount_text(line, balance.freed.amount) if balance.freed else "",
        amount_text(line, balance.left) if balance.left and balance.left.high else "",
        uses,
    )


def left_texts(rows: Iterable[SourceRow]) -> list[str]:
    """What nobody has a use for yet, time and money apart."""
    held: dict[str, list[Amount]] = {}
    for row in rows:
        if row.balance.left and row.balance.left.high:
            held.setdefault(row.label, []).append(row.balance.left)
    lines = {line_label(Line(m)): Line(m) for m in (Measure.HOURS, Measure.MONEY)}
    sums = [(lines[label], added(amounts)) for label, amounts in held.items()]
    return [amount_text(line, amount) for line, amount in sums if amount]


# subtraction and addition -------------------------------------------------------------------------
@dataclass(frozen=True)
class KindCell:
    """Initiatives of one kind in one phase, and what the ledger says of them."""

    count: int
    sums: list[tuple[str, str]]


@dataclass(frozen=True)
class PhaseRow:
    """One phase: subtraction, addition, not said."""

    phase: Phase
    cells: list[KindCell]


def parts(ledger: Ledger) -> list[portfolio.Part]:
    """Every initiative of the ledger as a part of the portfolio."""
    verified = {f.initiative for f in ledger.figures if f.standing == Standing.VERIFIED}
    return [
        portfolio.Part(row.kind, row.phase or Phase.IDEA, pk in verified)
        for pk, row in ledger.initiatives.items()
    ]


def phase_rows(ledger: Ledger) -> list[PhaseRow]:
    """Phases that hold anything: counts of each kind, with time freed or people reached."""
    held = portfolio.counts(parts(ledger))
    return [
        PhaseRow(
            phase,
            [KindCell(held[kind][phase], _sums(ledger, kind, phase)) for kind in held],
        )
        for phase in Phase
        if any(held[kind][phase] for kind in held)
    ]


def _sums(ledger: Ledger, kind: str, phase: Phase) -> list[tuple[str, str]]:
    """(standing, sum) of time for what cuts work and of people for what creates value."""
    keys = {
        pk
        for pk, row in ledger.initiatives.items()
        if row.kind == kind and (row.phase or Phase.IDEA) == phase
    }
    line = Line(Measure.NEW_VALUE) if kind == InitiativeKind.ADD else HOURS
    held = totals(ledger.figures, keys)[line]
    return [
        (str(standing.label), amount_text(line, amount))
        for standing in Standing
        if (amount := held[standing.value].amount) is not None
    ]


# stopped ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StopRow:
    """A stopped initiative: a success."""

    initiative: Any
    ended: str | None
    freed: str


def stop_rows(ledger: Ledger) -> list[StopRow]:
    """What was stopped, with what ended and the time that this freed."""
    found = []
    for pk, row in ledger.initiatives.items():
        if row.phase == Phase.STOPPED:
            freed = added(
                Amount(entry.low, entry.high)
                for entry in ledger.entries
                if entry.initiative_id == pk and entry.source == ValueSource.STOP
            )
            found.append(StopRow(row, row.ended, amount_text(HOURS, freed) if freed else ""))
    return found


# the dashboard ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ValuePanel:
    """Three figures of time that are never added, the balance in sentences, the stops.

    `until`: the day up to which the figures count; balance and stops are always those of now.
    """

    cells: list[Cell]
    sentences: list[str]
    stopped: int
    until: date | None = None


def value_panel(user: User, until: date | None = None) -> ValuePanel:
    """Two queries. `until`: figures that were entered by that day, else all."""
    ledger = load_ledger(user)
    found = parts(ledger)
    return ValuePanel(
        line_rows(ledger.known_on(until))[0].cells,
        portfolio.sentences(found),
        sum(part.phase == Phase.STOPPED for part in found),
        until,
    )
