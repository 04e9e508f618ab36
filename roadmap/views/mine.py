"""「自分の取組」: what waits for me, reported where it stands; and a pause of my reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.forms import posted
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions.reminders import end_pause, pause, rules_of, setting_of
from roadmap.board import BoardRow, board_rows
from roadmap.choices import ReminderReason
from roadmap.forms.reminders import SnoozeForm, may_pause_others, people_of
from roadmap.listing import for_rows, with_status
from roadmap.models import Digest, Initiative, Snooze, Stage
from roadmap.notifications import page_of, why
from roadmap.reminder_facts import waiting_for
from roadmap.reminding import Item
from roadmap.shown_words import ShownWords, shown_words

PAGE = 30
#: What the last digest said beside the own initiatives is shown for so long.
BESIDES_DAYS = 14
BESIDES = 50


@dataclass(frozen=True)
class MineRow:
    """An initiative of mine, why it waits (maybe for nothing), and the words on its form."""

    row: BoardRow
    whys: list[str]
    words: ShownWords

    @property
    def phases(self) -> list[tuple[str, str]]:
        """What may be chosen, in the municipality's words."""
        return [(one.value, self.words.phase(one.value)) for one in self.row.phases]

    @property
    def progresses(self) -> list[tuple[str, str]]:
        """The words of progress."""
        return [(one.value, self.words.progress(one.value)) for one in self.row.progresses]


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_mine(request: HttpRequest) -> HttpResponse:
    """Those that I answer for, what waits first."""
    user, day = signed_in(request), timezone.localdate()
    waiting = waiting_for(user, day, rules_of(setting_of(user.municipality_id or 0)))
    besides = _besides(user, day, set(waiting))
    returns = [(item, why(item, day), page_of(item)) for item in waiting.pop(0, [])]
    order = sorted(waiting, key=lambda pk: (not waiting[pk], pk))
    page = Paginator(order, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(user, day, list(page.object_list), waiting),
        "returns": returns,
        "besides": besides,
        "count": sum(1 for items in waiting.values() if items),
        "back": request.get_full_path(),
    }
    return render(request, "roadmap/initiative_mine.html", context)


def _rows(user: User, day: date, order: list[int], waiting: dict[int, list[Item]]) -> list[MineRow]:
    """The rows of one page in their order."""
    found = Initiative.objects.visible_to(user).filter(pk__in=order)
    stages = list(Stage.objects.visible_to(user))
    listed = for_rows(with_status(found, day))
    rows = {row.initiative.pk: row for row in board_rows(listed, user=user, day=day, stages=stages)}
    words = shown_words(user.municipality_id or 0)
    return [
        MineRow(rows[pk], list(dict.fromkeys(why(item, day) for item in waiting[pk])), words)
        for pk in order
        if pk in rows
    ]


def _besides(user: User, day: date, mine: set[int]) -> list[tuple[Initiative, list[str]]]:
    """What the last digest told beside the own initiatives: what came up to a head, the office."""
    since = day - timedelta(days=BESIDES_DAYS)
    last = Digest.objects.filter(user=user, day__gte=since).order_by("-day").first()
    reasons: dict[int, list[str]] = {}
    for item in last.items if last else ():
        if item["initiative"] and item["initiative"] not in mine:
            found = reasons.setdefault(item["initiative"], [])
            found.append(str(ReminderReason(item["reason"]).label))
    rows = Initiative.objects.visible_to(user).filter(pk__in=reasons).order_by("pk")[:BESIDES]
    return [(row, list(dict.fromkeys(reasons[row.pk]))) for row in rows]


# A pause ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def snooze_list(request: HttpRequest) -> HttpResponse:
    """Pause one's own reminders; the DX office and heads those of their people too."""
    user, today = signed_in(request), timezone.localdate()
    form = SnoozeForm(posted(request), user=user, today=today)
    if form.is_valid():
        try:
            made = pause(
                form.person,
                by=user,
                valid_from=form.cleaned_data["valid_from"],
                valid_to=form.valid_to,
                today=today,
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            undo = reverse("roadmap:snooze_end", args=[made.pk])
            sentence = _("No reminders for %(name)s in that time.") % {"name": made.user.name}
            return notify(request, redirect("roadmap:snooze_list"), sentence, undo)
    status = 422 if form.is_bound else 200
    context = {"form": form, **_pauses(user, today), "today": today}
    return render(request, "roadmap/snooze_list.html", context, status=status)


def _pauses(user: User, today: date) -> dict[str, Any]:
    """The own pauses from today on, and those of others that the person may end."""
    rows = Snooze.objects.filter(valid_to__gt=today).select_related("user", "by")
    rows = rows.order_by("valid_from", "pk")
    others = may_pause_others(user)
    theirs = rows.filter(user__in=people_of(user)).exclude(user=user) if others else []
    return {"own": rows.filter(user=user), "theirs": theirs, "may_pause_others": others}


@require_POST
@requires(Permission.SEE_INITIATIVES)
def snooze_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a pause today, or take it back before it begins."""
    user = signed_in(request)
    here = Snooze.objects.filter(user__municipality_id=user.municipality_id or 0)
    snooze = get_object_or_404(here.select_related("user"), pk=pk)
    if snooze.user_id != user.pk and not _leads(user, snooze):
        raise PermissionDenied
    end_pause(snooze, by=user, today=timezone.localdate())
    sentence = _("Reminders for %(name)s go out again.") % {"name": snooze.user.name}
    return notify(request, redirect("roadmap:snooze_list"), sentence)


def _leads(user: User, snooze: Snooze) -> bool:
    if can(user, Permission.RUN_REMINDERS):
        return True
    return may_pause_others(user) and people_of(user).filter(pk=snooze.user_id).exists()
