"""Effects of an initiative: the card, and the pages on which they are entered and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions import value as actions
from roadmap.actions.parts import PartConflict
from roadmap.board import BoardRow
from roadmap.choices import Measure, Standing, ValueSource
from roadmap.forms.value import CheckForm, ValueForm
from roadmap.models import Initiative, Reinvestment, ValueEntry
from roadmap.permissions import may_update
from roadmap.reinvesting import Balance
from roadmap.value_ledger import balances, figures_of, line_of, use_of, with_phase
from roadmap.value_sums import Amount, Kept, Line, amount_text, promises
from roadmap.views.parts import back_to, changeable, last_change, removal, visible_initiative

READ_OR_POST = ["GET", "POST"]


@dataclass(frozen=True)
class EntryRow:
    """One figure as it is shown, and what its reader may do with it."""

    entry: ValueEntry
    text: str
    may_change: bool
    may_check: bool
    may_withdraw: bool


@dataclass(frozen=True)
class KeptRow:
    """Promised → verified, in words."""

    label: str
    promised: str
    verified: str


@dataclass(frozen=True)
class BalanceRow:
    """What was freed, used and left of time or money, in words."""

    measure: str
    balance: Balance
    freed: str
    left: str
    uses: list[Any]


@dataclass(frozen=True)
class ValueCard:
    """All effects of one initiative."""

    kept: list[KeptRow]
    rows: list[EntryRow]
    balances: list[BalanceRow]
    measures: list[Measure]
    may_reinvest: bool


def value_card(row: BoardRow, user: User, _day: date) -> ValueCard:
    """Two queries, one more where there are figures, whatever their number."""
    initiative = row.initiative
    entries = list(ValueEntry.objects.in_force().filter(initiative=initiative).select_related("by"))
    checked = {entry.checks_id for entry in entries}
    office = can(user, Permission.CHECK_EFFECTS)
    rows = [
        _entry_row(entry, user, row.may_update, office and entry.pk not in checked)
        for entry in entries
    ]
    uses = list(initiative.reinvestments.select_related("target"))
    money_and_time = [
        _balance_row(measure, balance, [use for use in uses if use.measure == measure])
        for measure, balance in _balances(initiative, entries, uses).items()
        if balance.freed or balance.used
    ]
    return ValueCard(
        kept=[_kept_row(kept) for kept in promises(figures_of(entries)) if kept.promised],
        rows=rows,
        balances=money_and_time,
        measures=list(Measure),
        may_reinvest=row.may_update and any(b.balance.freed for b in money_and_time),
    )


def _balances(
    initiative: Initiative, entries: list[ValueEntry], uses: list[Reinvestment]
) -> dict[str, Balance]:
    """Time and money, freed against used."""
    if not entries and not uses:
        return {}
    row = with_phase(Initiative.objects.filter(pk=initiative.pk)).get()
    return balances(row, figures_of(entries), [use_of(use) for use in uses])


def _entry_row(entry: ValueEntry, user: User, may_update: bool, unchecked: bool) -> EntryRow:
    typed = entry.standing != Standing.VERIFIED
    checkable = entry.standing == Standing.REPORTED and entry.measure != Measure.HOURS
    return EntryRow(
        entry,
        amount_text(line_of(entry), Amount(entry.low, entry.high)),
        may_change=may_update and typed,
        may_check=unchecked and checkable and entry.by_id != user.pk,
        may_withdraw=may_withdraw(user, entry),
    )


def may_withdraw(user: User, entry: ValueEntry) -> bool:
    """Whether the person may take a check back."""
    return entry.source == ValueSource.DOCUMENT and can(user, Permission.CHECK_EFFECTS)


def _kept_row(kept: Kept) -> KeptRow:
    promised = amount_text(kept.line, kept.promised) if kept.promised else ""
    verified = amount_text(kept.line, kept.verified) if kept.verified else ""
    return KeptRow(str(Measure(kept.line.measure).label), promised, verified)


def _balance_row(measure: str, balance: Balance, uses: list[Any]) -> BalanceRow:
    line = Line(measure)
    freed = amount_text(line, balance.freed.amount) if balance.freed else ""
    left = amount_text(line, balance.left) if balance.left else ""
    shown = [(use, amount_text(line, Amount(use.amount, use.amount))) for use in uses]
    return BalanceRow(measure, balance, freed, left, shown)


@require_http_methods(READ_OR_POST)
@requires(Permission.SEE_INITIATIVES)
def value_create(request: HttpRequest, pk: int, measure: str) -> HttpResponse:
    """Add a promised or reported figure; sent twice, it is there once."""
    initiative = changeable(request, pk)
    if measure not in Measure.values:
        raise Http404
    form = ValueForm(
        request.POST or None,
        measure=measure,
        day=timezone.localdate(),
        launched=initiative.launched_on is not None,
    )
    if request.method == "POST" and form.is_valid():
        user = signed_in(request)
        if _done(form, lambda: actions.add_value(initiative, by=user, fields=form.values())):
            return notify(request, _back(request, initiative), _("The effect was added."))
    return _page(request, initiative, form, measure=Measure(measure))


@require_http_methods(READ_OR_POST)
@requires(Permission.SEE_INITIATIVES)
def value_edit(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Correct a figure by a newer one; a stale form shows the newer one of somebody else."""
    initiative, user = changeable(request, pk), signed_in(request)
    entry = get_object_or_404(_typed_entries(initiative), pk=part_pk)
    if request.method == "GET":
        entry = _newest(entry)
    form = ValueForm(
        request.POST or None, measure=entry.measure, day=timezone.localdate(), entry=entry
    )
    asked: dict[str, Any] = {"measure": Measure(entry.measure), "entry": entry}
    if request.method == "POST" and form.is_valid():
        fields = form.values()
        try:
            if _done(form, lambda: actions.correct_value(entry, by=user, fields=fields)):
                return notify(request, _back(request, initiative), _("The effect was corrected."))
        except PartConflict:
            theirs = _newest(entry)
            last = last_change(user, initiative, theirs)
            asked |= {"entry": theirs, "theirs": _text(theirs), "last": last}
            return _page(request, initiative, form, status=409, **asked)
        except ValueEntry.DoesNotExist:
            return _page(request, initiative, form, status=409, gone=True, **asked)
    return _page(request, initiative, form, **asked)


@require_http_methods(READ_OR_POST)
@requires(Permission.CHECK_EFFECTS)
def value_check(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Name the document in which a reported figure was found."""
    initiative, user, _day = visible_initiative(request, pk)
    entry = get_object_or_404(_typed_entries(initiative).in_force(), pk=part_pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        document = form.cleaned_data["document"]
        if _done(form, lambda: actions.check_value(entry, by=user, document=document)):
            return notify(request, _back(request, initiative), _("The effect was checked."))
    context = {"initiative": initiative, "entry": entry, "text": _text(entry), "form": form}
    status = 422 if form.errors else 200
    return render(request, "roadmap/value_check.html", context, status=status)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def value_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Hide a figure, or withdraw a check, with the way back."""
    initiative, user, day = visible_initiative(request, pk)
    entry = initiative.value_entries.filter(pk=part_pk).first()
    if not _may_hide(user, initiative, entry, day):
        raise PermissionDenied
    back = _back(request, initiative)
    if entry is None:
        return back
    try:
        event = actions.remove_value(entry, by=user)
    except (PartConflict, ValueEntry.DoesNotExist):
        return notify(request, back, _("Somebody else changed it meanwhile."), tone="error")
    except ValidationError as refused:
        return notify(request, back, " ".join(refused.messages), tone="error")
    undo = reverse("roadmap:value_restore", args=[initiative.pk, event.pk])
    return notify(request, back, _("The effect was removed."), undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def value_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring it back."""
    initiative, user, day = visible_initiative(request, pk)
    if not _may_hide(user, initiative, None, day):
        raise PermissionDenied
    event = removal(user, initiative, event_pk, actions.REMOVED)
    back = _back(request, initiative)
    try:
        actions.restore_value(event, by=user)
    except ValidationError as refused:
        return notify(request, back, " ".join(refused.messages), tone="error")
    return notify(request, back, _("The effect is back."))


def _may_hide(user: User, initiative: Initiative, entry: ValueEntry | None, day: date) -> bool:
    """Checks are the office's; the rest is for those who report on it."""
    if entry is not None and entry.source == ValueSource.DOCUMENT:
        return may_withdraw(user, entry)
    return may_update(user, initiative, day)


def _typed_entries(initiative: Initiative) -> Any:
    return initiative.value_entries.exclude(standing=Standing.VERIFIED)


def _newest(entry: ValueEntry) -> ValueEntry:
    """The figure that took its place, if one did."""
    while entry.replaced_on is not None:
        entry = entry.replaced_by
    return entry


def _text(entry: ValueEntry) -> str:
    return amount_text(line_of(entry), Amount(entry.low, entry.high))


def _done(form: ValueForm | CheckForm, act: Callable[[], object]) -> bool:
    """Whether the action went through; else its words stand in the form."""
    try:
        act()
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True


def _back(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    return back_to(request, initiative, "value")


def _page(
    request: HttpRequest, initiative: Initiative, form: ValueForm, *, status: int = 0, **more: Any
) -> HttpResponse:
    context = {"initiative": initiative, "form": form, **more}
    status = status or (422 if form.errors else 200)
    return render(request, "roadmap/value_form.html", context, status=status)
