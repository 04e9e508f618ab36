"""Follow-ups: what is asked again when, what is open, and what came of it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.permissions import may_update
from surveys.actions.follow_ups import declare_outcome, must_declare
from surveys.asking_again import board
from surveys.models import FollowUp
from surveys.reply_forms import DeclareForm


@require_safe
@requires(Permission.SEE_INITIATIVES)
def followup_list(request: HttpRequest) -> HttpResponse:
    """Next dates, open ones, and verdicts."""
    user = signed_in(request)
    return render(request, "surveys/followup_list.html", {"board": board(user, timezone.now())})


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def followup_declare(request: HttpRequest, pk: int) -> HttpResponse:
    """The accountable post says what became of it, where too few use it to ask them."""
    user, today = signed_in(request), timezone.localdate()
    rows = FollowUp.objects.visible_to(user).select_related("initiative__municipality")
    follow_up = get_object_or_404(rows, pk=pk)
    if not may_update(user, follow_up.initiative, today):
        raise PermissionDenied
    form = DeclareForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                declare_outcome(follow_up.initiative, by=user, on=today, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages[0])
            else:
                return notify(
                    request, redirect("surveys:followup_list"), _("The outcome is recorded.")
                )
    askable = follow_up.closed_on is None and not must_declare(follow_up.initiative, today)
    context = {"follow_up": follow_up, "form": form, "askable": askable}
    return render(request, "surveys/followup_declare.html", context, status=status)
