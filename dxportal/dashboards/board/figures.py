"""Figures of the staircase page: what each is, and the address that it opens to for this viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import User
from dxportal.dashboards.board.moments import Moment

#: How a figure comes out of its rows: their number, the share or both of two sums, from–to, or a
#: published cell that is shown as it is stored.
COUNT, SHARE, PAIR, RANGE, CELL = "count", "share", "pair", "range", "cell"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `text` as it is read, `value` (and `of`) as it is checked.

    Of a share `value` is the percentage; of a cell its text.
    """

    name: str
    text: str
    url: str
    value: float | str
    how: str = COUNT
    of: float | None = None
    tone: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What the address of the page says; all of it goes along with every link."""

    moment: Moment | None = None
    compare: Moment | None = None
    bureau: int | None = None
    department: int | None = None
    sort: str = ""

    def values(self, **changes: object) -> dict[str, object]:
        """The whole state with changes; what is "" is left out."""
        values: dict[str, object] = dict(self.moment.query) if self.moment else {}
        values |= {
            "compare": self.compare.key if self.compare else "",
            "bureau": self.bureau or "",
            "department": self.department or "",
            "sort": self.sort,
            **changes,
        }
        return {name: value for name, value in values.items() if value != ""}

    def query(self, **changes: object) -> str:
        """The same as a query."""
        return urlencode(self.values(**changes))

    def with_(self, **changes: object) -> str:
        """The page itself with changes."""
        return f"?{self.query(**changes)}"


@dataclass(frozen=True, slots=True)
class Links:
    """Where figures open to, for a viewer who sees names or who does not."""

    state: State
    names: bool
    culture: bool

    @property
    def kept(self) -> Mapping[str, object]:
        """Of the state, what an opened figure needs."""
        return self.state.values(department="", sort="")

    @property
    def kept_query(self) -> str:
        """The same as a query."""
        return urlencode(self.kept)

    def figure(self, name: str, **more: object) -> str:
        """The page of a figure."""
        query = urlencode({**self.kept, **more})
        return reverse("dashboards:figure_detail", args=[name]) + (f"?{query}" if query else "")

    def departments(self, name: str, **more: object) -> str:
        """Departments by name, or their number by step where names are not for the viewer."""
        if not self.names:
            return self.figure(name)
        query = urlencode({**self.kept, **more})
        return reverse("dashboards:department_list") + f"?{query}"

    def stage(self, axis: str, step: int) -> str:
        """What a step is made of."""
        query = urlencode(self.kept)
        page = reverse("dashboards:stage_detail", args=[axis, step])
        return page + (f"?{query}" if query else "")


#: Figures whose rows are departments, and how the list of departments shows them.
SHOWN_AS: Final = {
    "up": "up",
    "down": "down",
    "mixed": "mixed",
    "same": "same",
    "missing": "missing",
    "placed": "placed",
    "known": "known",
    "topped": "topped",
}


def links_of(user: User, state: State) -> Links:
    """For this viewer."""
    return Links(
        state,
        names=can(user, Permission.SEE_TECHNOLOGY_NAMES),
        culture=can(user, Permission.SEE_CULTURE_NAMES),
    )
