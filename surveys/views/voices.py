"""「声とお返事」: what staff said, what was answered, and answering it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.models import Theme
from surveys import replying
from surveys.actions.replies import ReplyConflict, reply
from surveys.models import Commitment, Wave
from surveys.reply_forms import ReplyForm


@require_safe
@requires(Permission.SEE_REPLIES)
def voice_list(request: HttpRequest) -> HttpResponse:
    """Replies for everybody; the office sees what waits, oldest first."""
    user = signed_in(request)
    rows = replying.said(user, timezone.now())
    context = {
        "answered": [row for row in rows if row.reply],
        "waiting": [row for row in rows if not row.reply],
        "rate": replying.rate(rows),
        "may_reply": can(user, Permission.REPLY_TO_THEMES),
        "reply_days": replying.REPLY_DAYS,
    }
    return render(request, "surveys/voice_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REPLY_TO_THEMES)
def reply_edit(request: HttpRequest, wave_pk: int, theme_pk: int) -> HttpResponse:
    """State and one sentence; an initiative and a date may be added."""
    user, now = signed_in(request), timezone.now()
    waves = Wave.objects.visible_to(user).shown(now).select_related("survey")
    wave = get_object_or_404(waves, pk=wave_pk)
    theme = get_object_or_404(Theme.objects.visible_to(user), pk=theme_pk)
    found = Commitment.objects.filter(wave=wave, theme=theme).first()
    form = ReplyForm(request.POST or None, user=user, reply=found)
    context = {"wave": wave, "theme": theme, "form": form, "reply": found}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reply(wave, theme, by=user, on=timezone.localdate(now), **form.values())
            except ReplyConflict as conflict:
                context["theirs"], status = conflict.theirs, 409
            except ValidationError as error:
                form.add_error(None, error.messages[0])
            else:
                return notify(request, redirect("surveys:voice_list"), _("Your reply is shown."))
    return render(request, "surveys/reply_edit.html", context, status=status)
