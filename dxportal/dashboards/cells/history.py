"""Everything that happened to one criterion of one department, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

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
    department: Department, criterion: Criterion, today: date, *, with_requests: bool
) -> list[Entry]:
    """Confirmations, acceptances, requests, survey values, figures with their corrections.

    `with_requests`: whoever takes part in them also sees what was asked; five statements.
    """
    about = {"department": department, "criterion": criterion}
    rows: list[Entry] = [
        *_confirmations(
            Assessment.objects.filter(**about)
            .select_related("confirmed_by", "acceptance__by")
            .order_by("-pk")[:MOST]
        ),
        *_measured(MeasuredValue.objects.filter(**about, measured_on__lte=today)),
        *_figures(
            CriterionReading.objects.filter(**about).select_related("by").order_by("-pk")[:MOST],
            criterion.unit,
        ),
        *_changed_figures(department, criterion),
    ]
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
            yield Entry(accepted.on, _("Accepted by the DX office"), accepted.by.name, "", 4)


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


def _changed_figures(department: Department, criterion: Criterion) -> Iterator[Entry]:
    """Corrections and removals, from the audit trail: the figures themselves were replaced."""
    events = Event.objects.filter(
        municipality_id=department.municipality_id,
        object_type="criterionreading",
        action__in=(CORRECTED, REMOVED),
    )
    mine = events.filter(object_label__startswith=f"{department} {criterion.code}:")
    for event in mine.order_by("-id")[:MOST]:
        old, new = event.before.get("value"), event.after.get("value")
        if event.action == REMOVED:
            what = _("Figure removed: %(old)s") % {"old": old}
        else:
            if old is None or new is None:
                continue
            what = _("Figure corrected: %(old)s → %(new)s") % {"old": old, "new": new}
        yield Entry(timezone.localdate(event.at), what, event.actor_name, "", 2)
