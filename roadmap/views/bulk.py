"""Many ticked rows at once: one form below the table, one transaction, one way back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions.bulk import BulkResult, Tick, assign_many, report_many, undo_many
from roadmap.forms.bulk import BulkForm, OwnersForm, read_ticks
from roadmap.models import Initiative
from roadmap.permissions import may_edit
from roadmap.shown_words import ShownWords, shown_words
from roadmap.views.status import next_url


@require_POST
@requires(Permission.SEE_INITIATIVES)
def initiative_bulk(request: HttpRequest) -> HttpResponse:
    """Change the ticked rows; those that others changed meanwhile are shown, never overwritten."""
    user = signed_in(request)
    ticks = read_ticks(request.POST.getlist("rows"))
    if not ticks:
        sentence = _("Tick the rows that you want to change.")
        return notify(request, redirect(_back(request)), sentence, tone="error")
    if {"owners", "assign"} & request.POST.keys():
        return _owners(request, user, ticks)
    words = shown_words(user.municipality_id or 0)
    form = BulkForm(request.POST, words=words)
    if not form.is_valid():
        return _page(request, user, ticks, words, form=form, status=422)
    said = form.report()
    result = report_many(ticks, by=user, said=said, seconds=form.cleaned_data["seconds"])
    label = words.status(said.phase or "", said.progress or "") or _("No change")
    return _answer(request, user, result, words, label=label, form=form)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def initiative_bulk_undo(request: HttpRequest, batch: str) -> HttpResponse:
    """Take back one's own change of many rows."""
    done, kept = undo_many(batch, by=signed_in(request))
    response = redirect(_back(request))
    sentence = ngettext(
        "%(count)s initiative is as it was before.",
        "%(count)s initiatives are as they were before.",
        done,
    ) % {"count": done}
    if not kept:
        return notify(request, response, sentence)
    titles = _(", ").join(f"「{row.title}」" for row in kept)
    more = _("Changed again since, so left as it is: %(words)s.") % {"words": titles}
    return notify(request, response, f"{sentence} {more}", tone="error")


def _owners(request: HttpRequest, user: User, ticks: list[Tick]) -> HttpResponse:
    """Ask for post and person on a page of its own, then set them."""
    if not may_edit(user):
        raise PermissionDenied
    words = shown_words(user.municipality_id or 0)
    sent = "assign" in request.POST
    form = OwnersForm(request.POST if sent else None, user=user, day=timezone.localdate())
    if not sent or not form.is_valid():
        status = 422 if sent else 200
        return _page(request, user, ticks, words, form=form, owners=True, status=status)
    result = assign_many(ticks, by=user, owners=form.owners())
    label = _("in charge and accountable")
    return _answer(request, user, result, words, label=label, form=form, owners=True)


def _answer(
    request: HttpRequest,
    user: User,
    result: BulkResult,
    words: ShownWords,
    *,
    label: str,
    form: BulkForm | OwnersForm,
    owners: bool = False,
) -> HttpResponse:
    """Back to the list with a way back; a page with names where rows were left."""
    undo = reverse("roadmap:initiative_bulk_undo", args=[result.batch]) if result.done else None
    count = len(result.done)
    sentence = ngettext(
        "%(count)s initiative: %(words)s.", "%(count)s initiatives: %(words)s.", count
    ) % {"count": count, "words": label}
    if not result.left:
        sentence = sentence if count else _("Nothing was changed.")
        return notify(request, redirect(_back(request)), sentence, undo)
    ticks = [
        Tick(left.initiative.pk, left.now.pk if left.now else 0, left.initiative.version)
        for left in result.conflicts
    ]
    more: dict[str, Any] = {"result": result, "sentence": sentence, "undo": undo, "label": label}
    more |= {"conflicts": [(left, _status(words, left)) for left in result.conflicts]}
    status = 409 if result.conflicts else 200
    return _page(request, user, ticks, words, form=form, owners=owners, status=status, **more)


def _status(words: ShownWords, left: Any) -> str:
    return words.status(left.now.phase, left.now.progress) if left.now else ""


def _page(
    request: HttpRequest,
    user: User,
    ticks: list[Tick],
    words: ShownWords,
    *,
    form: BulkForm | OwnersForm,
    status: int,
    owners: bool = False,
    **more: Any,
) -> HttpResponse:
    """The ticked rows by name with the form; ticks and choices stay."""
    titles = Initiative.objects.visible_to(user).in_bulk([tick.pk for tick in ticks])
    rows = [
        (f"{tick.pk}:{tick.update}:{tick.version}", titles[tick.pk].title)
        for tick in ticks
        if tick.pk in titles
    ]
    context = {"rows": rows, "form": form, "owners": owners, "back": _back(request), **more}
    return render(request, "roadmap/initiative_bulk.html", context, status=status)


def _back(request: HttpRequest) -> str:
    return next_url(request, reverse("roadmap:initiative_list"))
