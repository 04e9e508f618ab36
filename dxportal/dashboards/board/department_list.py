"""The whole list of departments of a month or round: filtered and sorted, drawn page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can
from dxportal.dashboards.board.department_rows import (
    OF_SURVEYS,
    DepartmentRow,
    Filters,
    matching,
    rows_of,
    sorted_rows,
    with_answers,
    with_levels,
)
from dxportal.dashboards.board.health import health
from dxportal.dashboards.board.look import Look
from dxportal.dashboards.board.standing import Scene, scenes
from dxportal.dashboards.board.surveyed import Surveys, surveys


@dataclass(frozen=True, slots=True)
class Listed:
    """All rows of the filter, in order; `answered`: with what is published of them."""

    look: Look
    rows: Sequence[DepartmentRow]
    total: int
    scene: Scene | None
    surveys: Surveys
    bureaus: Mapping[int, str]
    answered: bool

    def drawn(self, rows: Sequence[DepartmentRow]) -> list[DepartmentRow]:
        """The rows of one page with their small stairs and what is published of them."""
        if self.scene is None:
            return []
        with_culture = can(self.look.user, Permission.SEE_CULTURE_NAMES)
        shown = with_levels(self.look.user, rows, self.scene, with_culture=with_culture)
        if self.answered or not can(self.look.user, Permission.SEE_RESULTS):
            return shown
        pks = [row.pk for row in rows]
        return with_answers(shown, surveys(self.look.user, self.look.at, pks, units=with_culture))

    def file_name(self, kind: str) -> str:
        """With the municipality and the month or round in it."""
        moment = self.look.state.moment
        key = moment.key if moment else f"{self.look.today:%Y-%m-%d}"
        return f"{self.look.user.municipality}_{_('Departments')}_{key}.{kind}"


def listed(look: Look, filters: Filters, *, answers: bool = False) -> Listed:
    """The rows that the filters ask for. `answers`: with what is published, whatever the order."""
    user, state = look.user, look.state
    with_culture = can(user, Permission.SEE_CULTURE_NAMES)
    results = can(user, Permission.SEE_RESULTS)
    # A number of departments without the culture axis says nothing of it: no filter, no order.
    allowed = filters if with_culture else _without_culture(filters)
    found = scenes(user, state.moment, state.compare, unit=state.bureau)
    counts = health(user, [state.moment])[0]
    everybody = rows_of(found, counts, with_culture=with_culture)
    rows: Sequence[DepartmentRow] = matching(everybody, allowed, with_culture=with_culture)
    answered = results and (answers or allowed.sort.removeprefix("-") in OF_SURVEYS)
    read = Surveys()
    if answered:
        read = surveys(user, look.at, [row.pk for row in rows], units=with_culture)
        rows = with_answers(rows, read)
    rows = sorted_rows(rows, allowed.sort)
    return Listed(look, rows, len(everybody), found.now, read, found.bureaus, answered)


def _without_culture(filters: Filters) -> Filters:
    sort = "" if filters.sort.removeprefix("-") in {"culture", "easier"} else filters.sort
    return replace(filters, culture="", sort=sort)
