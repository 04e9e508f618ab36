"""The reduced picture of the staircases: what is frozen, and how it is read again to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dxportal.accounts.models import Municipality, User
from dxportal.dashboards.board.moments import Moment
from dxportal.dashboards.board.standing import Scene, Tally, scenes
from dxportal.shared.fiscal import add_months
from roadmap.choices import Axis
from roadmap.models import PositionSnapshot, RollupRun, Stage, StageVersion, StaircaseVersion
from roadmap.sharing import FORMAT, Content, checksum, distribution, percent

#: From so many departments on, the names of a step stand under their bureaus.
BY_BUREAU = 40


def compose(user: User, *, title: str, period: date, today: date) -> Content | None:
    """What would be shared of that month, in nine statements; None where nothing was counted.

    Technology with the names of departments; culture as counts alone; no initiative, no person.
    """
    place = user.municipality
    day = min(add_months(period, 1) - dt.timedelta(days=1), today)
    scene = scenes(user, Moment(day, period=period), None).now
    last = RollupRun.objects.filter(municipality=place, period=period).order_by("-id").first()
    newest = PositionSnapshot.objects.visible_to(user).in_period(period).order_by("-as_of").first()
    if place is None or scene is None or newest is None:
        return None
    version, label = scene.version or _version_on(user, newest.as_of)
    stages = _stages(user, version)
    return {
        "format": FORMAT,
        "municipality": {"name": str(place), "code": place.code},
        "title": title,
        "period": f"{period:%Y-%m}",
        "as_of": (last or newest).as_of.isoformat(),
        "method": newest.method,
        "staircase": label,
        "departments": len(scene.places),
        "technology": _technology(stages[Axis.TECHNOLOGY], scene),
        "culture": _culture(stages[Axis.CULTURE], scene),
    }


def _version_on(user: User, day: date) -> tuple[int | None, str]:
    """The version that applied on a day, for months counted before it was kept."""
    found = StaircaseVersion.objects.visible_to(user).on(day).first()
    return (found.pk, found.label) if found else (None, "")


def _stages(user: User, version: int | None) -> dict[str, list[dict[str, Any]]]:
    """Axis → its steps with the names of that version, in both languages."""
    named = {row.stage_id: row for row in StageVersion.objects.filter(staircase=version)}
    found: dict[str, list[dict[str, Any]]] = {Axis.TECHNOLOGY: [], Axis.CULTURE: []}
    for stage in Stage.objects.visible_to(user):
        words = named.get(stage.pk, stage)
        texts = {key: getattr(words, key) for key in ("name", "name_en", "short", "short_en")}
        found[stage.axis].append({"step": stage.step, **texts})
    return found


def _technology(stages: list[dict[str, Any]], scene: Scene) -> dict[str, Any]:
    """Each step with its firmness and the departments that stand on it."""
    here: dict[int, list[dict[str, str]]] = {}
    for pk, place in scene.places.items():
        position = scene.position(pk, Axis.TECHNOLOGY)
        row = {"name": place.name, "bureau": place.bureau}
        here.setdefault(position.current if position else 0, []).append(row)
    steps = []
    for stage in stages:
        tally = scene.tally(Axis.TECHNOLOGY, stage["step"]) or Tally()
        firmness = {key: getattr(tally, key) for key in ("level_sum", "answered", "total")}
        names = here.get(stage["step"], [])
        steps.append({**stage, "firmness": firmness, "departments": names})
    return {"steps": steps, "missing": here.get(0, [])}


def _culture(stages: list[dict[str, Any]], scene: Scene) -> dict[str, Any]:
    """Counts over the municipality, or none where they would tell of single departments."""
    placed = [len(scene.here(Axis.CULTURE, stage["step"])) for stage in stages]
    counts = distribution(placed) if stages else None
    missing = len(scene.places) - sum(placed) if counts else None
    return {"steps": stages, "counts": counts, "missing": missing}


# shown again --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ShownStep:
    """One technology step as it is read."""

    step: int
    name: str
    short: str
    percent: int | None
    answered: int
    total: int
    groups: list[tuple[str, list[str]]]

    @property
    def count(self) -> int:
        """How many departments stand on it."""
        return sum(len(names) for _bureau, names in self.groups)

    @property
    def names(self) -> list[str]:
        """All of them, in the chart's order."""
        return [name for _bureau, names in self.groups for name in names]


@dataclass(frozen=True, slots=True)
class ShownCount:
    """One culture step: how many departments, and the share of those placed."""

    step: int
    name: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A frozen picture in the reader's language."""

    place: str
    title: str
    as_of: date
    method: str
    staircase: str
    departments: int
    steps: list[ShownStep]
    missing: list[tuple[str, list[str]]]
    culture: list[ShownCount]
    culture_missing: int
    sha256: str

    @property
    def placed(self) -> int:
        """Departments with a technology step."""
        return sum(step.count for step in self.steps)

    @property
    def finding(self) -> str:
        """The picture in one sentence."""
        told = [
            _("step %(step)d: %(count)d") % {"step": s.step, "count": s.count} for s in self.steps
        ]
        words = {"placed": self.placed, "all": self.departments, "steps": _(", ").join(told)}
        return (
            _("%(placed)d of %(all)d departments stand on a technology step (%(steps)s).") % words
        )


def _word(row: Mapping[str, Any], key: str) -> str:
    """A name in the reader's language; Japanese where no English was given."""
    english = row.get(f"{key}_en", "")
    return str(english if get_language() == "en" and english else row.get(key, ""))


def _grouped(rows: list[Mapping[str, str]], *, by_bureau: bool) -> list[tuple[str, list[str]]]:
    """Names under their bureaus, or all under none."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["bureau"] if by_bureau else "", []).append(row["name"])
    return list(found.items())


def shown(content: Content) -> Shown:
    """The frozen content as the page, the picture and the preview show it."""
    technology, culture = content["technology"], content["culture"]
    by_bureau = content["departments"] > BY_BUREAU
    counts = culture["counts"] or []
    return Shown(
        place=content["municipality"]["name"],
        title=content["title"],
        as_of=date.fromisoformat(content["as_of"]),
        method=content["method"],
        staircase=content["staircase"],
        departments=content["departments"],
        steps=[
            ShownStep(
                step=step["step"],
                name=_word(step, "name"),
                short=_word(step, "short") or _word(step, "name"),
                percent=percent(step["firmness"]),
                answered=step["firmness"]["answered"],
                total=step["firmness"]["total"],
                groups=_grouped(step["departments"], by_bureau=by_bureau),
            )
            for step in technology["steps"]
        ],
        missing=_grouped(technology["missing"], by_bureau=by_bureau),
        culture=[
            ShownCount(step["step"], _word(step, "name"), n, round(100 * n / sum(counts)))
            for step, n in zip(culture["steps"], counts, strict=False)
        ],
        culture_missing=culture["missing"] or 0,
        sha256=checksum(content),
    )


def default_title(place: Municipality, period: date) -> str:
    """What the title says before somebody types another one."""
    words = {"place": str(place), "year": period.year, "month": period.month}
    return _("The staircases to DX of %(place)s, %(year)d-%(month)02d") % words
