"""Where freed time and money went: one form, and taking a line away."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.actions import reinvestments as actions
from roadmap.choices import Measure
from roadmap.forms.value import ReinvestmentForm
from roadmap.models import Initiative, Reinvestment
from roadmap.value_ledger import balances_of
from roadmap.value_sums import Line, amount_text
from roadmap.views.parts import back_to, changeable, removal


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def reinvestment_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what freed time or money is used for; never more than was freed."""
    initiative, user = changeable(request, pk), signed_in(request)
    balances = balances_of(initiative)
    measure = next((m for m, b in balances.items() if b.freed), Measure.HOURS)
    form = ReinvestmentForm(
        request.POST or None,
        user=user,
        initiative=initiative,
        day=timezone.localdate(),
        measure=measure,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.reinvest(initiative, by=user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return notify(request, _back(request, initiative), _("The use was written down."))
    left = [
        (balance, amount_text(Line(measure), balance.left))
        for measure, balance in balances.items()
        if balance.left is not None
    ]
    context = {"initiative": initiative, "form": form, "left": left}
    status = 422 if form.errors else 200
    return render(request, "roadmap/reinvestment_form.html", context, status=status)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def reinvestment_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Take it away, with the way back."""
    initiative, user = changeable(request, pk), signed_in(request)
    row = get_object_or_404(Reinvestment.every.filter(initiative=initiative), pk=part_pk)
    event = actions.remove_reinvestment(row, by=user)
    back = _back(request, initiative)
    if event is None:
        return back
    undo = reverse("roadmap:reinvestment_restore", args=[initiative.pk, event.pk])
    return notify(request, back, _("The use was removed."), undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def reinvestment_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring it back where it still fits."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, actions.REMOVED)
    back = _back(request, initiative)
    try:
        actions.restore_reinvestment(event, by=user)
    except ValidationError as refused:
        return notify(request, back, " ".join(refused.messages), tone="error")
    return notify(request, back, _("The use is back."))


def _back(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    return back_to(request, initiative, "value")
