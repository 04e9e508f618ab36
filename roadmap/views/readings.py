"""Figures of criteria by hand: the table of one criterion and day; taking one away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.htmx import notify
from roadmap.actions.readings import (
    REMOVED,
    ReadingConflict,
    Written,
    enter_readings,
    remove_reading,
    restore_reading,
)
from roadmap.forms.readings import ReadingChoiceForm, ReadingFields, ReadingsForm
from roadmap.measuring import exact
from roadmap.models import Criterion, CriterionReading
from roadmap.permissions import may_feed
from roadmap.reading_table import (
    LastFigure,
    bureaus_of,
    fed_criteria,
    figures_on,
    last_figures,
    threshold_of,
    threshold_words,
)
from roadmap.views.status import next_url

#: Departments on one page; each page is saved by itself.
PAGE_SIZE = 50


@dataclass(frozen=True)
class ReadingRow:
    """One department of the table."""

    department: Department
    last: LastFigure | None
    there: CriterionReading | None
    fields: ReadingFields
    conflict: bool = False

    @property
    def there_value(self) -> str:
        """What stands on the chosen day, as people write it."""
        return exact(self.there.value) if self.there else ""


@require_http_methods(["GET", "POST"])
@requires(Permission.FEED_READINGS)
def reading_list(request: HttpRequest) -> HttpResponse:
    """One number a department for a criterion and a day; empty enters nothing."""
    user, today = signed_in(request), timezone.localdate()
    criteria = fed_criteria(user)
    sent = request.method == "POST"
    data = request.POST if sent else request.GET
    choice = ReadingChoiceForm(
        data, criteria=criteria, bureaus=bureaus_of(user, today), today=today
    )
    if choice.chosen is None:
        return render(request, "roadmap/reading_list.html", {"criteria": criteria})
    if not choice.is_valid():
        return _page(request, choice, choice.chosen, status=422)
    page = _departments(user, choice, data.get("page"))
    rows = list(page.object_list)
    there = figures_on(choice.chosen, rows, choice.day)
    form = ReadingsForm(request.POST if sent else None, departments=rows, there=there)
    if sent and form.is_valid():
        return _save(request, choice, choice.chosen, page, form)
    more: dict[str, Any] = {"form": form, "page": page, "there": there}
    return _page(request, choice, choice.chosen, **more, status=422 if sent else 200)


def _save(
    request: HttpRequest,
    choice: ReadingChoiceForm,
    criterion: Criterion,
    page: Page[Department],
    form: ReadingsForm,
) -> HttpResponse:
    """All that was touched, or nothing where somebody else was faster: 409 with both."""
    typed = form.figures(criterion, choice.day)
    try:
        written = enter_readings(
            criterion.stage.municipality,
            list(typed),
            by=signed_in(request),
            today=choice.today,
            seen={figure.key: seen for figure, seen in typed.items()},
        )
    except ReadingConflict as conflict:
        there = figures_on(criterion, form.departments, choice.day)
        more: dict[str, Any] = {"page": page, "there": there, "changed": conflict.departments}
        again = form.after_conflict(there)
        return _page(request, choice, criterion, form=again, **more, status=409)
    return notify(request, _back(choice, page.number), _said(written))


def _departments(user: User, choice: ReadingChoiceForm, number: str | None) -> Page[Department]:
    """Those that stood on the chosen day, in the order of the organisation."""
    rows = Department.objects.visible_to(user).on(choice.day).sections()
    if choice.bureau_id:
        rows = rows.filter(bureau=choice.bureau_id)
    return Paginator(rows.select_related("bureau").in_order(), PAGE_SIZE).get_page(number)


def _back(choice: ReadingChoiceForm, number: int) -> HttpResponseRedirect:
    """The same table, with what was entered in it."""
    here = reverse("roadmap:reading_list")
    criterion = choice.chosen.pk if choice.chosen else ""
    where = f"?criterion={criterion}&measured_on={choice.day.isoformat()}"
    bureau = f"&bureau={choice.bureau_id}" if choice.bureau_id else ""
    return HttpResponseRedirect(f"{here}{where}{bureau}&page={number}")


def _said(written: Written) -> str:
    count = written.created + written.changed
    if not count:
        return _("Nothing had changed.")
    words = ngettext("%(count)s figure was saved.", "%(count)s figures were saved.", count)
    return words % {"count": count}


def _page(
    request: HttpRequest,
    choice: ReadingChoiceForm,
    criterion: Criterion,
    *,
    form: ReadingsForm | None = None,
    page: Page[Department] | None = None,
    there: dict[int, CriterionReading] | None = None,
    changed: Collection[int] = (),
    status: int = 200,
) -> HttpResponse:
    """`changed`: departments whose figures somebody else has changed since the page was opened."""
    departments = list(page.object_list) if page else []
    last = last_figures(criterion, departments, timezone.localdate())
    stands = there or {}
    rows = [
        ReadingRow(
            one, last.get(one.pk), stands.get(one.pk), form.fields_of(one), one.pk in changed
        )
        for one in departments
        if form is not None
    ]
    context = {
        "criteria": list(choice.criteria.values()),
        "criterion": criterion,
        "threshold": threshold_words(threshold_of(criterion)),
        "choice": choice,
        "form": form,
        "rows": rows,
        "changed": [_named(one) for one in departments if one.pk in changed],
        "page": page,
    }
    return render(request, "roadmap/reading_list.html", context, status=status)


def _named(department: Department) -> str:
    """With its bureau: 総務課 exists more than once."""
    return f"{department.bureau} {department}" if department.bureau else str(department)


@require_POST
@requires(Permission.FEED_READINGS, Permission.CONFIRM_CRITERIA)
def reading_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one figure away, with the way back."""
    user = signed_in(request)
    rows = CriterionReading.objects.visible_to(user).select_related("criterion", "department")
    reading = get_object_or_404(rows, pk=pk)
    if not may_feed(user, reading.department):
        raise PermissionDenied
    event = remove_reading(reading, by=user)
    undo = reverse("roadmap:reading_restore", args=[event.pk]) if event else None
    return notify(request, _from(request), _("The figure was removed."), undo)


@require_POST
@requires(Permission.FEED_READINGS, Permission.CONFIRM_CRITERIA)
def reading_restore(request: HttpRequest, event_pk: int) -> HttpResponse:
    """Write a removed figure again, unless that day has another one by now."""
    user = signed_in(request)
    events = Event.objects.visible_to(user).filter(action=REMOVED)
    event = get_object_or_404(events, pk=event_pk)
    here = Department.objects.visible_to(user)
    department = get_object_or_404(here, pk=event.before.get("department_id", 0))
    if not may_feed(user, department):
        raise PermissionDenied
    try:
        restore_reading(event, by=user)
    except ReadingConflict:
        sentence = _("This was changed again since; nothing was taken back.")
        return notify(request, _from(request), sentence, tone="error")
    return notify(request, _from(request), _("The figure is there again."))


def _from(request: HttpRequest) -> HttpResponseRedirect:
    """Back to the page of the button; else to the table."""
    return HttpResponseRedirect(next_url(request, reverse("roadmap:reading_list")))
