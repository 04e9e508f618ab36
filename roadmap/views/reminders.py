"""When reminders go out, who would get what today, and asking by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality, User
from dxportal.shared.htmx import notify
from dxportal.shared.workdays import is_workday, on_or_after
from roadmap.actions import reminders as acting
from roadmap.actions.reminders import (
    SETTINGS,
    Asking,
    SettingsChanged,
    outlook,
    planned_for,
    rules_of,
    set_reminders,
    setting_of,
)
from roadmap.choices import ReminderReason
from roadmap.forms.reminders import ReminderForm
from roadmap.models import Initiative, ReminderSetting, Snooze
from roadmap.reminder_facts import load
from roadmap.reminding import Digest, Item, next_weekly, weekly_due
from roadmap.views.status import next_url

#: So many people stand in the preview; the rest is counted.
SHOWN = 50
#: Ticked rows come in under one of these names: of this page, and of the bar below the list,
#: whose values are "initiative:report:version".
TICKED = ("ids", "rows")


@dataclass(frozen=True)
class Recipient:
    """One person of a preview: how many things, and how many of each reason."""

    name: str
    count: int
    reasons: list[tuple[str, int]]
    held: bool


@dataclass(frozen=True)
class Outlook:
    """Who would get what if the weekly digests went out on a day."""

    day: date
    recipients: list[Recipient]
    total: int
    unreached: list[Item]

    @property
    def more(self) -> int:
        """How many do not stand in the list."""
        return self.total - len(self.recipients)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_REMINDERS)
def reminder_settings(request: HttpRequest) -> HttpResponse:
    """When and how; saved in one form, where two people set different things both are shown."""
    user, now = signed_in(request), timezone.now()
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    setting = setting_of(municipality.pk)
    if request.method == "GET":
        form = ReminderForm(initial=_values(setting))
        return _settings_page(request, user, form, setting, now)
    form = ReminderForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, user, form, setting, now, status=422)
    try:
        set_reminders(
            municipality,
            by=user,
            wanted=form.cleaned_data,
            seen=_seen(request),
            today=timezone.localdate(now),
        )
    except SettingsChanged as conflict:
        return _settings_page(
            request, user, form, conflict.theirs, now, status=409, theirs=conflict.theirs
        )
    return notify(request, redirect("roadmap:reminder_settings"), _("Saved."))


def _values(setting: ReminderSetting) -> dict[str, Any]:
    return {name: getattr(setting, name) for name in SETTINGS}


def _seen(request: HttpRequest) -> dict[str, Any]:
    """What stood on the page when it was drawn."""
    values = request.POST.get("seen", "").split("-")
    if len(values) != len(SETTINGS) or not all(v.isascii() and v.isdigit() for v in values):
        return {}
    return {
        "active": values[0] == "1",
        **dict(zip(SETTINGS[1:], map(int, values[1:]), strict=True)),
    }


def _settings_page(
    request: HttpRequest,
    user: User,
    form: ReminderForm,
    setting: ReminderSetting,
    now: datetime,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    day = timezone.localdate(now)
    pauses = Snooze.objects.filter(
        user__municipality=user.municipality_id, valid_to__gt=day
    ).select_related("user")
    context = {
        "form": form,
        "seen": "-".join(str(int(value)) for value in _values(setting).values()),
        "setting": setting,
        "today": day,
        "next_day": _next_day(setting, day),
        "outlook": _outlook(setting, day),
        "pauses": pauses.order_by("valid_from", "pk"),
        **more,
    }
    return render(request, "roadmap/reminder_settings.html", context, status=status)


def _next_day(setting: ReminderSetting, day: date) -> date:
    """When the next weekly digests go out: today where they have not yet."""
    if weekly_due(day, setting.weekday, setting.last_weekly_on):
        return day
    following = next_weekly(day, setting.weekday)
    if following == day:  # today's are out
        following = next_weekly(day.fromordinal(day.toordinal() + 1), setting.weekday)
    return following


def _outlook(setting: ReminderSetting, day: date) -> Outlook:
    """On a day off: as it would be on the next working day."""
    worked = on_or_after(day)
    loaded = load(setting.municipality_id, worked, rules_of(setting), setting.last_weekly_on)
    planned = planned_for(loaded, setting, worked, weekly=True)
    digests = sorted(planned.digests, key=lambda digest: -len(digest.by_subject))
    shown = [_recipient(digest, loaded.names) for digest in digests[:SHOWN]]
    return Outlook(worked, shown, len(digests), list(planned.unreached))


def _recipient(digest: Digest, names: Mapping[int, str]) -> Recipient:
    counts = Counter(item.reason for item in digest.items)
    reasons = [(str(reason.label), counts[reason]) for reason in ReminderReason if counts[reason]]
    name = names.get(digest.user, "–")
    return Recipient(name, len(digest.by_subject), reasons, digest.held)


# By hand ------------------------------------------------------------------------------------------
@require_POST
@requires(Permission.RUN_REMINDERS)
def remind_now(request: HttpRequest) -> HttpResponse:
    """First who would be asked, then, with `send`, the asking itself."""
    user, now = signed_in(request), timezone.now()
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    found = Initiative.objects.visible_to(user).filter(pk__in=_ticked(request)).order_by("pk")
    chosen = list(found)
    back = next_url(request, reverse("roadmap:initiative_list"))
    if "send" in request.POST and chosen:
        sent = acting.remind_now(municipality, [each.pk for each in chosen], by=user, now=now)
        return notify(request, redirect(back), _sent(sent), tone="success" if sent else "error")
    day = timezone.localdate(now)
    asking = outlook(municipality.pk, [each.pk for each in chosen], day=day)
    context = {
        "initiatives": chosen,
        "asking": asking,
        "people": _people(asking),
        "back": back,
        "next_day": on_or_after(day),
        "workday": is_workday(day),
    }
    status = 200 if chosen else 422
    return render(request, "roadmap/remind_now.html", context, status=status)


def _ticked(request: HttpRequest) -> list[int]:
    """Numbers of the ticked rows; what is no number is none."""
    ticks = [tick for name in TICKED for tick in request.POST.getlist(name)]
    values = [tick.partition(":")[0] for tick in ticks]
    return [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 19]


def _people(asking: Asking) -> list[tuple[str, list[str]]]:
    """Who is asked about what."""
    return [
        (asking.names.get(digest.user, "–"), [item.title for item in digest.items])
        for digest in asking.digests
    ]


def _sent(count: int) -> str:
    if not count:
        return _("Nobody was asked: they had a message today already, or are away.")
    return ngettext("%(count)s person was asked.", "%(count)s people were asked.", count) % {
        "count": count
    }
