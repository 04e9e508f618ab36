"""Changing the draft of the staircase: names, criteria, their order and their numbers."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.actions import staircase_versions as actions
from roadmap.forms.staircase import CriterionForm, VersionForm
from roadmap.models import CriterionVersion, StaircaseVersion
from roadmap.staircase_sources import survey_questions
from roadmap.staircase_versions import plain, read
from roadmap.staircase_words import source_words, text_of, threshold_words
from roadmap.views.staircase import detail_page, own_version


def seen(request: HttpRequest) -> int | None:
    """The number of the draft that the person had before the eyes."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def moved(request: HttpRequest, version: StaircaseVersion, *, gone: bool = False) -> HttpResponse:
    """409: the draft as it stands now."""
    version = own_version(signed_in(request), version.pk)
    text = _("Somebody changed the draft in between. Look at it again; nothing was written.")
    if gone or not version.is_draft:
        text = _("It is no draft any more, so nothing was changed.")
    return detail_page(request, version, status=409, problem=text)


@require_POST
@requires(Permission.KEEP_STAIRCASE)
def staircase_begin(request: HttpRequest) -> HttpResponse:
    """A draft as a copy of the newest version; the one that is there already."""
    user = signed_in(request)
    if user.municipality is None:
        raise PermissionDenied
    try:
        draft = actions.begin_draft(user.municipality, by=user, today=timezone.localdate())
    except ValidationError as refused:
        back = redirect("roadmap:staircase_list")
        return notify(request, back, " ".join(refused.messages), tone="error")
    return redirect(draft)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAIRCASE)
def staircase_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and note of the draft, names of its steps."""
    user = signed_in(request)
    version = own_version(user, pk)
    if not version.is_draft:
        return moved(request, version, gone=True)
    form = VersionForm(request.POST or None, version=version, steps=read(version).steps)
    status, conflict = 422 if form.is_bound else 200, None
    if request.method == "POST" and form.is_valid():
        words = {"label": form.cleaned_data["label"], "note": form.cleaned_data["note"]}
        try:
            actions.edit_words(version, names=form.names(), by=user, seen=seen(request), **words)
        except actions.DraftMoved as found:
            status, version, conflict = 409, found.version, read(found.version).steps
        except actions.NotADraft:
            return moved(request, version, gone=True)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return notify(request, redirect(version), _("The names were saved."))
    context = {"form": form, "version": version, "conflict": conflict}
    return render(request, "roadmap/staircase_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAIRCASE)
def staircase_criterion_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A new criterion at the end of a step."""
    user = signed_in(request)
    version = own_version(user, pk)
    if not version.is_draft:
        return moved(request, version, gone=True)
    stage = request.GET.get("stage", "")
    form = CriterionForm(
        request.POST or None,
        steps=read(version).steps,
        questions=survey_questions(),
        stage=int(stage) if stage.isascii() and stage.isdigit() else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_criterion(version, values=form.values(), by=user)
        except actions.NotADraft:
            return moved(request, version, gone=True)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            text = _("%(code)s was added to the draft.") % {"code": made.code}
            return notify(request, _back(version, made), text)
    context = {"form": form, "version": version, "row": None}
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/staircase_criterion.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAIRCASE)
def staircase_criterion_edit(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """Change one criterion of the draft."""
    user = signed_in(request)
    row = _row(request, pk, row_pk)
    version = row.staircase
    if not version.is_draft:
        return moved(request, version, gone=True)
    came_from = actions.origin_of(row)
    form = CriterionForm(
        request.POST or None,
        steps=read(version).steps,
        questions=survey_questions(),
        row=row,
        came_from=came_from,
    )
    status, now = 422 if form.is_bound else 200, None
    if request.method == "POST" and form.is_valid():
        values, same = form.values(), form.stays()
        try:
            made = actions.change_criterion(
                row, values=values, same=same, by=user, seen=seen(request)
            )
        except actions.DraftMoved as found:
            if not found.version.criteria.filter(pk=row.pk).exists():
                return moved(request, version)
            status, version, now = 409, found.version, _in_words(row.pk)
        except actions.NotADraft:
            return moved(request, version, gone=True)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            text = _("%(code)s was saved in the draft.") % {"code": made.code}
            return notify(request, _back(version, made), text)
    context = {"form": form, "version": version, "row": row, "came_from": came_from, "now": now}
    return render(request, "roadmap/staircase_criterion.html", context, status=status)


def _in_words(pk: int) -> list[str]:
    """What the line says now, for whoever typed something else."""
    asked = plain(CriterionVersion.objects.get(pk=pk))
    questions = dict(survey_questions())
    lines = [f"{asked.code} {text_of(asked)}", source_words(asked, questions)]
    return [line for line in [*lines, threshold_words(asked)] if line]


def _row(request: HttpRequest, pk: int, row_pk: int) -> CriterionVersion:
    version = own_version(signed_in(request), pk)
    rows = version.criteria.select_related("staircase__municipality", "stage")
    return get_object_or_404(rows, pk=row_pk)


def _back(version: StaircaseVersion, row: CriterionVersion | None = None) -> HttpResponse:
    anchor = f"#criterion-{row.pk}" if row else ""
    return redirect(version.get_absolute_url() + anchor)


@require_POST
@requires(Permission.KEEP_STAIRCASE)
def staircase_criterion_move(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """One place up or down in its step."""
    user, row = signed_in(request), _row(request, pk, row_pk)
    up = request.POST.get("to") != "down"
    try:
        actions.move_criterion(row, up=up, by=user, seen=seen(request))
    except (actions.DraftMoved, actions.NotADraft):
        return moved(request, row.staircase)
    return _back(row.staircase, row)


@require_POST
@requires(Permission.KEEP_STAIRCASE)
def staircase_criterion_take_out(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """The draft no longer asks it; with the way back."""
    user, row = signed_in(request), _row(request, pk, row_pk)
    version = row.staircase
    try:
        actions.take_out(row, by=user, seen=seen(request))
    except (actions.DraftMoved, actions.NotADraft):
        return moved(request, version)
    text = _("%(code)s was taken out of the draft.") % {"code": row.code}
    undo = reverse("roadmap:staircase_criterion_put_back", args=[version.pk, row.code])
    return notify(request, _back(version), text, undo)


@require_POST
@requires(Permission.KEEP_STAIRCASE)
def staircase_criterion_put_back(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """What was taken out stands in the draft again."""
    user = signed_in(request)
    version = own_version(user, pk)
    try:
        row = actions.put_back(version, code, by=user)
    except actions.NotADraft:
        return moved(request, version, gone=True)
    except ValidationError as refused:
        return notify(request, _back(version), " ".join(refused.messages), tone="error")
    text = _("%(code)s is in the draft again.") % {"code": row.code}
    return notify(request, _back(version, row), text)
