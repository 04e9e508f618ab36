"""Each technology step with its spread and its level, from the sums of the month or round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dxportal.dashboards.board.crosswalk import (
    SUSTAINED_MONTHS,
    Reading,
    Spread,
    band,
    band_text,
    read,
    sustained,
)
from dxportal.dashboards.board.figures import SHARE, Figure
from dxportal.dashboards.board.look import Look
from dxportal.dashboards.board.picture import Picture, Step
from dxportal.dashboards.board.standing import Scene, Scenes
from dxportal.shared.fiscal import add_months, month_start
from roadmap.choices import Axis, ProcedureState
from roadmap.models import ProcedureEntry

#: The item of the national procedure that says whether there is an overall policy.
POLICY = "policy"


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One technology step: how many have reached it, and the level by which rule."""

    step: Step
    spread: Spread
    reading: Reading
    reached: Figure
    share: Figure
    begun: Figure

    @property
    def band(self) -> str:
        """The band of its share."""
        return band_text(band(self.spread))


def spread_rows(look: Look, found: Scenes, drawn: Picture) -> Iterator[SpreadRow]:
    """Steps that have criteria and sums of at least one department; one statement."""
    scene = found.now
    if scene is None:
        return
    placed = sum(scene.position(pk, Axis.TECHNOLOGY) is not None for pk in scene.places)
    said = ProcedureEntry.objects.visible_to(look.user).filter(item=POLICY, at__lte=look.at)
    entries = said.in_force()
    strategy = any(entry.state == ProcedureState.IN_PLACE for entry in entries)
    last = max((step.step for step in drawn.columns), default=0)
    for step in drawn.columns:
        if step.tally is None or step.empty or not step.tally.departments:
            continue
        spread = Spread(step.tally.departments, placed, step.tally.reached, step.begun)
        held = sustained(_months(found, scene, step))
        yield _row(
            look,
            step,
            spread,
            read(spread, strategy=strategy, sustained=held, last=step.step == last),
        )


def _row(look: Look, step: Step, spread: Spread, reading: Reading) -> SpreadRow:
    page = look.links.stage(step.stage.axis, step.step)
    percent = spread.percent or 0
    return SpreadRow(
        step,
        spread,
        reading,
        Figure("reached", str(spread.reached), page, spread.reached),
        Figure("spread", f"{percent}%", page, percent, SHARE),
        Figure("begun", str(spread.begun), page, spread.begun),
    )


def _months(found: Scenes, scene: Scene, step: Step) -> list[tuple[int, int] | None]:
    """(reached, departments) of the half-year up to the scene, None for a month not counted."""
    end = scene.moment.period or month_start(scene.moment.day)
    held = []
    for back in range(SUSTAINED_MONTHS, -1, -1):
        tally = found.history.months.get(add_months(end, -back), {}).get(step.stage.pk)
        held.append((tally.reached, tally.departments) if tally else None)
    return held
