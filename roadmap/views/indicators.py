"""Indicators of an initiative: the card, the short form that measures, and the long one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle
from dxportal.shared.htmx import notify
from roadmap.actions import indicators as actions
from roadmap.actions.parts import PartConflict
from roadmap.board import BoardRow
from roadmap.choices import IndicatorKind
from roadmap.forms.parts import IndicatorForm, MeasureForm
from roadmap.measurements import IndicatorRow, by_kind, indicator_rows
from roadmap.measuring import exact
from roadmap.models import Indicator, Initiative, Measurement
from roadmap.views.parts import changeable, draw_card, last_change, removal, version_of


@dataclass(frozen=True)
class IndicatorGroup:
    """One kind with its indicators and the short form of each."""

    kind: IndicatorKind
    rows: list[tuple[IndicatorRow, MeasureForm]]


@dataclass(frozen=True)
class IndicatorCard:
    """Availability and use side by side, effect below them; never one sum."""

    beside: list[IndicatorGroup]
    effect: IndicatorGroup
    any: bool


def indicator_card(row: BoardRow, _user: User, day: date) -> IndicatorCard:
    """Four queries, whatever the number of indicators."""
    kinds = by_kind(indicator_rows(row.initiative, day))
    groups = {
        kind: IndicatorGroup(
            IndicatorKind(kind), [(item, _measure_form(item.indicator, day)) for item in items]
        )
        for kind, items in kinds.items()
    }
    beside = [groups[IndicatorKind.AVAILABILITY], groups[IndicatorKind.USE]]
    return IndicatorCard(
        beside if any(group.rows for group in beside) else [],
        groups[IndicatorKind.EFFECT],
        any(kinds.values()),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def indicator_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one; sent twice, it is there once."""
    initiative = changeable(request, pk)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_indicator(initiative, by=signed_in(request), values=form.values())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            sentence = _("“%(title)s” was added.") % {"title": made.name}
            return notify(request, _back(initiative), sentence)
    return _page(request, initiative, form)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def indicator_edit(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Change fields and targets; a stale form shows both sides."""
    initiative = changeable(request, pk)
    indicator = get_object_or_404(initiative.indicator_rows, pk=part_pk)
    form = _form(request, indicator)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.edit_indicator(
                indicator, by=signed_in(request), values=form.values(), version=version
            )
        except PartConflict as conflict:
            return _page_conflict(request, initiative, conflict, form)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            sentence = _("“%(title)s” was saved.") % {"title": form.cleaned_data["name"]}
            return notify(request, _back(initiative), sentence)
    return _page(request, initiative, form, indicator=indicator)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def indicator_measure(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Enter the value of a day; another value that is there already is shown beside it."""
    initiative, day = changeable(request, pk), timezone.localdate()
    indicator = get_object_or_404(initiative.indicator_rows, pk=part_pk)
    form = _measure_form(indicator, day, request.POST)
    if not form.is_valid():
        return _draw(request, initiative, status=422, pk=part_pk, form=form)
    data = form.cleaned_data
    try:
        made = actions.measure(
            indicator,
            by=signed_in(request),
            value=data["value"],
            on=data["measured_on"],
            note=data["note"],
            replaces=data["replaces"],
        )
    except actions.MeasurementConflict as conflict:
        return _draw_conflict(request, initiative, indicator, conflict.theirs)
    sentence = _("“%(title)s”: %(value)s%(unit)s was entered.")
    words = {"title": indicator.name, "value": exact(made.value), "unit": indicator.unit}
    return notify(request, _draw(request, initiative), sentence % words)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def indicator_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Take it away with its values, with the way back."""
    initiative, user = changeable(request, pk), signed_in(request)
    indicator = initiative.indicator_rows.filter(pk=part_pk).first()
    if indicator is None:
        return _draw(request, initiative)
    try:
        event = actions.remove_indicator(indicator, by=user, version=version_of(request))
    except PartConflict as conflict:
        last = last_change(user, initiative, conflict.theirs)
        return _draw(request, initiative, status=409, changed=conflict.theirs, last=last)
    except Indicator.DoesNotExist:
        return _draw(request, initiative)
    undo = reverse("roadmap:indicator_restore", args=[initiative.pk, event.pk])
    sentence = _("“%(title)s” was removed.") % {"title": indicator.name}
    return notify(request, _draw(request, initiative), sentence, undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def indicator_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring it back with its targets and values."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, actions.REMOVED)
    try:
        indicator = actions.restore_indicator(event, by=user)
    except ValidationError as refused:
        return notify(request, _draw(request, initiative), refused.messages[0], tone="error")
    sentence = _("“%(title)s” is as it was before.") % {"title": indicator.name}
    return notify(request, _draw(request, initiative), sentence)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def measurement_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Take one value away, with the way back."""
    initiative = changeable(request, pk)
    rows = Measurement.objects.filter(indicator__initiative=initiative)
    measurement = rows.select_related("indicator").filter(pk=part_pk).first()
    event = measurement and actions.remove_measurement(measurement, by=signed_in(request))
    response = _draw(request, initiative)
    if event is None:
        return response
    undo = reverse("roadmap:measurement_restore", args=[initiative.pk, event.pk])
    return notify(request, response, _("The measurement was removed."), undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def measurement_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Write it again, unless that day has another value by now."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, actions.UNMEASURED)
    try:
        actions.restore_measurement(event, by=user)
    except (actions.MeasurementConflict, Indicator.DoesNotExist):
        sentence = _("This was changed again since; nothing was taken back.")
        return notify(request, _draw(request, initiative), sentence, tone="error")
    return notify(request, _draw(request, initiative), _("The measurement is there again."))


def _measure_form(indicator: Indicator, day: date, data: Any = None) -> MeasureForm:
    return MeasureForm(data, day=day, auto_id=f"measure-{indicator.pk}-%s")


def _form(request: HttpRequest, indicator: Indicator | None = None) -> IndicatorForm:
    municipality = signed_in(request).municipality
    style = cast(CalendarStyle, municipality.calendar_style if municipality else "both")
    return IndicatorForm(
        request.POST if request.method == "POST" else None,
        day=timezone.localdate(),
        style=style,
        current=actions.fields_of(indicator) if indicator else None,
        version=indicator.version if indicator else 0,
    )


def _back(initiative: Initiative) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{initiative.get_absolute_url()}#indicators")


def _draw(
    request: HttpRequest, initiative: Initiative, *, status: int = 200, **asked: Any
) -> HttpResponse:
    return draw_card(request, initiative, "indicators", indicator_card, status=status, **asked)


def _draw_conflict(
    request: HttpRequest, initiative: Initiative, indicator: Indicator, theirs: Measurement
) -> HttpResponse:
    """409: the value of that day and mine; sent again, mine replaces what is shown."""
    typed = request.POST.copy()
    typed["replaces"] = exact(theirs.value)
    form = _measure_form(indicator, timezone.localdate(), typed)
    words = {"value": exact(theirs.value), "who": theirs.by.name if theirs.by else ""}
    return _draw(request, initiative, status=409, pk=indicator.pk, form=form, theirs=words)


def _page(
    request: HttpRequest, initiative: Initiative, form: IndicatorForm, **more: Any
) -> HttpResponse:
    context = {"initiative": initiative, "form": form, **more}
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/indicator_form.html", context, status=status)


def _page_conflict(
    request: HttpRequest, initiative: Initiative, conflict: PartConflict, form: IndicatorForm
) -> HttpResponse:
    """409: fields that differ, theirs and mine; the form starts from theirs and holds mine."""
    theirs = cast(Indicator, conflict.theirs)
    municipality = signed_in(request).municipality
    style = cast(CalendarStyle, municipality.calendar_style if municipality else "both")
    typed = request.POST.copy()
    typed["version"] = str(theirs.version)
    current = actions.fields_of(theirs)
    mine = IndicatorForm(typed, day=timezone.localdate(), style=style, current=current)
    mine.is_valid()
    context = {
        "initiative": initiative,
        "indicator": theirs,
        "form": mine,
        "differing": mine.differing(current),
        "last": last_change(signed_in(request), initiative, theirs),
    }
    return render(request, "roadmap/indicator_form.html", context, status=409)
