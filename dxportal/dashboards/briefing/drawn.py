"""The month or closed round of a sheet: where departments stood, and where they stood before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from dxportal.accounts.models import User
from dxportal.dashboards.board import moments
from dxportal.dashboards.board.health import Health, health
from dxportal.dashboards.board.moments import Moment
from dxportal.dashboards.board.picture import missing_reason, moves
from dxportal.dashboards.board.standing import Place, Scene, scenes
from dxportal.shared.fiscal import month_start
from roadmap.choices import Axis
from roadmap.models import StaircaseVersion


@dataclass(frozen=True, slots=True)
class Drawn:
    """Names are those of then; without `with_culture` nothing here tells culture by name."""

    moment: Moment
    then: Scene | None
    now: Scene
    as_of: dt.date
    health: Health
    moves: Mapping[int, str]
    method: str
    version: str
    with_culture: bool

    @property
    def month(self) -> dt.date:
        """The month, or that of the round's day."""
        return self.moment.period or month_start(self.moment.day)

    @property
    def compared_month(self) -> dt.date | None:
        """The month that it is compared with, or that of the compared round."""
        return month_start(self.then.moment.day) if self.then else None

    @property
    def compared(self) -> bool:
        """Whether a department has a position on the same axis in both moments."""
        if self.then is None:
            return False
        axes = tuple(Axis) if self.with_culture else (Axis.TECHNOLOGY,)
        return any(
            self.now.position(pk, axis) and self.then.position(pk, axis)
            for pk in self.now.places
            for axis in axes
        )

    @property
    def missing(self) -> list[Place]:
        """Departments without a place in the picture."""
        return [
            place
            for pk, place in self.now.places.items()
            if missing_reason(self.now, pk, with_culture=self.with_culture)
        ]

    def moved(self, way: str) -> list[str]:
        """Names of those that moved up, or down."""
        return [place.name for pk, place in self.now.places.items() if self.moves.get(pk) == way]

    def cells(self) -> dict[tuple[int, int], list[Place]]:
        """(technology step, culture step or 0) → who stands there."""
        found: dict[tuple[int, int], list[Place]] = {}
        for pk, place in self.now.places.items():
            if missing_reason(self.now, pk, with_culture=self.with_culture):
                continue
            stands = self.now.standing(pk, with_culture=self.with_culture)
            technology, culture = stands.technology, stands.culture
            if technology is not None:
                at = (technology.current, culture.current if culture else 0)
                found.setdefault(at, []).append(place)
        return found


def drawn(
    user: User, query: Mapping[str, str], *, with_culture: bool, now: dt.datetime
) -> Drawn | None:
    """What the wish asks for, else the newest; None before the first count."""
    known = moments.known(user, timezone.localdate(now))
    moment = known.chosen(query)
    compare = known.compared(moment, query.get("compare", ""))
    found = scenes(user, moment, compare)
    if moment is None or found.now is None:
        return None
    counted = moments.counted(user, moment, known.waiting, now)
    if counted.as_of is None:
        return None
    return Drawn(
        moment=moment,
        then=found.then,
        now=found.now,
        as_of=counted.as_of,
        health=health(user, [moment])[0],
        moves=moves(found.now, found.then, with_culture=with_culture),
        method=moments.method_of(user, moment),
        version=found.now.version[1] if found.now.version else _version(user, counted.as_of),
        with_culture=with_culture,
    )


def _version(user: User, day: dt.date) -> str:
    return str(StaircaseVersion.objects.visible_to(user).on(day).first() or "")
