"""A figure of the staircase page, opened: its rows, their sum, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dxportal.accounts.models import User
from dxportal.dashboards.adoption import AdoptionRow, adoption_rows
from dxportal.dashboards.board import decisions, health
from dxportal.dashboards.board.counting_rules import RULES, CountingRule
from dxportal.dashboards.board.figures import CELL, COUNT, PAIR, RANGE, SHARE
from dxportal.dashboards.board.moments import Moment


@dataclass(frozen=True, slots=True)
class Part:
    """One row: what it adds (`value`), of how many (`of`), or from–to (`value`, `of`).

    `text`: how it is shown where that is not the number itself; `cells`: what stands between;
    `value` None: a stored cell that adds nothing; `marked`: what was asked for.
    """

    label: str
    value: float | None = 1
    of: float | None = None
    url: str = ""
    sub: str = ""
    text: str = ""
    cells: Sequence[str | date | None] = ()
    marked: bool = False

    @property
    def shown(self) -> str:
        """What stands in its last column; a plain count of rows has none."""
        if self.text or self.value is None:
            return self.text
        return f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure with the rows that it is made of.

    `source`: (what, words) of its provenance; `dated`: counted in the month or round that is shown
    (else live, or a survey's own); `cell_text`: a stored cell as it is shown.
    """

    name: str
    title: str
    parts: Sequence[Part]
    rule: str
    how: str = COUNT
    head: str = ""
    columns: Sequence[str] = ()
    value_head: str = ""
    unit: str = ""
    source: Sequence[tuple[str, str]] = ()
    more: tuple[str, str] | None = None
    cell_text: str = ""
    dated: bool = True

    @property
    def counted_by(self) -> CountingRule:
        """How it is counted, in words."""
        return RULES[self.rule]

    @property
    def value(self) -> float:
        """The sum of the rows."""
        return sum(part.value or 0 for part in self.parts)

    @property
    def of(self) -> float | None:
        """The sum of the second number, where the rows have one."""
        known = [part.of for part in self.parts if part.of is not None]
        return sum(known) if known else None

    @property
    def percent(self) -> int | None:
        """The share, worked out from the two sums."""
        return round(100 * self.value / self.of) if self.of else None

    @property
    def text(self) -> str:
        """The figure as the page shows it."""
        if self.how == CELL:
            marked = next((part.text for part in self.parts if part.marked), "–")
            return self.cell_text or marked
        if self.how == SHARE:
            return "–" if self.percent is None else f"{self.percent}%"
        if self.how == RANGE:
            return f"{self.value:g}–{self.of or 0:g}"
        return f"{self.value:g} / {self.of or 0:g}" if self.how == PAIR else f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, of which month or round, with the rest of the address."""

    user: User
    moment: Moment | None
    then: Moment | None
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """The end of the month or round, or now: what was published by then is shown."""
        if self.moment is None or self.moment.day >= timezone.localdate(self.now):
            return self.now
        following = self.moment.day + timedelta(days=1)
        return timezone.make_aware(datetime.combine(following, time.min))

    def numbers(self, name: str) -> tuple[int, ...]:
        """The same as a row of one or none."""
        found = self.number(name)
        return () if found is None else (found,)

    def number(self, name: str) -> int | None:
        """A number of the address, None where there is none."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# initiatives --------------------------------------------------------------------------------------
_INITIATIVES: Final = {
    "initiatives": gettext_lazy("Initiatives"),
    "late": gettext_lazy("Initiatives reported late"),
    "behind": gettext_lazy("Initiatives behind their dates or targets"),
    "unconfirmed": gettext_lazy("Initiatives nobody was asked about after 90 days"),
    "unknown": gettext_lazy("Initiatives never reported, or not for more than 180 days"),
    "hurry": gettext_lazy("Initiatives late by report or by their dates"),
}
_QUEUES: Final = {"late": "late", "unconfirmed": "unconfirmed", "unknown": "stale"}


def initiatives(asking: Asking, name: str) -> Opened | None:
    """Initiatives as they were counted in the month or round."""
    if asking.moment is None:
        return None
    department = asking.number("department")
    rows = health.initiative_rows(asking.user, asking.moment, name, department)
    list_url = reverse("roadmap:initiative_list")
    query = f"?queue={_QUEUES[name]}" if name in _QUEUES else ""
    return Opened(
        name,
        str(_INITIATIVES[name]),
        [
            Part(
                row.title,
                url=row.url,
                sub=row.lead,
                cells=(row.phase, row.progress or "–", row.rule or "–", row.last_report),
            )
            for row in rows
        ],
        "initiatives",
        head=_("Initiative"),
        columns=(_("Phase"), _("Reported"), _("What the dates say"), _("Last report")),
        more=(_("See the list as it stands now"), list_url + query),
    )


# verdicts -----------------------------------------------------------------------------------------
def _judged(asking: Asking) -> list[AdoptionRow]:
    day = asking.moment.day if asking.moment else timezone.localdate(asking.now)
    return adoption_rows(asking.user, as_of=day)


def _verdicts(name: str, title: str, rows: Iterable[AdoptionRow]) -> Opened:
    return Opened(
        name,
        title,
        [
            Part(
                row.title,
                url=row.url,
                cells=(
                    row.verdict_label,
                    _("declared") if row.declared else _("measured"),
                    "–" if row.n is None else str(row.n),
                    row.on,
                ),
            )
            for row in rows
        ],
        "verdict",
        head=_("Initiative"),
        columns=(_("Verdict"), _("How it is known"), _("Answers"), _("Date")),
        more=(_("See all follow-ups"), reverse("surveys:followup_list")),
    )


def judged(asking: Asking, name: str) -> Opened:
    """Every initiative with a verdict."""
    return _verdicts(name, _("Initiatives that staff were asked about again"), _judged(asking))


def rooted(asking: Asking, name: str) -> Opened:
    """Those that took root."""
    rows = [row for row in _judged(asking) if row.adoption.took_root]
    return _verdicts(name, _("Took root after three months"), rows)


def hollow(asking: Asking, name: str) -> Opened:
    """Those that may exist on paper only."""
    rows = [row for row in _judged(asking) if row.adoption.hollow]
    return _verdicts(name, _("Not used, to rethink, or used by nobody"), rows)


# decisions ----------------------------------------------------------------------------------------
def decision(asking: Asking, name: str) -> Opened:
    """Exactly the rows of one kind of decision, as it stands now."""
    today = timezone.localdate(asking.now)
    rows = decisions.rows_of(asking.user, name, today)
    queue = decisions.QUEUES.get(name)
    list_url = reverse("roadmap:initiative_list") + (f"?queue={queue}" if queue else "")
    more = (_("See the list as it stands now"), list_url) if queue else None
    if name == "escalated":
        more = (_("Decide"), reverse("roadmap:escalation_list"))
    return Opened(
        name,
        str(decisions.LABELS[name]),
        [
            Part(
                row.title,
                url=row.url,
                sub=row.department if row.department != row.title else "",
                cells=(row.text or "–", row.since, _days(row.days(today))),
            )
            for row in rows
        ],
        "decisions",
        head=_("What waits"),
        columns=(_("About what"), pgettext("decision", "Since"), _("Waiting for")),
        more=more,
        dated=False,
    )


def _days(days: int | None) -> str:
    return "–" if days is None else _("%(days)s days") % {"days": days}
