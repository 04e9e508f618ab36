"""The wizard: its beginning and end, leaving a step for later, handing it over, putting it off."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.dashboards.setting_up.frame import after, links, municipality_of, step_url, who_may
from dxportal.shared.htmx import notify
from roadmap.actions.setting_up import dismiss_set_up, hand_over_step, settle_step
from roadmap.choices import SetUpStep, StepMark
from roadmap.setting_up import progress_of
from surveys.actions.first_survey import first_wave


@require_safe
@requires(Permission.SET_UP)
def setup(request: HttpRequest) -> HttpResponse:
    """On to the step that waits; to the end where none does."""
    progress = progress_of(signed_in(request))
    return redirect(step_url("" if progress.finished else progress.next_step))


@require_safe
@requires(Permission.SET_UP)
def setup_end(request: HttpRequest) -> HttpResponse:
    """What was done, what was left for later, and where to go on."""
    user = signed_in(request)
    progress = progress_of(user)
    wave = first_wave(municipality_of(request))
    context = {"steps": links(progress), "progress": progress, "wave": wave}
    return render(request, "dashboards/setup_end.html", context)


@require_POST
@requires(Permission.SET_UP)
def setup_skip(request: HttpRequest, step: str) -> HttpResponse:
    """Leave a step for later."""
    _known(step)
    settle_step(municipality_of(request), step, StepMark.SKIPPED, by=signed_in(request))
    return redirect(after(progress_of(signed_in(request)), step))


@require_POST
@requires(Permission.SET_UP)
def setup_hand_over(request: HttpRequest, step: str) -> HttpResponse:
    """Tell those who may do a step that it waits."""
    _known(step)
    user, now = signed_in(request), timezone.now()
    people = who_may(user, step, timezone.localdate(now))
    told = hand_over_step(municipality_of(request), step, to=people, by=user, now=now)
    words = ngettext("%(count)s person is told.", "%(count)s people are told.", told)
    return notify(request, redirect(step_url(step)), words % {"count": told})


@require_POST
@requires(Permission.SET_UP)
def setup_dismiss(request: HttpRequest) -> HttpResponse:
    """Not now; or, from the last page, ask again."""
    again = request.POST.get("action") == "again"
    dismiss_set_up(municipality_of(request), dismissed=not again, by=signed_in(request))
    if again:
        return redirect("dashboards:setup")
    words = _("Put off. “Set-up” in the menu leads back at any time.")
    return notify(request, redirect("home"), words)


def _known(step: str) -> None:
    if step not in SetUpStep.values:
        raise Http404
