"""The roll-up as a loop over objects, as peers write it: what one statement is held against.

It reads through the ORM what belongs to one initiative, asks the pure rules, writes one row, and
goes on to the next. Only the snapshots of initiatives; the same rows in the same table.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roadmap.models import Initiative


def run(municipality_id: int, as_of: dt.date) -> int:
    """Write the snapshots of the month one after the other; returns the number of statements."""
    from django.db import connection, transaction

    from roadmap.models import Initiative

    statements = 0

    def count(execute: Any, *call: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*call)

    with connection.execute_wrapper(count), transaction.atomic():
        rows = Initiative.objects.standing().filter(municipality_id=municipality_id)
        for initiative in rows.order_by("pk"):
            _snapshot(initiative, as_of)
    return statements


def _snapshot(initiative: Initiative, as_of: dt.date) -> None:
    """One initiative: what was reported, what the facts say, whether it is complete."""
    from dxportal.shared.fiscal import month_start
    from roadmap.board import cares
    from roadmap.choices import DepartmentRole, Phase
    from roadmap.completeness import MandatoryFacts, incomplete_fields
    from roadmap.models import InitiativeSnapshot
    from roadmap.timeliness import derived_status, freshness, milestone_overdue, target_end

    updates = initiative.updates.filter(reported_on__lte=as_of).order_by("-id")
    latest = updates.first()
    report = updates.filter(is_report=True).first()
    launched = initiative.launched_on
    launched = launched if launched and launched <= as_of else None
    followed_up = initiative.verdicts.filter(on__lte=as_of, on__gte=launched or as_of).exists()
    phase = latest.phase if latest else Phase.IDEA
    overdue = [milestone_overdue(m.due_on, m.done_on, as_of) for m in initiative.milestones.all()]
    derived, rule = derived_status(
        phase,
        target_end(initiative.target_fy, initiative.target_quarter),
        launched,
        followed_up,
        as_of,
        overdue_milestone=any(overdue),
        behind_target=_behind(initiative, as_of),
    )
    missing = incomplete_fields(
        MandatoryFacts(
            title=bool(initiative.title),
            purpose=bool(initiative.purpose),
            kind=bool(initiative.kind),
            beneficiaries=bool(initiative.beneficiaries),
            lead=initiative.parts.filter(role=DepartmentRole.LEAD).exists(),
            accountable_post=initiative.accountable_post_id is not None,
            target=initiative.target_fy is not None,
            criteria=initiative.criterion_links.exists(),
            alternatives=cares(initiative),
        )
    )
    InitiativeSnapshot.objects.update_or_create(
        municipality_id=initiative.municipality_id,
        period=month_start(as_of),
        initiative=initiative,
        defaults={
            "as_of": as_of,
            "phase": phase,
            "progress": latest.progress if latest else "",
            "freshness": freshness(report.reported_on if report else None, as_of),
            "derived": derived,
            "rule": rule,
            "complete": not missing,
            "last_report": report.reported_on if report else None,
            "ended": bool(latest and latest.ended),
        },
    )


def _behind(initiative: Initiative, as_of: dt.date) -> bool:
    """Whether any indicator is behind its target."""
    from roadmap.measuring import Aim, Reading, indicator_behind

    return any(
        indicator_behind(
            indicator.direction,
            [Aim(target.fiscal_year, target.value) for target in indicator.targets.all()],
            [Reading(m.measured_on, m.value) for m in indicator.measurements.all()],
            as_of,
        )
        for indicator in initiative.indicator_rows.all()
    )
