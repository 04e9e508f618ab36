"""What list, row and export share: the filtered initiatives with their queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string

from dxportal.accounts.models import Department, User
from dxportal.shared.fiscal import CalendarStyle
from roadmap.board import BoardRow, board_rows
from roadmap.choices import ListView, Queue
from roadmap.forms.filters import FilterChoices, InitiativeFilter
from roadmap.listing import (
    PAGE_SIZE,
    Initiatives,
    for_rows,
    listed,
    queue_condition,
    queue_counts,
)
from roadmap.models import Initiative, Stage, Tag
from roadmap.shown_words import ShownWords, shown_words


@dataclass(frozen=True)
class QueueTab:
    """One work queue with its count and address."""

    queue: Queue
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class ViewTab:
    """One view of the list and its address."""

    view: ListView
    url: str
    current: bool


@dataclass(frozen=True)
class SortHead:
    """A heading that sorts: the address of a click, and how it is sorted now ('' if not)."""

    url: str
    aria: str


@dataclass(frozen=True)
class Listing:
    """A filtered list before it is cut into pages."""

    form: InitiativeFilter
    stages: list[Stage]
    found: Initiatives
    counts: dict[str, int]

    @property
    def chosen(self) -> Initiatives:
        """Those of the chosen queue, with all that rows show."""
        return for_rows(self.found, self.form.sort)

    @property
    def words(self) -> ShownWords:
        """What the municipality calls phases and progress."""
        return self.form.offered.words

    @property
    def count(self) -> int:
        """How many the chosen queue holds."""
        return self.counts[self.form.queue]


class CountedPaginator(Paginator[Initiative]):
    """Pages whose total is known from the queue's count."""

    def __init__(self, rows: Initiatives, count: int) -> None:
        """The count is not asked again."""
        super().__init__(rows, PAGE_SIZE)
        self.__dict__["count"] = count


def load_filter(user: User, day: date, data: QueryDict) -> tuple[InitiativeFilter, list[Stage]]:
    """The search bar with its choices: four queries."""
    stages = list(Stage.objects.visible_to(user))
    style = user.municipality.calendar_style if user.municipality else "both"
    departments = list(Department.objects.visible_to(user).on(day).in_order())
    choices = FilterChoices(
        municipality_id=user.municipality_id or 0,
        day=day,
        style=cast(CalendarStyle, style),
        departments=departments,
        stages=stages,
        tags=list(Tag.objects.visible_to(user).on(day)),
        words=shown_words(user.municipality_id or 0),
        former=_former(user, departments, data.get("lead", "")),
    )
    return InitiativeFilter(data, choices), stages


def _former(user: User, departments: list[Department], lead: str) -> list[Department]:
    """The department that is asked for although it has ended: a query in that case alone."""
    known = {department.pk for department in departments}
    if not lead.isdecimal() or len(lead) > 9 or int(lead) in known:
        return []
    return list(Department.objects.visible_to(user).filter(pk=int(lead)))


def load_listing(user: User, day: date, data: QueryDict) -> Listing:
    """The filtered list with the counts of its queues: five queries, one more with a search."""
    form, stages = load_filter(user, day, data)
    matching = form.apply(listed(user, day))
    found = matching.filter(queue_condition(form.queue, day))
    return Listing(form, stages, found, queue_counts(matching, day))


def load_page(
    listing: Listing, user: User, day: date, number: str | None, chosen: Initiatives | None = None
) -> tuple[Page[Initiative], list[BoardRow]]:
    """One page and its rows: the keys are one query more."""
    everything = listing.chosen if chosen is None else chosen
    page = CountedPaginator(everything, listing.count).get_page(number)
    # The keys of a page alone first: the rest of a row is then asked for 50 times, not for all.
    part = everything[max(page.start_index() - 1, 0) : page.end_index()]
    shown = everything.filter(pk__in=list(part.values_list("pk", flat=True)))
    rows = board_rows(shown, user=user, day=day, stages=listing.stages, words=listing.words)
    return page, rows


def tabs_of(listing: Listing) -> list[QueueTab]:
    """The queues, each keeping what is filtered."""
    form = listing.form
    return [
        QueueTab(
            queue,
            listing.counts[queue],
            form.url(queue="" if queue == Queue.ALL else queue.value),
            queue == form.queue,
        )
        for queue in Queue
    ]


def views_of(form: InitiativeFilter) -> list[ViewTab]:
    """The views, each of the same initiatives."""
    return [
        ViewTab(
            view, form.url(view="" if view == ListView.TABLE else view.value), view == form.view
        )
        for view in ListView
    ]


def heads_of(form: InitiativeFilter) -> dict[str, SortHead]:
    """The headings that sort; a second click turns the order round."""
    heads = {}
    for name in ("department", "progress", "target", "updated"):
        aria = {name: "ascending", f"-{name}": "descending"}.get(form.sort, "")
        heads[name] = SortHead(form.url(sort=f"-{name}" if form.sort == name else name), aria)
    return heads


def queue_tabs(
    request: HttpRequest, user: User, day: date, data: QueryDict, *, apart: bool = False
) -> str:
    """The queues as markup; `apart`: swapped beside the part that was asked for."""
    return draw_tabs(request, load_listing(user, day, data), apart=apart)


def draw_tabs(request: HttpRequest, listing: Listing, *, apart: bool) -> str:
    """Markup of the queues of a loaded list."""
    context = {"tabs": tabs_of(listing), "apart": apart}
    return render_to_string("roadmap/_queue_tabs.html", context, request)
