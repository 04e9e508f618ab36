"""「この困りごとで取組をつくる」: a theme's published numbers go over into a new initiative."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import Municipality, User
from dxportal.shared.htmx import notify
from roadmap.actions.initiatives import create_initiative
from roadmap.choices import Beneficiary, Phase
from roadmap.forms.initiatives import InitiativeForm
from roadmap.models import Initiative, Stage, Theme
from surveys import replying
from surveys.models import Wave

_MOST = 120


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def theme_initiative(request: HttpRequest, wave_pk: int, theme_pk: int) -> HttpResponse:
    """The form of an initiative with purpose, theme and origin; afterwards the reply."""
    user, now = signed_in(request), timezone.now()
    waves = Wave.objects.visible_to(user).shown(now).select_related("survey")
    wave = get_object_or_404(waves, pk=wave_pk)
    theme = get_object_or_404(Theme.objects.visible_to(user), pk=theme_pk)
    origin = origin_of(wave, replying.said_of(user, wave, theme, now))
    form = _form(user, theme, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and user.municipality:
        try:
            made = _made(request, user.municipality, form, origin)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            sentence = _("“%(title)s” was added.") % {"title": made.title}
            return notify(request, redirect(_next(user, wave, theme, made)), sentence)
    context = {
        "form": form,
        "wave": wave,
        "theme": theme,
        "origin": origin,
        "token": request.POST.get("token") or uuid.uuid4().hex,
        "replies": can(user, Permission.REPLY_TO_THEMES),
    }
    status = 422 if form.is_bound else 200
    return render(request, "surveys/theme_initiative.html", context, status=status)


def origin_of(wave: Wave, said: replying.Said | None) -> str:
    """Where an initiative comes from: the round, and what is published of its theme."""
    facts = []
    if said and said.weight.count is not None:
        n = said.weight.count
        facts.append(ngettext("%(n)s person", "%(n)s people", n) % {"n": n})
    if said and said.weight.hours:
        facts.append(_("%(hours)s hours a week (estimate)") % {"hours": said.weight.hours})
    if not facts:
        return wave.label[:_MOST]
    told = _(": ") + _(", ").join(facts)
    return wave.label[: _MOST - len(told)] + told


def _form(user: User, theme: Theme, data: Any) -> InitiativeForm:
    stages = list(Stage.objects.visible_to(user))
    day = timezone.localdate()
    form = InitiativeForm(data, user=user, day=day, stages=stages, themes=[theme])
    purpose = _("Take the trouble of “%(theme)s” away and give staff their time back.")
    form.initial["purpose"] = purpose % {"theme": theme}
    form.initial["beneficiaries"] = [Beneficiary.STAFF]
    return form


def _made(
    request: HttpRequest, owner: Municipality, form: InitiativeForm, origin: str
) -> Initiative:
    return create_initiative(
        owner,
        by=form.user,
        fields=form.values(),
        phase=form.cleaned_data["phase"] or Phase.IDEA,
        token=request.POST.get("token", "").replace("\0", "")[:64],
        origin=origin,
    )


def _next(user: User, wave: Wave, theme: Theme, made: Initiative) -> str:
    """The reply with the initiative in it, one click from being sent; else the initiative."""
    if not can(user, Permission.REPLY_TO_THEMES) or not replying.answerable(wave):
        return made.get_absolute_url()
    back = reverse("surveys:reply_edit", args=[wave.pk, theme.pk])
    return f"{back}?initiative={made.pk}"
