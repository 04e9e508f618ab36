"""「変わりなし」: a head confirms everything, or one criterion, as it was; and takes that back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dxportal.accounts.access import signed_in
from dxportal.accounts.models import Department, Event, User
from dxportal.dashboards.cells.left_out import left_out_words
from dxportal.dashboards.scope import may_confirm, may_see_technology
from dxportal.shared.htmx import notify
from roadmap.actions.renewals import RENEWED, renew, take_back_renewal
from roadmap.models import Criterion


def _own_department(request: HttpRequest, pk: int) -> tuple[User, Department]:
    """The department; 404 for strangers, 403 for whoever does not confirm for it."""
    user = signed_in(request)
    department = get_object_or_404(Department.objects.visible_to(user), pk=pk)
    if not (may_see_technology(user, department) and may_confirm(user, department)):
        raise PermissionDenied
    return user, department


def _ended(request: HttpRequest, department: Department) -> HttpResponse | None:
    """Nothing is confirmed for a department that has ended: say so."""
    if department.valid_to is None or department.valid_to > timezone.localdate():
        return None
    words = _("This department has ended; its criteria are not confirmed any more.")
    return notify(request, redirect(department.get_absolute_url()), words, tone="error")


@require_POST
def department_unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was confirmed before, or the one criterion that is posted."""
    user, department = _own_department(request, pk)
    if refused := _ended(request, department):
        return refused
    only = None
    if "criterion" in request.POST:
        code = request.POST["criterion"]
        found = Criterion.objects.visible_to(user).in_force().filter(code=code)
        only = set(found.values_list("pk", flat=True))
    today = timezone.localdate()
    event = renew(department, by=user, on=today, only=only)
    response = redirect(department.get_absolute_url())
    left_out = left_out_words(department, today)
    if event is None:
        return notify(request, response, _("Everything is confirmed already.") + left_out)
    count = len(event.after["confirmations"])
    undo = reverse("dashboards:department_unchanged_undo", args=[department.pk, event.pk])
    words = ngettext(
        "Confirmed %(count)d criterion as unchanged.",
        "Confirmed %(count)d criteria as unchanged.",
        count,
    )
    return notify(request, response, words % {"count": count} + left_out, undo)


@require_POST
def department_unchanged_undo(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    """The confirmations of before stand again; what was confirmed since then stays."""
    user, department = _own_department(request, pk)
    if refused := _ended(request, department):
        return refused
    about = Event.objects.visible_to(user).about("department", department.pk)
    renewal = get_object_or_404(about.filter(action=RENEWED), pk=event)
    count = take_back_renewal(department, renewal, by=user, on=timezone.localdate())
    response = redirect(department.get_absolute_url())
    if not count:
        words = _("Something newer was confirmed since; it stays.")
        return notify(request, response, words, tone="error")
    words = ngettext(
        "Taken back: %(count)d criterion stands as before.",
        "Taken back: %(count)d criteria stand as before.",
        count,
    )
    return notify(request, response, words % {"count": count})
