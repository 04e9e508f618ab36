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
from roadmap.actions.evidence import DepartmentEnded
from roadmap.actions.renewals import RENEWED, TakenBack, renew, take_back_renewal
from roadmap.models import Criterion


def _own_department(request: HttpRequest, pk: int) -> tuple[User, Department]:
    """The department; 404 for strangers, 403 for whoever does not confirm for it."""
    user = signed_in(request)
    department = get_object_or_404(Department.objects.visible_to(user), pk=pk)
    if not (may_see_technology(user, department) and may_confirm(user, department)):
        raise PermissionDenied
    return user, department


def _refused(
    request: HttpRequest, department: Department, refused: DepartmentEnded
) -> HttpResponse:
    """Nothing is confirmed for a department that has ended: say so."""
    words = " ".join(refused.messages)
    return notify(request, redirect(department.get_absolute_url()), words, tone="error")


@require_POST
def department_unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was confirmed before, or the one criterion that is posted."""
    user, department = _own_department(request, pk)
    only = None
    if "criterion" in request.POST:
        code = request.POST["criterion"]
        found = Criterion.objects.visible_to(user).in_force().filter(code=code)
        only = set(found.values_list("pk", flat=True))
    today = timezone.localdate()
    try:
        event = renew(department, by=user, on=today, only=only)
    except DepartmentEnded as refused:
        return _refused(request, department, refused)
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
    about = Event.objects.visible_to(user).about("department", department.pk)
    renewal = get_object_or_404(about.filter(action=RENEWED), pk=event)
    try:
        taken = take_back_renewal(department, renewal, by=user, on=timezone.localdate())
    except DepartmentEnded as refused:
        return _refused(request, department, refused)
    tone = "success" if taken.count else "error"
    return notify(
        request, redirect(department.get_absolute_url()), _taken_back_words(taken), tone=tone
    )


def _taken_back_words(taken: TakenBack) -> str:
    """What stands as before, and what stays because the office asks about it."""
    if not taken.count and not taken.asked:
        return _("Something newer was confirmed since; it stays.")
    words = []
    if taken.count:
        stand = ngettext(
            "Taken back: %(count)d criterion stands as before.",
            "Taken back: %(count)d criteria stand as before.",
            taken.count,
        )
        words.append(stand % {"count": taken.count})
    if taken.asked:
        stay = ngettext(
            "%(count)d criterion stays as it is, because the DX office asks about it.",
            "%(count)d criteria stay as they are, because the DX office asks about them.",
            taken.asked,
        )
        words.append(stay % {"count": taken.asked})
    return " ".join(words)
