"""Releasing a wave's results by two people: the DX office, the CDO, the administrator."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify, render_page
from surveys.actions import releasing
from surveys.actions.closing import standing_releases
from surveys.actions.waves import WaveRefused
from surveys.choices import WaveState
from surveys.models import Wave
from surveys.models.wave import RELEASES
from surveys.views.wave_progress import is_counted_now, progress_of


@require_http_methods(["GET", "POST"])
@requires(Permission.RELEASE_WAVES)
def wave_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has released it, and the own release or taking it back."""
    user, now = signed_in(request), timezone.now()
    wave = get_object_or_404(
        Wave.objects.visible_to(user).sittings().select_related("survey"), pk=pk
    )
    if not wave.two_person:
        raise Http404
    if request.method != "POST":
        return _page(request, wave, user)
    try:
        if request.POST.get("action") == "take_back":
            releasing.take_back_release(wave, by=user, now=now)
            words = _("Your release was taken back.")
        elif releasing.release_wave(wave, by=user, now=now):
            words = _("Two people have released it. It is being counted now.")
        else:
            words = _("You have released it. A second person has to do so too.")
    except WaveRefused as refused:
        return _page(request, wave, user, problem=str(refused))
    return notify(request, redirect("surveys:wave_release", wave.pk), words)


def _page(request: HttpRequest, wave: Wave, user: User, *, problem: str = "") -> HttpResponse:
    now = timezone.now()
    wave.refresh_from_db(fields=["state", "closes_at", "key_destroyed_at"])
    releases = list(wave.releases.select_related("user__department").order_by("at"))
    waits = wave.state == WaveState.OPEN and wave.closes_at <= now
    waits = waits and standing_releases(wave, now) < RELEASES
    context: dict[str, Any] = {
        "wave": wave,
        "problem": problem,
        "releases": releases,
        "waits": waits,
        "is_early": wave.state == WaveState.OPEN and wave.closes_at > now,
        "mine": any(release.user_id == user.pk for release in releases),
        "counting": is_counted_now(wave, now),
        "progress": progress_of(wave, now, may_run=False),
    }
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_release.html", context, status=status)
