"""「声とお返事」: what staff said, what was answered, and answering it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from dxportal.shared.names import looks_like_name
from dxportal.shared.plain_asking import hints_once
from dxportal.shared.plain_japanese import Hint
from roadmap.models import Initiative, Theme
from surveys import replying
from surveys.actions.replies import ReplyConflict, keep_reply, last_change, reply, undo_reply
from surveys.models import Commitment, Wave
from surveys.reply_forms import ReplyForm, VoiceFilter, promise_of, same_again
from surveys.replying import Said

#: Rows and cards of one page.
PAGE = 20
#: Where the session keeps a reply while its initiative is made.
_KEPT = "reply_draft"


@require_safe
@requires(Permission.SEE_REPLIES)
def voice_list(request: HttpRequest) -> HttpResponse:
    """Replies for everybody; the office sees what waits and what has come due, oldest first."""
    user = signed_in(request)
    rows = replying.said(user, timezone.now())
    form = VoiceFilter(request.GET)
    queues = _queues(user, rows)
    tab = request.GET.get("tab", "")
    if tab not in ("answered", *queues):
        tab = next((name for name in ("waiting", "again") if queues.get(name)), "answered")
        tab = tab if can(user, Permission.REPLY_TO_THEMES) else "answered"
    chosen = form.chosen()
    found = replying.answered(rows, **chosen) if tab == "answered" else queues[tab]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "queues": {name: len(queue) for name, queue in queues.items()},
        "replied": sum(row.reply is not None for row in rows),
        "form": form,
        "searched": any(chosen.values()),
        "page": page,
        "waves": replying.by_wave(page.object_list) if tab == "answered" else [],
        "rate": replying.rate(rows),
        "late": sum(row.overdue for row in rows),
        "may_reply": can(user, Permission.REPLY_TO_THEMES),
        "reply_days": replying.REPLY_DAYS,
    }
    return render(request, "surveys/voice_list.html", context)


def _queues(user: User, rows: list[Said]) -> dict[str, list[Said]]:
    """Queues by name; what comes back is the office's, one's own are those of one's posts."""
    queues = {"waiting": replying.waiting(rows)}
    if can(user, Permission.REPLY_TO_THEMES):
        queues["again"] = replying.to_look_at(rows)
    if mine := replying.owned(rows, user):
        queues["mine"] = mine
    return queues


@require_http_methods(["GET", "POST"])
@requires(Permission.REPLY_TO_THEMES)
def reply_edit(request: HttpRequest, wave_pk: int, theme_pk: int) -> HttpResponse:
    """A reply and what it needs; an initiative is chosen, or made on the way."""
    user, now = signed_in(request), timezone.now()
    day = timezone.localdate(now)
    wave, theme = _of(user, wave_pk, theme_pk, now)
    found = Commitment.objects.filter(wave=wave, theme=theme).first()
    begin_with = {} if request.method == "POST" else _begin_with(request, user, wave, theme, day)
    data = request.POST if request.method == "POST" else None
    form = ReplyForm(data, user=user, day=day, reply=found, begin_with=begin_with)
    if request.method == "GET":
        return _edit_page(request, wave, theme, form, found)
    if "make" in request.POST:
        typed = {name: request.POST.get(name, "")[:400] for name in form.fields}
        request.session[_KEPT] = {**typed, "of": [wave.pk, theme.pk]}
        return redirect("surveys:theme_initiative", wave.pk, theme.pk)
    hints: list[Hint] = []
    if form.is_valid():
        hints = hints_once(request, form.cleaned_data["sentence"], names=looks_like_name)
    if form.is_valid() and not hints:
        version = form.cleaned_data["version"]
        try:
            row = reply(wave, theme, form.words(), by=user, on=day, version=version)
        except ReplyConflict as conflict:
            return _edit_page(request, wave, theme, form, conflict.theirs, conflict=True)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            undo = reverse("surveys:reply_undo", args=[wave.pk, theme.pk, row.version])
            listed = redirect("surveys:voice_list")
            return notify(request, listed, _("Your reply is shown."), undo)
    return _edit_page(request, wave, theme, form, found, hints=hints)


@require_POST
@requires(Permission.REPLY_TO_THEMES)
def reply_keep(request: HttpRequest, wave_pk: int, theme_pk: int, version: int) -> HttpResponse:
    """Note that a promise without an initiative was kept."""
    user = signed_in(request)
    wave, theme = _of(user, wave_pk, theme_pk, timezone.now())
    row = get_object_or_404(Commitment.objects.visible_to(user), wave=wave, theme=theme)
    undo: str | None = reverse("surveys:reply_undo", args=[wave.pk, theme.pk, version])
    tone, sentence = "success", _("The promise is marked as done.")
    try:
        keep_reply(row, version=version, by=user)
    except ReplyConflict:
        tone, sentence = "error", _("The reply was changed in the meantime; nothing was done.")
        undo = None
    except ValidationError as error:
        tone, sentence, undo = "error", error.messages[0], None
    return notify(request, redirect("surveys:voice_list"), sentence, undo, tone=tone)


@require_POST
@requires(Permission.REPLY_TO_THEMES)
def reply_undo(request: HttpRequest, wave_pk: int, theme_pk: int, version: int) -> HttpResponse:
    """Take the last change of a reply back."""
    user, now = signed_in(request), timezone.now()
    wave, theme = _of(user, wave_pk, theme_pk, now)
    row = get_object_or_404(Commitment.objects.visible_to(user), wave=wave, theme=theme)
    tone, sentence = "success", _("The last change was taken back.")
    try:
        undo_reply(row, version=version, by=user, on=timezone.localdate(now))
    except ReplyConflict:
        tone, sentence = "error", _("The reply was changed in the meantime; nothing was undone.")
    except ValidationError as error:
        tone, sentence = "error", error.messages[0]
    return notify(request, redirect("surveys:voice_list"), sentence, tone=tone)


def _of(user: User, wave_pk: int, theme_pk: int, now: dt.datetime) -> tuple[Wave, Theme]:
    waves = Wave.objects.visible_to(user).shown(now).select_related("survey")
    wave = get_object_or_404(waves, pk=wave_pk)
    return wave, get_object_or_404(Theme.objects.visible_to(user), pk=theme_pk)


def _number(request: HttpRequest, name: str) -> int:
    """A key from the address; 0 where there is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _begin_with(
    request: HttpRequest, user: User, wave: Wave, theme: Theme, day: dt.date
) -> dict[str, Any]:
    """What was typed before an initiative was made, and what that initiative adds."""
    begin_with: dict[str, Any] = {}
    kept = request.session.get(_KEPT) or {}
    if kept.get("of") == [wave.pk, theme.pk]:
        del request.session[_KEPT]
        begin_with = {name: value for name, value in kept.items() if value and name != "of"}
    if earlier := Commitment.objects.visible_to(user).filter(pk=_number(request, "like")).first():
        begin_with = same_again(earlier, day)
    if wish := _number(request, "initiative"):
        made = Initiative.objects.visible_to(user).filter(pk=wish).first()
        offered = promise_of(made, day) if made else {}
        over = ("state", "initiative") if begin_with else tuple(offered)
        begin_with = {**offered, **begin_with, **{name: offered[name] for name in over if made}}
    return begin_with


def _edit_page(
    request: HttpRequest,
    wave: Wave,
    theme: Theme,
    form: ReplyForm,
    found: Commitment | None,
    *,
    conflict: bool = False,
    hints: Sequence[Hint] = (),
) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    form.mark()
    context = {
        "wave": wave,
        "theme": theme,
        "form": form,
        "reply": found,
        "said": replying.said_of(user, wave, theme, now),
        "earlier": None if found else Commitment.objects.visible_to(user).newest_of(theme, wave),
        "history": replying.history(found) if found else [],
        "may_undo": found is not None and last_change(found) is not None,
        "conflict": conflict,
        "hints": hints,
        "reply_days": replying.REPLY_DAYS,
    }
    status = 409 if conflict else 422 if form.is_bound else 200
    return render(request, "surveys/reply_edit.html", context, status=status)
