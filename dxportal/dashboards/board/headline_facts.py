"""What the rules of the headline look at, gathered from the page, and what each phrase opens to."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dxportal.dashboards.adoption import AdoptionRow
from dxportal.dashboards.board.department_rows import DepartmentRow, comparable
from dxportal.dashboards.board.figures import SHARE, Figure, Links
from dxportal.dashboards.board.headline import Facts, Fell, Phrase
from dxportal.dashboards.board.health import Counts
from dxportal.dashboards.board.picture import Picture
from dxportal.dashboards.board.standing import Scenes, same_staircase
from roadmap.choices import Axis


def facts_of(
    found: Scenes,
    drawn: Picture | None,
    rows: Sequence[DepartmentRow],
    counts: Counts,
    adoption: Sequence[AdoptionRow],
    *,
    names: bool,
) -> Facts:
    """What the rules of the headline look at."""
    if drawn is None or found.now is None:
        return Facts(0, 0)
    by_move: dict[str, list[str]] = {"up": [], "down": [], "mixed": []}
    for row in rows:
        if row.move:
            by_move[row.move].append(row.place.name)
    hollow = [row.title for row in adoption if row.adoption.hollow]
    most = max(drawn.columns, key=lambda step: (step.here, -step.step), default=None)
    then = found.then
    return Facts(
        departments=drawn.departments,
        placed=drawn.placed,
        compared=comparable(rows) if then else None,
        up=len(by_move["up"]),
        down=len(by_move["down"]),
        mixed=len(by_move["mixed"]),
        down_names=by_move["down"] if names else (),
        mixed_names=by_move["mixed"] if names else (),
        topped=sum(row.topped for row in rows),
        densest=(most.stage.name, most.step, most.here) if most and most.here else None,
        fell=_fell(drawn),
        judged=len(adoption),
        rethink=len(hollow),
        rethink_names=hollow,
        stale=counts["unknown"],
        version_changed=bool(
            then
            and then.version
            and found.now.version
            and not same_staircase(then.version, found.now.version)
        ),
        partly=sum(row.known and bool(row.missing) for row in rows),
    )


def _fell(drawn: Picture) -> list[Fell]:
    """Steps that became less firm, the largest loss first; of both axes: sums name nobody."""
    lost = [
        step
        for step in (*drawn.columns, *drawn.culture)
        if step.change is not None and step.change < 0
    ]
    return [
        Fell(
            _("%(axis)s step %(step)s %(name)s")
            % {
                "axis": Axis(step.stage.axis).label,
                "step": step.step,
                "name": step.stage.name,
            },
            step.before or 0,
            step.firmness or 0,
            step.stage.axis,
            step.step,
        )
        for step in sorted(lost, key=lambda step: step.change or 0)[:2]
    ]


def opens(phrase: Phrase, links: Links) -> Figure | None:
    """What a phrase opens to."""
    if not phrase.figure:
        return None
    if phrase.figure == "here":
        return Figure("here", phrase.text, links.stage(phrase.axis, phrase.step), phrase.value)
    if phrase.figure == "firmness":
        page = links.stage(phrase.axis, phrase.step)
        return Figure("firmness", phrase.text, page, phrase.value, SHARE, tone=phrase.tone)
    if phrase.figure in {"hollow", "unknown"}:
        page = links.figure(phrase.figure)
    else:
        page = links.departments(phrase.figure, show=phrase.figure)
    return Figure(phrase.figure, phrase.text, page, phrase.value, tone=phrase.tone)
