"""Snapshots → dataclasses for the CDO's and the DX office's screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can
from dxportal.dashboards.adoption import AdoptionRow, adoption_rows
from dxportal.dashboards.board import moments
from dxportal.dashboards.board.department_rows import (
    FEW,
    OF_SURVEYS,
    DepartmentRow,
    rows_of,
    sorted_rows,
    with_answers,
    with_levels,
)
from dxportal.dashboards.board.figures import Figure
from dxportal.dashboards.board.headline import Phrase, headline
from dxportal.dashboards.board.headline_facts import facts_of, opens
from dxportal.dashboards.board.health import Counts, Health, health
from dxportal.dashboards.board.look import Look
from dxportal.dashboards.board.moments import Counted, Known, Moment
from dxportal.dashboards.board.picture import Picture, picture
from dxportal.dashboards.board.spread import SpreadRow, spread_rows
from dxportal.dashboards.board.standing import Scene, Scenes, same_staircase, scenes
from dxportal.dashboards.board.surveyed import Surveys, surveys
from dxportal.shared.charts import Chart, Series, line_chart
from roadmap.choices import Axis


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the staircase page shows of the roadmap."""

    look: Look
    counted: Counted
    scenes: Scenes
    picture: Picture | None
    phrases: Sequence[tuple[Phrase, Figure | None]]
    table: Table
    health: Sequence[Health]
    surveys: Surveys
    adoption: Sequence[AdoptionRow]
    spread: Sequence[SpreadRow]
    trend: Chart | None
    with_culture: bool
    with_names: bool

    @property
    def moment(self) -> Moment | None:
        """The month or round that is shown."""
        return self.look.state.moment

    @property
    def compare(self) -> Moment | None:
        """What it is compared with."""
        return self.look.state.compare

    @property
    def period(self) -> date | None:
        """The month that is shown; None for a round."""
        return self.moment.period if self.moment else None

    @property
    def bureaus(self) -> Mapping[int, str]:
        """Those that may be chosen."""
        return self.scenes.bureaus if self.with_names else {}

    @property
    def version(self) -> str:
        """The staircase that was counted by, where it is not that of today."""
        return _other_version(self.scenes.now, self.look.known)

    @property
    def counts(self) -> tuple[Counts, Counts | None]:
        """Of initiatives, now and then."""
        then = self.health[1].whole if self.compare else None
        return self.health[0].whole, then


@dataclass(frozen=True, slots=True)
class Table:
    """The list of departments on the page: a few of all."""

    rows: Sequence[DepartmentRow]
    total: int
    sort: str


def _other_version(scene: Scene | None, known: Known) -> str:
    """The name of the scene's version where today's is another one."""
    if scene is None or scene.version is None:
        return ""
    same = known.version is not None and same_staircase(scene.version, known.version)
    return "" if same else scene.version[1]


def dashboard(look: Look) -> Dashboard:
    """Build the page's data; the number of statements depends on what there is, never on how
    much."""
    user, state = look.user, look.state
    with_culture = can(user, Permission.SEE_CULTURE_NAMES)
    with_names = can(user, Permission.SEE_TECHNOLOGY_NAMES)
    found = scenes(user, state.moment, state.compare, unit=state.bureau)
    counts = health(user, [state.moment, state.compare])
    everybody = rows_of(found, counts[0], with_culture=with_culture)
    shown, published = _table(look, everybody, found, with_culture=with_culture)
    adoption = adoption_rows(user, as_of=look.day)
    drawn = (
        picture(
            found.now,
            found.then,
            with_culture=with_culture,
            picked=state.department,
            unit=state.bureau,
        )
        if found.now
        else None
    )
    facts = facts_of(found, drawn, everybody, counts[0].whole, adoption, names=with_names)
    return Dashboard(
        look=look,
        counted=moments.counted(user, state.moment, look.known.waiting, look.now),
        scenes=found,
        picture=drawn,
        phrases=[(phrase, opens(phrase, look.links)) for phrase in headline(facts)]
        if found.now
        else [],
        table=shown,
        health=counts,
        surveys=published,
        adoption=adoption,
        spread=list(spread_rows(look, found, drawn)) if found.now and drawn else [],
        trend=_trend(found),
        with_culture=with_culture,
        with_names=with_names,
    )


# the table ----------------------------------------------------------------------------------------
def _table(
    look: Look, everybody: Sequence[DepartmentRow], found: Scenes, *, with_culture: bool
) -> tuple[Table, Surveys]:
    """The first rows in the order of a heading; surveys are read for these alone, unless they
    give the order."""
    user, sort = look.user, look.state.sort or ("move" if found.then else "department")
    sees_results = can(user, Permission.SEE_RESULTS)
    if not can(user, Permission.SEE_TECHNOLOGY_NAMES) or found.now is None:
        read = surveys(user, look.at, units=False) if sees_results else Surveys()
        return Table([], 0, sort), read
    by_survey = sort.removeprefix("-") in OF_SURVEYS and sees_results
    rows = list(everybody) if by_survey else sorted_rows(everybody, sort)[:FEW]
    read = Surveys()
    if sees_results:
        read = surveys(user, look.at, [row.pk for row in rows], units=with_culture)
        rows = with_answers(rows, read)
    rows = sorted_rows(rows, sort)[:FEW] if by_survey else rows
    drawn = with_levels(user, rows, found.now, with_culture=with_culture)
    return Table(drawn, len(everybody), sort), read


def table_of(look: Look) -> tuple[Table, Surveys, bool]:
    """The table alone, for a heading that was pressed."""
    with_culture = can(look.user, Permission.SEE_CULTURE_NAMES)
    state = look.state
    found = scenes(look.user, state.moment, state.compare, unit=state.bureau)
    counts = health(look.user, [state.moment])
    everybody = rows_of(found, counts[0], with_culture=with_culture)
    return *_table(look, everybody, found, with_culture=with_culture), with_culture


# the months ---------------------------------------------------------------------------------------
def _trend(found: Scenes) -> Chart | None:
    """Firmness of each technology stage over the months, as a line chart with its table."""
    months = sorted(found.history.months)
    if len(months) < 2 or found.now is None:
        return None
    series = [
        Series(
            label=_("%(step)d %(name)s") % {"step": stage.step, "name": stage.short},
            values=[found.history.firmness(month, stage.pk) for month in months],
        )
        for stage in found.now.of_axis(Axis.TECHNOLOGY)
        if stage.pk
    ]
    if not series:
        return None
    first, last = series[0].values[0], series[0].values[-1]
    return line_chart(
        "trend",
        title=_("How firm the technology steps have become"),
        finding=_("Step 1 went from %(first)s%% to %(last)s%%.")
        % {"first": "–" if first is None else first, "last": "–" if last is None else last},
        corner=_("Month"),
        points=[_("%(year)d-%(month)02d") % {"year": m.year, "month": m.month} for m in months],
        series=series,
        unit="%",
        highest=100,
    )
