"""Which counted month or closed round a page shows, and with which it is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared.fiscal import add_months, month_start
from roadmap.models import PositionSnapshot, RoundStage
from roadmap.rollups import LOCK

#: A value of the choice that stands for a round: "round-12".
ROUND = "round-"
#: The page warns where the last count is older.
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A counted month, or a closed round. `day`: whose organisation and names it shows."""

    day: date
    period: date | None = None
    round: int | None = None
    round_label: str = ""

    @property
    def key(self) -> str:
        """What the choice and the address say: "2026-09" or "round-12"."""
        return f"{self.period:%Y-%m}" if self.period else f"{ROUND}{self.round}"

    @property
    def query(self) -> dict[str, str]:
        """The same as a query: ?period=2026-09 or ?round=12."""
        return {"period": self.key} if self.period else {"round": str(self.round)}

    @property
    def label(self) -> str:
        """2026年9月, or the name of the round."""
        if self.period is None:
            return self.round_label
        return _("%(year)d-%(month)02d") % {"year": self.period.year, "month": self.period.month}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not counted yet: marks, since when, and whether a count runs at this moment.

    newest: the newest counted month; what waits is missing from it, also when it has ended.
    """

    marks: int = 0
    since: datetime | None = None
    running: bool = False
    newest: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The months and closed rounds of a municipality, newest first, and what waits."""

    months: Sequence[Moment] = ()
    rounds: Sequence[Moment] = ()
    waiting: Waiting = field(default_factory=Waiting)
    #: The version of the staircase in force today: key and name.
    version: tuple[int, str] | None = None

    @property
    def all(self) -> list[Moment]:
        """Months, then rounds."""
        return [*self.months, *self.rounds]

    def find(self, query: Mapping[str, str]) -> Moment | None:
        """The month or round that ?period= or ?round= asks for; None where it was not counted."""
        wish = query.get("period", "") or f"{ROUND}{query.get('round', '')}"
        return next((moment for moment in self.all if moment.key == wish), None)

    def chosen(self, query: Mapping[str, str]) -> Moment | None:
        """The wished one, else the newest month, else the newest round."""
        return self.find(query) or next(iter(self.all), None)

    def earlier(self, moment: Moment | None) -> list[Moment]:
        """What the moment may be compared with, newest first, months before rounds."""
        return [] if moment is None else [one for one in self.all if one.day < moment.day]

    def compared(self, moment: Moment | None, wish: str) -> Moment | None:
        """The wished one where it is earlier; else of its own kind: half a year before a month,
        the round before a round."""
        offered = self.earlier(moment)
        found = next((one for one in offered if one.key == wish), None)
        if found or moment is None:
            return found
        alike = [one for one in offered if (one.round is None) == (moment.round is None)]
        if moment.period is None:
            return next(iter(alike), None)
        wanted = add_months(moment.period, -6)
        far = (one for one in alike if one.period and one.period <= wanted)
        return next(far, alike[-1] if alike else None)


@dataclass(frozen=True, slots=True)
class Counted:
    """When the month was counted, by which rules, and what is not in it."""

    as_of: date | None
    finished_at: datetime | None
    waiting: int = 0
    oldest_wait: datetime | None = None
    running: bool = False
    old: bool = False
    newest: bool = False

    @property
    def complete(self) -> bool:
        """Whether every change is in it, as far as can be told."""
        return self.newest and not (self.waiting or self.running or self.old)


#: The months come from the index of the snapshots, one probe a month, however many rows each has.
_KNOWN = """
WITH RECURSIVE months(period) AS (
  (SELECT period FROM roadmap_positionsnapshot WHERE municipality_id = %(m)s
    ORDER BY period DESC LIMIT 1)
  UNION ALL
  SELECT (SELECT p.period FROM roadmap_positionsnapshot p
           WHERE p.municipality_id = %(m)s AND p.period < months.period
           ORDER BY p.period DESC LIMIT 1)
    FROM months WHERE months.period IS NOT NULL
)
SELECT (SELECT array_agg(period ORDER BY period DESC) FROM months WHERE period IS NOT NULL),
       (SELECT period FROM roadmap_rolluprun WHERE municipality_id = %(m)s
         ORDER BY id DESC LIMIT 1),
       (SELECT json_agg(json_build_array(id, label, as_of) ORDER BY as_of DESC, id DESC)
          FROM roadmap_reportinground r WHERE municipality_id = %(m)s AND state = 'closed'
           AND EXISTS (SELECT 1 FROM roadmap_roundstage s WHERE s.round_id = r.id)),
       (SELECT json_build_array(id, label) FROM roadmap_staircaseversion
         WHERE municipality_id = %(m)s AND valid_from <= %(today)s
           AND (valid_to IS NULL OR valid_to > %(today)s)),
       (SELECT count(*) FROM roadmap_dirtymark WHERE municipality_id = %(m)s),
       (SELECT min(created_at) FROM roadmap_dirtymark WHERE municipality_id = %(m)s),
       EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND classid = %(lock)s AND objid = %(m)s AND objsubid = 2)
"""


def known(user: User, today: date) -> Known:
    """Months, closed rounds, the version of today and what waits: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"m": user.municipality_id or 0, "today": today, "lock": LOCK})
        row: Any = cursor.fetchone()
    months, last_run, rounds, version, marks, since, running = row
    # A municipality without any department has counted initiatives, and no position.
    counted = months or _one(last_run)
    return Known(
        [Moment(_last_day(month, today), period=month) for month in counted],
        [
            Moment(date.fromisoformat(as_of), round=pk, round_label=label)
            for pk, label, as_of in rounds or ()
        ],
        Waiting(marks, since, running, next(iter(counted), None)),
        tuple(version) if version else None,
    )


def months(user: User, today: date) -> list[date]:
    """The first days of the counted months, newest first: one statement."""
    return [moment.period for moment in known(user, today).months if moment.period]


def _one(period: date | None) -> list[date]:
    return [period] if period else []


def _last_day(period: date, today: date) -> date:
    """The day whose organisation the month shows: its last day, or today in the present month."""
    if period == month_start(today):
        return today
    return add_months(period, 1) - timedelta(days=1)


#: Newest first along the index, so that the newest month is the first row.
_COUNTED = """
SELECT as_of, finished_at FROM roadmap_rolluprun
 WHERE municipality_id = %s AND period = %s ORDER BY id DESC LIMIT 1
"""


def counted(user: User, moment: Moment | None, waiting: Waiting, now: datetime) -> Counted:
    """When the month was counted last; a round was counted when it closed. One statement.

    What waits belongs to the newest month alone. That is not always the calendar's: where counting
    stopped before the month changed, the page still shows the month before.
    """
    if moment is None:
        return Counted(None, None)
    if moment.period is None:
        return Counted(moment.day, None)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [user.municipality_id or 0, moment.period])
        as_of, finished = cursor.fetchone() or (None, None)
    if moment.period != waiting.newest:
        return Counted(as_of, finished)
    old = finished is not None and now - finished > A_DAY
    return Counted(as_of, finished, waiting.marks, waiting.since, waiting.running, old, newest=True)


def method_of(user: User, moment: Moment | None) -> str:
    """The version of the rules that counted the month or closed round; one statement.

    Empty where nothing of a department was counted. The rules of today may be newer.
    """
    if moment is None:
        return ""
    rows = (
        PositionSnapshot.objects.visible_to(user).in_period(moment.period)
        if moment.period
        else RoundStage.objects.filter(
            round=moment.round, round__municipality_id=user.municipality_id or 0
        )
    )
    return rows.order_by("pk").values_list("method", flat=True).first() or ""
