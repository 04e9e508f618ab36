"""The list of initiatives, the page of one, and the forms that create and change it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Assignment, Event, User
from dxportal.shared.htmx import notify, render_page, wants_partial
from roadmap.actions.initiatives import (
    EditConflict,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.choices import Phase
from roadmap.forms.initiatives import InitiativeForm
from roadmap.forms.typed import as_typed, typed_over
from roadmap.models import Initiative, Stage, Theme
from roadmap.permissions import may_edit
from roadmap.rounds import reader_line
from roadmap.views.cards import cards
from roadmap.views.drawn import draw_tools, draw_view
from roadmap.views.history import newest, undo_of_edit
from roadmap.views.listed import draw_tabs, load_listing
from roadmap.views.pack_shown import figure_words
from roadmap.views.status import board_row
from roadmap.wording import LABELS, Wording, further


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_list(request: HttpRequest) -> HttpResponse:
    """Four views of one list: search, filters and queues are the same in each."""
    user, day = signed_in(request), timezone.localdate()
    listing = load_listing(user, day, request.GET)
    context = draw_view(request, listing, user, day)
    if not wants_partial(request):
        context["round_line"] = reader_line(user, day)
    partial = f"roadmap/_initiative_{listing.form.view}.html"
    response = render_page(request, "roadmap/initiative_list.html", context, partial=partial)
    if wants_partial(request):
        response.write(draw_tabs(request, listing, apart=True))
        response.write(draw_tools(request, context))
        response["HX-Push-Url"] = listing.form.url()
    return response


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One initiative: who answers for it, reported beside derived, fields and history."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    row = board_row(user, initiative.pk, day)
    holders = Assignment.objects.on(day).filter(
        post=initiative.accountable_post_id, user__is_active=True
    )
    verdict = initiative.verdicts.order_by("-on").first()
    context = {
        "row": row,
        "initiative": row.initiative,
        "parts": initiative.parts.select_related("department").order_by("department__order"),
        "further": further(row.initiative),
        "holders": [holder.user for holder in holders.select_related("user")],
        "themes": [link.theme for link in initiative.theme_links.select_related("theme")],
        "criteria": initiative.criteria.select_related("stage").order_by("order"),
        "verdict": verdict,
        "verdict_shares": figure_words(verdict.figures) if verdict else "",
        **newest(initiative, user, row.words),
        "may_edit": may_edit(user),
        "back": request.path,
        **cards(row, user, day),
    }
    return render(request, "roadmap/initiative_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def initiative_create(request: HttpRequest) -> HttpResponse:
    """Add an initiative; a form that is sent twice adds it once."""
    user, day = signed_in(request), timezone.localdate()
    form = _form(user, day, request.POST or None, theme=request.GET.get("theme", "")[:30])
    if request.method == "POST" and form.is_valid() and user.municipality:
        try:
            made = create_initiative(
                user.municipality,
                by=user,
                fields=form.values(),
                phase=form.cleaned_data["phase"] or Phase.IDEA,
                token=request.POST.get("token", "").replace("\0", "")[:64],
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            sentence = _("“%(title)s” was added.") % {"title": made.title}
            return notify(request, redirect(made), sentence)
    token = request.POST.get("token") or uuid.uuid4().hex
    context = {"form": form, "token": token}
    return render(request, "roadmap/initiative_form.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
def initiative_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the fields; where somebody else changed the same ones, both sides are shown."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_edit(user):
        raise PermissionDenied
    if request.method == "GET":
        form = _form(user, day, None, initiative)
        return _edit_page(request, initiative, form, initiative.version)
    data, version = _chosen(request, initiative)
    form = _form(user, day, data, initiative)
    if not form.is_valid():
        return _edit_page(request, initiative, form, version, status=422)
    try:
        done = edit_initiative(initiative, by=user, fields=form.values(), version=version)
    except EditConflict as conflict:
        return _conflict_page(request, initiative, form, version, conflict)
    sentence = _("“%(title)s” was saved.") % {"title": form.cleaned_data["title"]}
    return notify(request, redirect(initiative), sentence, undo_of_edit(done, user, version))


def _form(
    user: User, day: date, data: Any, initiative: Initiative | None = None, theme: str = ""
) -> InitiativeForm:
    stages = list(Stage.objects.visible_to(user))
    current = fields_of(initiative) if initiative else None
    themes = [t for t in Theme.objects.visible_to(user) if t.code == theme] if theme else []
    return InitiativeForm(data, user=user, day=day, stages=stages, current=current, themes=themes)


def _status(form: InitiativeForm) -> int:
    return 422 if form.is_bound else 200


def _edit_page(
    request: HttpRequest,
    initiative: Initiative,
    form: InitiativeForm,
    version: int,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"form": form, "initiative": initiative, "version": version, **more}
    return render(request, "roadmap/initiative_form.html", context, status=status)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def _chosen(request: HttpRequest, initiative: Initiative) -> tuple[Any, int]:
    """What was typed with the sides chosen in a conflict, and the version it starts from.

    As long as one field is undecided, the old version stays and the conflict comes up again.
    """
    version = _number(request.POST.get("version"), 0)
    names = [name for name in request.POST.getlist("conflict") if name in LABELS]
    sides = {name: request.POST.get(f"choose_{name}", "") for name in names}
    if not names or not all(side in {"mine", "theirs"} for side in sides.values()):
        return request.POST, version
    kept = [name for name, side in sides.items() if side == "theirs"]
    theirs = as_typed(fields_of(initiative).plain(), kept)
    return typed_over(request.POST, theirs), _number(request.POST.get("their_version"), version)


def _conflict_page(
    request: HttpRequest,
    initiative: Initiative,
    form: InitiativeForm,
    version: int,
    conflict: EditConflict,
) -> HttpResponse:
    """409: per field mine and theirs; fields that only they changed are taken over."""
    user, day = signed_in(request), timezone.localdate()
    untouched = [
        name
        for name, value in conflict.mine.items()
        if name not in conflict.names and value == conflict.base[name]
    ]
    taken = as_typed(conflict.theirs, untouched)
    words = Wording(
        "both",
        [(n, side[n]) for n in conflict.names for side in (conflict.mine, conflict.theirs)],
    )
    choices = [
        (n, LABELS[n], words.text(n, conflict.mine[n]), words.text(n, conflict.theirs[n]))
        for n in conflict.names
    ]
    last = Event.objects.visible_to(user).about("initiative", initiative.pk).first()
    form = _form(user, day, typed_over(request.POST, taken), initiative)
    form.is_valid()
    return _edit_page(
        request,
        initiative,
        form,
        version,
        status=409,
        choices=choices,
        their_version=conflict.version,
        last=last,
    )
