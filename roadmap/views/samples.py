"""Sample content: one button puts it in, one takes it away."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality
from dxportal.shared.htmx import notify
from roadmap.actions.samples import add_samples, standing_samples, take_away_samples
from roadmap.content.samples import SAMPLES

#: The choice for a sample that somebody changed: `sample-<key>`.
FIELD, KEEP, REMOVE = "sample-", "keep", "remove"


def _place(request: HttpRequest) -> Municipality:
    municipality = signed_in(request).municipality
    if municipality is None:
        raise PermissionDenied
    return municipality


@require_safe
@requires(Permission.EDIT_INITIATIVES)
def sample_list(request: HttpRequest) -> HttpResponse:
    """What stands there, which of them were changed, and what would come."""
    return _page(request)


def _page(request: HttpRequest, *, unanswered: bool = False, status: int = 200) -> HttpResponse:
    found = standing_samples(_place(request))
    context = {
        "samples": found,
        "edited": [sample for sample in found if sample.edited],
        "missing": len(SAMPLES) - len({sample.row.code for sample in found}),
        "contents": SAMPLES,
        "unanswered": unanswered,
    }
    return render(request, "roadmap/sample_list.html", context, status=status)


@require_POST
@requires(Permission.EDIT_INITIATIVES)
def sample_add(request: HttpRequest) -> HttpResponse:
    """Put in what is missing; pressed twice, nothing more comes."""
    count = add_samples(_place(request), by=signed_in(request), today=timezone.localdate())
    words = ngettext("%(count)s sample was put in.", "%(count)s samples were put in.", count)
    if not count:
        words = _("The samples are there already.")
    return notify(request, redirect("roadmap:initiative_list"), words % {"count": count})


@require_POST
@requires(Permission.EDIT_INITIATIVES)
def sample_remove(request: HttpRequest) -> HttpResponse:
    """Take them away; each that somebody changed needs an answer first."""
    place, user = _place(request), signed_in(request)
    edited = [sample.row.pk for sample in standing_samples(place) if sample.edited]
    answers = {pk: request.POST.get(f"{FIELD}{pk}") for pk in edited}
    if any(answer not in (KEEP, REMOVE) for answer in answers.values()):
        return _page(request, unanswered=True, status=422)
    keep = [pk for pk, answer in answers.items() if answer == KEEP]
    seen = [pk for pk, answer in answers.items() if answer == REMOVE]
    gone, kept = take_away_samples(place, keep=keep, seen=seen, by=user)
    words = _("Taken away: %(gone)s, kept: %(kept)s.") % {"gone": gone, "kept": kept}
    return notify(request, redirect("roadmap:sample_list"), words)
