"""Everything that happened to one criterion of one department, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.models import Department, Event
from roadmap.actions.readings import CORRECTED, REMOVED
from roadmap.choices import Level
from roadmap.measuring import written
from roadmap.models import (
    Assessment,
    Criterion,
    CriterionReading,
    EvidenceRequest,
    MeasuredValue,
)

#: More is not shown; the audit trail has all of it.
MOST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, what, by whom, and the text that was written."""

    on: date
    what: str
    who: str = ""
    text: str = ""
    rank: int = 0


def history_of(
    department: Department,
    criterion: Criterion,
    today: date,
    *,
    with_requests: bool,
    with_answers: bool,
) -> list[Entry]:
    """Confirmations, acceptances, requests, survey values, figures with their corrections.

    `with_requests`: whoever takes part in them also sees what was asked. `with_answers`: what the
    staff answered is for those who may see the department's culture. Five statements at most.
    """
    about = {"department": department, "criterion": criterion}
    readings = CriterionReading.objects.filter(**about).select_related("by")
    figures = list(readings.order_by("-pk")[:MOST])
    rows: list[Entry] = [
        *_confirmations(
            Assessment.objects.filter(**about)
            .select_related("confirmed_by", "acceptance__by")
            .order_by("-pk")[:MOST]
        ),
        *_figures(figures, criterion.unit),
        *_changed_figures(department, criterion, figures),
    ]
    if with_answers:
        rows += _measured(MeasuredValue.objects.filter(**about, measured_on__lte=today))
    if with_requests:
        asked = EvidenceRequest.objects.filter(**about).select_related("asked_by")
        rows += _requests(asked)
    return sorted(rows, key=lambda one: (one.on, one.rank), reverse=True)[:MOST]


def _confirmations(rows: Iterable[Assessment]) -> Iterator[Entry]:
    for row in rows:
        what = _("Confirmed: %(level)s") % {"level": Level(row.level).label}
        yield Entry(row.confirmed_on, what, row.confirmed_by.name, row.evidence, 3)
        accepted = getattr(row, "acceptance", None)
        if accepted is not None:
            what = pgettext("evidence", "Accepted by the DX office")
            yield Entry(accepted.on, what, accepted.by.name, "", 4)


def _requests(rows: Iterable[EvidenceRequest]) -> Iterator[Entry]:
    for row in rows:
        what = _("Asked back") if row.assessment_id else _("Evidence was asked for")
        yield Entry(row.asked_on, what, row.asked_by.name, row.text, 5)
        if row.answered_on:
            yield Entry(row.answered_on, _("What was asked is answered"), rank=6)
        if row.withdrawn_on:
            yield Entry(row.withdrawn_on, _("The request was taken back"), rank=6)


def _measured(rows: Iterable[MeasuredValue]) -> Iterator[Entry]:
    for row in rows:
        what = _("Survey of the staff: %(share)s agree") % {"share": row.share_band}
        text = _("the bureau's value") if row.from_parent else ""
        yield Entry(row.measured_on, what, row.wave_label, text, 1)


def _figures(rows: Iterable[CriterionReading], unit: str) -> Iterator[Entry]:
    for row in rows:
        what = _("Figure: %(value)s") % {"value": f"{written(row.value)}{unit}"}
        who = row.by.name if row.by else str(row.get_channel_display())
        yield Entry(row.measured_on, what, who, row.note, 2)


def _changed_figures(
    department: Department, criterion: Criterion, figures: Iterable[CriterionReading]
) -> Iterator[Entry]:
    """Corrections and removals, from the audit trail: the figures themselves were replaced.

    By what the events and rows say of their cell; names are shared, and change.
    """
    events = Event.objects.filter(
        municipality_id=department.municipality_id, object_type="criterionreading"
    )
    removed = events.filter(
        action=REMOVED,
        before__department_id=department.pk,
        before__criterion_id=criterion.pk,
    )
    theirs = Q(object_id__in=[str(row.pk) for row in figures])
    theirs |= Q(object_id__in=removed.values("object_id"))
    mine = events.filter(Q(action=CORRECTED) & theirs | Q(pk__in=removed.values("pk")))
    for event in mine.order_by("-id")[:MOST]:
        old, new = event.before.get("value"), event.after.get("value")
        if event.action == REMOVED:
            what = _("Figure removed: %(old)s") % {"old": old}
        else:
            if old is None or new is None:
                continue
            what = _("Figure corrected: %(old)s → %(new)s") % {"old": old, "new": new}
        yield Entry(timezone.localdate(event.at), what, event.actor_name, "", 2)
