"""The door before free texts as written: open to the two named readers, and to nobody else."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dxportal.accounts.access import View, signed_in
from dxportal.shared.privacy import quiet
from surveys.actions.reading import leads, readers_of
from surveys.models import Wave


def readers_only(view: View) -> View:
    """Give the view the wave; others of the municipality learn who the readers are (403).

    No role stands above being named: not the DX office, not the CDO, not the administrator.
    Who became a head since reads no longer. Before the results are there, readers see as little
    as everybody.
    """

    @wraps(view)
    def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        user, now = signed_in(request), timezone.now()
        wave = get_object_or_404(
            Wave.objects.visible_to(user).select_related("survey__municipality"), pk=pk
        )
        readers = readers_of(wave)
        if user not in readers:
            return _closed(request, wave, "closed", status=403, readers=readers)
        if leads(user):
            return _closed(request, wave, "closed", status=403, readers=readers, leads=True)
        if not Wave.objects.shown(now).filter(pk=wave.pk).exists():
            status = 200 if request.method in ("GET", "HEAD") else 409
            return _closed(request, wave, "early", status=status, readers=readers)
        return view(request, wave, **kwargs)

    return quiet(guarded)


def _closed(
    request: HttpRequest, wave: Wave, why: str, *, status: int, **context: Any
) -> HttpResponse:
    context |= {"wave": wave, "why": why}
    return render(request, "surveys/text_closed.html", context, status=status)
