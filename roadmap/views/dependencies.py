"""Which initiatives come first and which ones wait: the card, and how one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify, render_page
from roadmap.actions import dependencies as actions
from roadmap.adoption import Adoption
from roadmap.board import BoardRow, adoption_of
from roadmap.choices import DepartmentRole, Phase
from roadmap.finding import matching
from roadmap.forms.parts import DependencyForm
from roadmap.listing import Initiatives, with_status
from roadmap.models import Dependency, Initiative, InitiativeDepartment
from roadmap.shown_words import ShownWords, shown_words
from roadmap.timeliness import target_end
from roadmap.views.parts import changeable, draw_card, removal

#: Sides of an initiative, as the address names them.
FIRST, WAITING = "first", "waiting"
_JOINED: tuple[str, ...] = ("latest", "told")
#: How many are offered at once; more words find fewer.
MOST_FOUND = 20


@dataclass(frozen=True)
class Neighbour:
    """The initiative at the other end, with its reported status and its target."""

    dependency: Dependency
    initiative: Initiative
    phase_label: str
    progress: str
    progress_label: str
    target_end: date | None
    adoption: Adoption


@dataclass(frozen=True)
class DependencyCard:
    """What comes first, and what waits for this one."""

    first: list[Neighbour]
    waiting: list[Neighbour]


def dependency_card(row: BoardRow, user: User, day: date) -> DependencyCard:
    """At most three queries, whatever the number of neighbours."""
    pk = row.initiative.pk
    links = list(Dependency.objects.touching(pk))
    ends = {end for link in links for end in (link.predecessor_id, link.successor_id)} - {pk}
    rows = with_status(Initiative.objects.visible_to(user).filter(pk__in=ends), day)
    known = {found.pk: found for found in rows.select_related(*_JOINED)} if ends else {}
    words = shown_words(row.initiative.municipality_id) if known else ShownWords()
    return DependencyCard(
        first=_neighbours(known, words, day, [(link, link.predecessor_id) for link in links]),
        waiting=_neighbours(known, words, day, [(link, link.successor_id) for link in links]),
    )


def _neighbours(
    known: dict[int, Initiative], words: ShownWords, day: date, ends: list[tuple[Dependency, int]]
) -> list[Neighbour]:
    """Those that stand, nearest target first."""
    found = []
    for link, pk in ends:
        other = known.get(pk)
        if other is None:
            continue
        latest: Any = getattr(other, "latest", None)
        phase = latest.phase if latest else Phase.IDEA
        found.append(
            Neighbour(
                link,
                other,
                words.phase(phase),
                latest.progress if latest else "",
                words.progress(latest.progress if latest else ""),
                target_end(other.target_fy, other.target_quarter),
                adoption_of(other, phase, day),
            )
        )
    return sorted(found, key=lambda one: (one.target_end or date.max, one.initiative.pk))


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def dependency_create(request: HttpRequest, pk: int, side: str) -> HttpResponse:
    """Search, choose, save; an initiative that would close a circle is refused by name."""
    initiative, user = changeable(request, pk), signed_in(request)
    if side not in (FIRST, WAITING):
        raise Http404
    sent = request.POST if request.method == "POST" else request.GET
    query = sent.get("q", "")[:100]
    found, more = _offered(user, initiative, side, query)
    if request.method == "GET":
        form = DependencyForm(found=found, initial={"q": query})
        return _page(request, initiative, side, form, more=more, query=query)
    form = DependencyForm(request.POST, found=_with_chosen(user, request, found))
    if form.is_valid():
        try:
            return _added(request, initiative, side, form)
        except ValidationError as refused:
            form.add_error("other", refused)
    return _page(request, initiative, side, form, more=more, query=query, status=422)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def dependency_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Take it away at both ends, with the way back."""
    initiative = changeable(request, pk)
    link = Dependency.objects.touching(pk).select_related("predecessor", "successor")
    dependency = link.filter(pk=part_pk).first()
    events = actions.remove_dependency(dependency, by=signed_in(request)) if dependency else {}
    response = draw_card(request, initiative, "dependencies", dependency_card)
    if not events:
        return response
    undo = reverse("roadmap:dependency_restore", args=[pk, events[pk].pk])
    return notify(request, response, _("The dependency was removed."), undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def dependency_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring it back, unless it would close a circle by now."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, actions.REMOVED)
    sentence, tone = _("The dependency is there again."), "success"
    try:
        actions.restore_dependency(event, by=user)
    except ValidationError as refused:
        sentence, tone = " ".join(refused.messages), "error"
    response = draw_card(request, initiative, "dependencies", dependency_card)
    return notify(request, response, sentence, tone=tone)


def _offered(
    user: User, initiative: Initiative, side: str, query: str
) -> tuple[list[tuple[int, str]], bool]:
    """Key and title of those that match and are not chosen yet, and whether there are more."""
    taken = {initiative.pk}
    for link in Dependency.objects.touching(initiative.pk):
        taken.add(link.predecessor_id if side == FIRST else link.successor_id)
    rows = matching(
        Initiative.objects.visible_to(user).exclude(pk__in=taken), query, user.municipality_id or 0
    )
    found = _labelled(rows.order_by("title", "pk")[: MOST_FOUND + 1])
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def _labelled(rows: Initiatives) -> list[tuple[int, str]]:
    """Key and title, with the department that leads: titles are often alike."""
    lead = InitiativeDepartment.objects.filter(
        initiative=OuterRef("pk"), role=DepartmentRole.LEAD
    ).values("department__name")[:1]
    named = rows.annotate(lead_name=Subquery(lead)).values_list("pk", "title", "lead_name")
    words = _("%(title)s (%(department)s)")
    return [
        (pk, words % {"title": title, "department": name} if name else title)
        for pk, title, name in named
    ]


def _with_chosen(
    user: User, request: HttpRequest, found: list[tuple[int, str]]
) -> list[tuple[int, str]]:
    """The chosen one stays choosable, whatever else is found by now."""
    text = request.POST.get("other", "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return found
    rows = _labelled(Initiative.objects.visible_to(user).filter(pk=int(text)))
    return [*found, *(row for row in rows if row not in found)]


def _added(
    request: HttpRequest, initiative: Initiative, side: str, form: DependencyForm
) -> HttpResponse:
    user = signed_in(request)
    other = Initiative.objects.visible_to(user).get(pk=form.cleaned_data["other"])
    first, waiting = (other, initiative) if side == FIRST else (initiative, other)
    actions.add_dependency(first, waiting, by=user, note=form.cleaned_data["note"])
    sentence = _("“%(waiting)s” waits for “%(first)s”.")
    words = sentence % {"waiting": waiting.title, "first": first.title}
    return notify(request, redirect(f"{initiative.get_absolute_url()}#dependencies"), words)


def _page(
    request: HttpRequest,
    initiative: Initiative,
    side: str,
    form: DependencyForm,
    *,
    more: bool,
    query: str,
    status: int = 200,
) -> HttpResponse:
    context = {
        "initiative": initiative,
        "side": side,
        "form": form,
        "more": more,
        "most": MOST_FOUND,
        "query": query,
    }
    page, partial = "roadmap/dependency_form.html", "roadmap/_dependency_choices.html"
    return render_page(request, page, context, partial=partial, status=status)
