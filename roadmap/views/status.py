"""Reporting in a row: one choice, saved at once, with a way back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify, wants_partial
from roadmap.actions.updates import StatusConflict, report, undo_update
from roadmap.board import BoardRow, board_rows, cares
from roadmap.choices import Phase
from roadmap.forms.status import StatusForm
from roadmap.listing import for_rows, with_status
from roadmap.models import Initiative, Stage, Update
from roadmap.permissions import may_update
from roadmap.shown_words import ShownWords, shown_words
from roadmap.views.listed import queue_tabs


@dataclass(frozen=True)
class Question:
    """What a row asks back: a reason (422), or which of two reports stands (409)."""

    typed: dict[str, str]
    errors: list[str] = field(default_factory=list)
    conflict: StatusConflict | None = None
    words: ShownWords = field(default_factory=ShownWords)

    @property
    def stops(self) -> bool:
        """Whether what ended is asked too."""
        return self.typed.get("phase") == Phase.STOPPED and self.conflict is None

    @property
    def asked(self) -> tuple[str, ...]:
        """Typed values that stand in a field of their own here."""
        return ("ended", "none_ended", "freed") if self.stops else ()

    @property
    def mine(self) -> str:
        """My two words as a sentence shows them."""
        mine = self.conflict.mine if self.conflict else None
        return self.words.status(mine.phase, mine.progress) if mine else ""

    @property
    def theirs(self) -> str:
        """Their two words."""
        theirs = self.conflict.theirs if self.conflict else None
        return self.words.status(theirs.phase, theirs.progress) if theirs else ""


@require_POST
@requires(Permission.SEE_INITIATIVES)
def initiative_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the chosen words at once; a reason or a choice is asked for where it is needed."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_update(user, initiative, day):
        raise PermissionDenied
    if "keep" in request.POST:
        return _answer(request, user, initiative, day)
    form = StatusForm(request.POST)
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        return _ask(request, user, initiative, day, Question(_typed(request), errors), status=422)
    try:
        update = report(initiative, by=user, **form.report())
    except StatusConflict as conflict:
        question = Question(_typed(request), conflict=conflict)
        return _ask(request, user, initiative, day, question, status=409)
    except ValidationError as refused:
        question = Question(_typed(request), list(refused.messages))
        return _ask(request, user, initiative, day, question, status=422)
    return _saved(request, user, initiative, day, update)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def initiative_undo(request: HttpRequest, pk: int, update_pk: int) -> HttpResponse:
    """Take back a report of one's own; the DX office takes back anybody's."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    update = get_object_or_404(initiative.updates.select_related("initiative"), pk=update_pk)
    own = update.by_id == user.pk and may_update(user, initiative, day)
    if not own and not can(user, Permission.UPDATE_ALL_INITIATIVES):
        raise PermissionDenied
    response = redirect(next_url(request, initiative.get_absolute_url()))
    try:
        undo_update(update, by=user)
    except StatusConflict:
        sentence = _("There is a newer report; nothing was taken back.")
        return notify(request, response, sentence, tone="error")
    except ValidationError as refused:
        return notify(request, response, " ".join(refused.messages), tone="error")
    sentence = _("“%(title)s” is as it was before.") % {"title": initiative.title}
    return notify(request, response, sentence)


def next_url(request: HttpRequest, default: str) -> str:
    """The page of this site that the person came from, or the default."""
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if safe and url.startswith("/") else default


def board_row(user: User, pk: int, day: date) -> BoardRow:
    """The row of one initiative, as a fresh list would show it."""
    found = Initiative.objects.visible_to(user).filter(pk=pk)
    initiatives = for_rows(with_status(found, day))
    stages = list(Stage.objects.visible_to(user))
    return board_rows(initiatives, user=user, day=day, stages=stages)[0]


def _typed(request: HttpRequest) -> dict[str, str]:
    names = ["progress", "phase", "note", "cause", "next_step", "next_due", "expected"]
    names += ["ended", "none_ended", "freed"]
    return {name: request.POST.get(name, "") for name in names}


def _saved(
    request: HttpRequest, user: User, initiative: Initiative, day: date, update: Update
) -> HttpResponse:
    """The fresh row, a sentence and the way back."""
    previous = initiative.updates.filter(pk__lt=update.pk).order_by("-id").first()
    phase = update.phase if previous is None or previous.phase != update.phase else ""
    progress = update.progress if previous is None or previous.progress != update.progress else ""
    words = shown_words(initiative.municipality_id).status(phase, progress)
    if update.unchanged:
        sentence = _("“%(title)s”: no change since the last report.")
    else:
        sentence = _("“%(title)s” is now: %(words)s.") if words else _("“%(title)s” was saved.")
    undo = reverse("roadmap:initiative_undo", args=[initiative.pk, update.pk])
    response = _answer(request, user, initiative, day, saved=True)
    sentence = sentence % {"title": initiative.title, "words": words}
    if phase == Phase.LIVE and not cares(initiative):
        warning = _("Another way, or help, for those who cannot use it is not written yet.")
        sentence = f"{sentence} {warning}"
    return notify(request, response, sentence, undo if previous else None)


def _answer(
    request: HttpRequest, user: User, initiative: Initiative, day: date, *, saved: bool = False
) -> HttpResponse:
    """The row with its queues for htmx, the page one came from otherwise."""
    back = next_url(request, initiative.get_absolute_url())
    if not wants_partial(request):
        return redirect(back)
    context = {"row": board_row(user, initiative.pk, day), "back": back, "saved": saved}
    response = render(request, "roadmap/_initiative_row.html", context)
    response.write(queue_tabs(request, user, day, QueryDict(back.partition("?")[2]), apart=True))
    return response


def _ask(
    request: HttpRequest,
    user: User,
    initiative: Initiative,
    day: date,
    question: Question,
    *,
    status: int,
) -> HttpResponse:
    """The row, or a page of its own, with the question; what was typed stays."""
    row = board_row(user, initiative.pk, day)
    context = {
        "row": row,
        "back": next_url(request, initiative.get_absolute_url()),
        "question": replace(question, words=row.words),
    }
    partial = wants_partial(request)
    template = "roadmap/_initiative_row.html" if partial else "roadmap/initiative_status.html"
    return render(request, template, context, status=status)
