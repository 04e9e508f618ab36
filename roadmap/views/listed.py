"""What list, row and export share: the filtered initiatives with their queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from dxportal.accounts.models import Department, User
from roadmap.board import BoardRow, board_rows
from roadmap.choices import Queue
from roadmap.forms.filters import InitiativeFilter
from roadmap.listing import (
    PAGE_SIZE,
    Initiatives,
    for_rows,
    listed,
    queue_condition,
    queue_counts,
)
from roadmap.models import Initiative, Stage
from roadmap.shown_words import ShownWords, shown_words


@dataclass(frozen=True)
class QueueTab:
    """One work queue with its count and address."""

    queue: Queue
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Listing:
    """A filtered list before it is cut into pages."""

    form: InitiativeFilter
    stages: list[Stage]
    found: Initiatives
    counts: dict[str, int]
    words: ShownWords

    @property
    def chosen(self) -> Initiatives:
        """Those of the chosen queue, with all that rows show."""
        return for_rows(self.found)


class CountedPaginator(Paginator[Initiative]):
    """Pages whose total is known from the queue's count."""

    def __init__(self, rows: Initiatives, count: int) -> None:
        """The count is not asked again."""
        super().__init__(rows, PAGE_SIZE)
        self.__dict__["count"] = count


def load_filter(
    user: User, day: date, data: QueryDict, words: ShownWords
) -> tuple[InitiativeFilter, list[Stage]]:
    """The search bar with its choices: two queries."""
    stages = list(Stage.objects.visible_to(user))
    departments = list(Department.objects.visible_to(user).on(day).in_order())
    return InitiativeFilter(data, departments=departments, stages=stages, words=words), stages


def load_listing(user: User, day: date, data: QueryDict) -> Listing:
    """The filtered list with the counts of its queues: four queries."""
    words = shown_words(user.municipality_id or 0)
    form, stages = load_filter(user, day, data, words)
    matching = form.apply(listed(user, day))
    found = matching.filter(queue_condition(form.queue, day))
    return Listing(form, stages, found, queue_counts(matching, day), words)


def load_page(
    listing: Listing, user: User, day: date, number: str | None
) -> tuple[Page[Initiative], list[BoardRow]]:
    """One page and its rows."""
    pages = CountedPaginator(listing.chosen, listing.counts[listing.form.queue])
    page = pages.get_page(number)
    rows = board_rows(
        page.object_list, user=user, day=day, stages=listing.stages, words=listing.words
    )
    return page, rows


def tabs_of(listing: Listing) -> list[QueueTab]:
    """The queues, each keeping what is filtered."""
    base = reverse("roadmap:initiative_list")
    tabs = []
    for queue in Queue:
        query = QueryDict(mutable=True)
        query.update({name: str(value) for name, value in listing.form.wanted.items()})
        if queue != Queue.ALL:
            query["queue"] = queue.value
        url = f"{base}?{query.urlencode()}" if query else base
        tabs.append(QueueTab(queue, listing.counts[queue], url, queue == listing.form.queue))
    return tabs


def queue_tabs(
    request: HttpRequest, user: User, day: date, data: QueryDict, *, apart: bool = False
) -> str:
    """The queues as markup; `apart`: swapped beside the part that was asked for."""
    return draw_tabs(request, load_listing(user, day, data), apart=apart)


def draw_tabs(request: HttpRequest, listing: Listing, *, apart: bool) -> str:
    """Markup of the queues of a loaded list."""
    context = {"tabs": tabs_of(listing), "apart": apart}
    return render_to_string("roadmap/_queue_tabs.html", context, request)
