"""The list by department: how many initiatives each leads, bureau by bureau."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from roadmap.choices import Progress
from roadmap.forms.filters import NONE, InitiativeFilter
from roadmap.listing import department_counts
from roadmap.shown_words import ShownWords
from roadmap.views.listed import Listing

#: Departments on one page.
PER_PAGE = 100
#: Order of the pieces of a bar; '' is not reported.
ORDER = (Progress.AHEAD, Progress.ON_TRACK, Progress.LATE, Progress.NOT_APPLICABLE, "")


@dataclass(frozen=True)
class Piece:
    """One part of the bar: how many, where it begins and how wide it is (percent)."""

    code: str
    label: str
    count: int
    url: str
    x: float
    width: float


@dataclass
class Place:
    """One department, or those that nobody leads (pk None)."""

    pk: int | None
    name: str
    bureau: int | None
    bureau_name: str
    counts: dict[str, int] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    url: str = ""

    @property
    def total(self) -> int:
        """How many it leads."""
        return sum(self.counts.values())


@dataclass
class Bureau:
    """A bureau with its departments on this page; pk None: nobody leads."""

    pk: int | None
    name: str
    places: list[Place] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many its departments on this page lead."""
        return sum(place.total for place in self.places)


def bureau_groups(
    listing: Listing, words: ShownWords, number: str | None
) -> tuple[Page[Place], list[Bureau]]:
    """One page of departments under their bureaus: one query."""
    places: dict[int | None, Place] = {}
    for row in department_counts(listing.found):
        place = places.setdefault(row["department"], _place(row))
        place.counts[row["progress"]] = row["held"]
    bureaus = {place.bureau: place.bureau_name for place in places.values()}
    order = {pk: index for index, pk in enumerate(bureaus)}
    rows = sorted(places.values(), key=lambda place: (place.pk is None, order[place.bureau]))
    page = Paginator(rows, PER_PAGE).get_page(number)
    groups: dict[int | None, Bureau] = {}
    most = max((place.total for place in rows), default=1)
    for place in page.object_list:
        _draw(place, listing.form, words, most)
        bureau = groups.setdefault(place.bureau, Bureau(place.bureau, place.bureau_name))
        bureau.places.append(place)
    return page, list(groups.values())


def _place(row: Mapping[str, Any]) -> Place:
    if row["department"] is None:
        return Place(None, _("No lead department"), None, _("No lead department"))
    bureau = row["bureau"] or row["department"]
    return Place(row["department"], row["name"], bureau, row["bureau_name"] or row["name"])


def _draw(place: Place, form: InitiativeFilter, words: ShownWords, most: int) -> None:
    """Addresses and the pieces of the bar; the longest bar is that of the department with most."""
    lead = NONE if place.pk is None else str(place.pk)
    asked = {"view": "", "lead": lead, "department": "", "bureau": ""}
    place.url, x = form.url(**asked), 0.0
    for code in ORDER:
        count = place.counts.get(code, 0)
        if count:
            width = round(100 * count / most, 2)
            label = words.progress(code) or _("Not reported")
            url = form.url(**{**asked, "progress": str(code) or NONE})
            place.pieces.append(Piece(str(code) or NONE, label, count, url, x, width))
            x = round(x + width, 2)
