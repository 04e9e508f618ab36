"""What surveys publish into the roadmap: measured criteria and verdicts of adoption."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.models import User
from dxportal.shared.fiscal import add_months
from roadmap import marks
from roadmap.actions.adoption_tasks import open_task
from roadmap.actions.assessments import VALID_MONTHS
from roadmap.actions.rooted import took_root, use_stands_at_zero
from roadmap.actions.updates import latest_update, mark_initiative
from roadmap.actions.value import record_saved_time
from roadmap.adoption import phase_after
from roadmap.choices import Channel, Phase, Progress, Verdict
from roadmap.models import (
    AdoptionVerdict,
    Criterion,
    Initiative,
    MeasuredValue,
    Update,
)

MEASURED = "criterion.measured"
VERDICT = "verdict.published"
DECLARED = "outcome.declared"


@dataclass(frozen=True, slots=True)
class Measured:
    """One department's level of one survey-sourced criterion (rule 3); bands, no exact share."""

    department_id: int
    level: int
    share_band: str
    n_band: str
    from_parent: bool


@transaction.atomic
def publish_measured(
    criterion: Criterion,
    rows: Iterable[Measured],
    *,
    wave_label: str,
    on: date,
    by: User | None = None,
) -> int:
    """Write the levels that a published wave gives a criterion; return how many.

    Of a declared criterion they stand beside the head's level and decide nothing.

    They expire after a year, as declared ones do. Another wave of the same day takes their place.
    """
    values = [
        MeasuredValue(
            criterion=criterion,
            department_id=row.department_id,
            wave_label=wave_label,
            share_band=row.share_band,
            n_band=row.n_band,
            level=row.level,
            from_parent=row.from_parent,
            measured_on=on,
            expires_on=add_months(on, VALID_MONTHS),
        )
        for row in rows
    ]
    if not values:
        return 0
    MeasuredValue.objects.bulk_create(
        values,
        update_conflicts=True,
        unique_fields=["criterion", "department", "measured_on"],
        update_fields=["wave_label", "share_band", "n_band", "level", "from_parent", "expires_on"],
    )
    municipality_id = criterion.stage.municipality_id
    audit.record(
        MEASURED,
        criterion,
        by=by,
        channel=Channel.SYSTEM,
        municipality_id=municipality_id,
        after={"wave": wave_label, "departments": len(values)},
    )
    marks.mark(municipality_id, marks.DEPARTMENT, [value.department_id for value in values])
    return len(values)


@transaction.atomic
def publish_verdict(
    initiative: Initiative,
    *,
    on: date,
    verdict: str,
    figures: Mapping[str, Any],
    declared: bool = False,
    reason: str = "",
    by: User | None = None,
) -> AdoptionVerdict:
    """Write what a follow-up said, or what was declared in its place with a reason.

    "Took root" also sets the phase; nothing else ever does (rule 6). Where the own figures of use
    are 0 it does not, and cannot be declared. Every other answer ends an established phase. Each
    verdict opens a task (`open_task`) and overtakes the unfinished one before it.
    """
    if declared and (by is None or not reason.strip()):
        raise ValidationError({"reason": _("Say in a sentence why you judge it so.")})
    initiative = Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    unused = use_stands_at_zero(initiative.pk, on)
    if declared and unused and verdict == Verdict.ESTABLISHED:
        raise ValidationError(
            {"verdict": _("The newest measured use is 0: it has not taken root.")}
        )
    if AdoptionVerdict.objects.filter(initiative=initiative, on=on).exists():
        raise ValidationError(_("An outcome was already recorded today."))
    row = AdoptionVerdict.objects.create(
        initiative=initiative,
        on=on,
        verdict=verdict,
        figures=dict(figures),
        declared=declared,
        reason=reason.strip(),
    )
    record_saved_time(row, figures)
    latest = latest_update(initiative)
    phase = phase_after(latest.phase if latest else Phase.IDEA, verdict, use_is_zero=unused)
    if phase is not None:
        _set_phase(initiative, phase, on=on, by=by)
    audit.record(
        DECLARED if declared else VERDICT,
        initiative,
        by=by,
        channel=Channel.SCREEN if by else Channel.SYSTEM,
        after={"verdict": verdict, "on": on, "reason": reason.strip()},
    )
    open_task(row, by=by, channel=Channel.SCREEN if by else Channel.SYSTEM)
    mark_initiative(initiative)
    return row


@transaction.atomic
def begin_check(initiative: Initiative, *, on: date, by: User | None = None) -> None:
    """Say in the phase that staff are being asked; only what is in operation can be checked."""
    latest = latest_update(initiative)
    if latest is not None and latest.phase == Phase.LIVE:
        _set_phase(initiative, Phase.CHECKING, on=on, by=by)
        mark_initiative(initiative)


@transaction.atomic
def settle_phase(initiative: Initiative, *, on: date, by: User | None = None) -> None:
    """After a change of figures: what nobody uses is not established any more.

    A figure that is put right brings the phase back, unless a person has reported one since.
    """
    latest = latest_update(initiative)
    if latest is None or latest.phase not in (Phase.ESTABLISHED, Phase.LIVE):
        return
    if latest.phase == Phase.ESTABLISHED and use_stands_at_zero(initiative.pk, on):
        _set_phase(initiative, Phase.LIVE, on=on, by=by)
        return
    by_system = latest.phase == Phase.LIVE and latest.channel == Channel.SYSTEM
    if by_system and took_root(initiative.pk, on):
        _set_phase(initiative, Phase.ESTABLISHED, on=on, by=by)


def _set_phase(initiative: Initiative, phase: Phase, *, on: date, by: User | None) -> None:
    """Append a row of the system's own; what the owner reported as progress stays."""
    latest = latest_update(initiative)
    Update.objects.create(
        initiative=initiative,
        phase=phase,
        progress=latest.progress if latest else "",
        note=latest.note if latest and latest.progress == Progress.LATE else "",
        cause=latest.cause if latest else "",
        next_step=latest.next_step if latest else "",
        next_due=latest.next_due if latest else None,
        reported_on=max(on, latest.reported_on) if latest else on,
        by=by,
        channel=Channel.SYSTEM,
        is_report=False,
    )
