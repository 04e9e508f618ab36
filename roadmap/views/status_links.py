"""The link of a reminder: one person reports on one initiative without signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.models import User
from dxportal.shared.privacy import quiet
from dxportal.shared.tenancy import municipality_scope
from roadmap.actions.updates import StatusConflict, report, undo_update
from roadmap.board import BoardRow
from roadmap.choices import Channel
from roadmap.forms.status import StatusForm
from roadmap.models import Initiative, Update
from roadmap.permissions import may_update
from roadmap.signed_links import Link, drawn_now, read_link, seconds_since
from roadmap.views.status import board_row


@dataclass(frozen=True)
class Closed:
    """Why a link does not open its form: said on a page of its own, which names nothing."""

    title: str | Promise
    text: str | Promise
    status: int


@dataclass(frozen=True)
class Visit:
    """A link that opens: its person, and the row of its initiative as that person may use it."""

    token: str
    person: User
    row: BoardRow

    @property
    def url(self) -> str:
        """The page of the link."""
        return reverse("roadmap:status_link", args=[self.token])


_SIGN_IN = _("Sign in and report from the list of initiatives.")
BROKEN = Closed(
    _("This link cannot be used"),
    _("Check that the address was copied whole. Otherwise sign in and report from the list."),
    404,
)
TOO_OLD = Closed(_("This link is older than 14 days"), _SIGN_IN, 410)
REMOVED = Closed(
    _("This initiative is no longer in the list"), _("Nothing needs to be reported any more."), 410
)
NO_LONGER = Closed(
    _("This link has ended with the assignment"),
    _("Whoever is in charge now gets a link of their own. Nothing was saved."),
    403,
)
NOT_YOURS = Closed(_("This link is for somebody else"), _SIGN_IN, 403)


@login_not_required
@quiet
@require_http_methods(["GET", "POST"])
def status_link(request: HttpRequest, token: str) -> HttpResponse:
    """One press reports; opening the page changes nothing."""
    link, person = _who(request, token)
    with municipality_scope(person.municipality_id if person else None):
        visit = _visit(token, link, person, request)
        if isinstance(visit, Closed):
            return _closed(request, visit)
        if request.method == "POST" and "keep" not in request.POST:
            return _report(request, visit)
        return _page(request, visit)


@login_not_required
@quiet
@require_POST
def status_link_undo(request: HttpRequest, token: str, update_pk: int) -> HttpResponse:
    """Take back what was reported through this link."""
    link, person = _who(request, token)
    with municipality_scope(person.municipality_id if person else None):
        visit = _visit(token, link, person, request)
        if isinstance(visit, Closed):
            return _closed(request, visit)
        update = _own_update(visit, str(update_pk))
        try:
            if update is None:
                raise ValidationError(_("This report cannot be taken back."))
            undo_update(update, by=visit.person, channel=Channel.LINK)
        except StatusConflict:
            error = _("There is a newer report; nothing was taken back.")
            return _page(request, visit, status=409, errors=[error])
        except ValidationError as refused:
            return _page(request, visit, status=422, errors=refused.messages)
        return redirect(f"{visit.url}?undone=1")


def _who(request: HttpRequest, token: str) -> tuple[Link | None, User | None]:
    """What the token says, and its person."""
    link = read_link(token)
    return link, User.objects.filter(pk=link.user_id).first() if link else None


def _visit(
    token: str, link: Link | None, person: User | None, request: HttpRequest
) -> Visit | Closed:
    """Whether this link opens now; rights are asked each time."""
    if link is None:
        return BROKEN
    if request.user.is_authenticated and request.user.pk != link.user_id:
        return NOT_YOURS
    if link.late:
        return TOO_OLD
    return _of_person(token, link, person) if person and person.is_active else NO_LONGER


def _of_person(token: str, link: Link, person: User) -> Visit | Closed:
    """Whether the initiative is still there and still this person's."""
    ours = Initiative.objects.filter(municipality_id=person.municipality_id or 0)
    initiative = ours.filter(pk=link.initiative_id).first()
    if initiative is None or initiative.removed_on is not None:
        return REMOVED
    day = timezone.localdate()
    if not may_update(person, initiative, day):
        return NO_LONGER
    return Visit(token, person, board_row(person, initiative.pk, day))


def _report(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Save what was pressed; the word that stands there already means no change."""
    form = StatusForm(request.POST)
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        return _page(request, visit, status=422, errors=errors)
    said = form.report() | {"phase": None, "ended": None, "freed": None}
    said["seconds"] = said["seconds"] or seconds_since(request.POST.get("drawn", ""))
    repeats = said["progress"] == visit.row.progress and "note" not in request.POST
    said["unchanged"] = said["unchanged"] or (repeats and bool(visit.row.progress))
    try:
        update = report(visit.row.initiative, by=visit.person, channel=Channel.LINK, **said)
    except StatusConflict as conflict:
        return _page(request, visit, status=409, conflict=conflict, typed=said)
    except ValidationError as refused:
        return _page(request, visit, status=422, errors=refused.messages)
    return redirect(f"{visit.url}?done={update.pk}")


def _own_update(visit: Visit, pk: str) -> Update | None:
    """A report of this person through this link."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    own = Update.objects.filter(by=visit.person, channel=Channel.LINK, undoes__isnull=True)
    return own.select_related("initiative").filter(initiative=visit.row.initiative, pk=pk).first()


def _page(request: HttpRequest, visit: Visit, *, status: int = 200, **more: Any) -> HttpResponse:
    """The form, after a report with thanks, its way back, and what a delay needs."""
    row = visit.row
    done = _own_update(visit, request.GET.get("done", ""))
    context = {
        "visit": visit,
        "row": row,
        "done": done,
        "newest": done is not None and done.pk == row.expected,
        "undone": "undone" in request.GET,
        "drawn": drawn_now(),
        **more,
    }
    if conflict := more.get("conflict"):
        words = row.words
        context["theirs"] = words.status(conflict.theirs.phase, conflict.theirs.progress)
        context["mine"] = words.progress(conflict.mine.progress)
    return render(request, "roadmap/status_link.html", context, status=status)


def _closed(request: HttpRequest, why: Closed) -> HttpResponse:
    context = {"state_title": why.title, "state_text": why.text}
    return render(request, "roadmap/status_link_closed.html", context, status=why.status)
