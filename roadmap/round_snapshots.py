"""What a closing round keeps of every initiative: read in a fixed number of queries, unsaved."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from dxportal.accounts.models import Assignment, Department, User
from roadmap.board import BoardRow, board_rows
from roadmap.listing import for_rows, with_status
from roadmap.models import (
    AdoptionVerdict,
    Blocker,
    Initiative,
    Milestone,
    ReportingRound,
    RoundSnapshot,
    Stage,
)
from roadmap.pictures import JOINT
from roadmap.shown_words import shown_words


@dataclass(frozen=True)
class _Beside:
    """What hangs on the initiatives, by their keys."""

    holders: dict[int, str]
    bureaus: dict[int, str]
    milestones: dict[int, tuple[int, int]]
    next_milestones: dict[int, tuple[str, dt.date]]
    blockers: dict[int, int]
    verdicts: dict[int, str]


def lock_initiatives(municipality_id: int) -> list[int]:
    """Hold every standing initiative until the transaction ends, in the order of their keys.

    Samples are left out: what is kept for good holds nothing invented.
    Whoever reports or edits waits, so that what is read next is one moment.
    """
    here = Initiative.objects.standing().real().filter(municipality_id=municipality_id)
    rows = here.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))


def snapshots(
    found: ReportingRound, keys: Collection[int], *, by: User, day: dt.date
) -> list[RoundSnapshot]:
    """One row each, with the municipality's words beside our codes, in the order of the list."""
    initiatives = for_rows(with_status(Initiative.objects.filter(pk__in=keys), day))
    stages = list(Stage.objects.visible_to(by))
    rows = board_rows(
        initiatives.prefetch_related("theme_links__theme"), user=by, day=day, stages=stages
    )
    beside = _beside(found.municipality_id, keys, day)
    words = shown_words(found.municipality_id)
    made = []
    for row in rows:
        snapshot = RoundSnapshot(round=found, initiative_key=row.initiative.pk)
        _write_fields(snapshot, row.initiative)
        _write_people(snapshot, row, beside)
        _write_status(snapshot, row)
        _write_parts(snapshot, row.initiative.pk, beside)
        snapshot.phase_word = words.phase(snapshot.phase)
        snapshot.progress_word = words.progress(snapshot.progress)
        made.append(snapshot)
    return made


def _beside(municipality_id: int, keys: Collection[int], day: dt.date) -> _Beside:
    """Six queries, whatever the number."""
    seats = Assignment.objects.on(day).filter(
        post__department__municipality_id=municipality_id, user__is_active=True
    )
    holders: dict[int, list[str]] = defaultdict(list)
    for post, name in seats.order_by("valid_from", "pk").values_list("post_id", "user__name"):
        holders[post].append(name)
    departments = Department.objects.filter(municipality_id=municipality_id, bureau__isnull=False)
    points = Milestone.objects.filter(initiative__in=keys)
    counted = points.order_by().values_list("initiative_id")
    ahead = points.filter(done_on__isnull=True).order_by("initiative_id", "due_on", "pk")
    blockers = Blocker.objects.unsolved().filter(initiative__in=keys)
    held = blockers.order_by().values_list("initiative_id").annotate(Count("pk"))
    verdicts = AdoptionVerdict.objects.filter(initiative__in=keys, on__lte=day)
    latest = verdicts.order_by("initiative_id", "-on").distinct("initiative_id")
    done = Count("pk", filter=Q(done_on__isnull=False))
    return _Beside(
        holders={post: JOINT.join(names)[:200] for post, names in holders.items()},
        bureaus=dict(departments.values_list("pk", "bureau__name")),
        milestones={key: (n, d) for key, n, d in counted.annotate(Count("pk"), done=done)},
        next_milestones={
            key: (title, due)
            for key, title, due in ahead.distinct("initiative_id").values_list(
                "initiative_id", "title", "due_on"
            )
        },
        blockers=dict(held),
        verdicts=dict(latest.values_list("initiative_id", "verdict")),
    )


#: Columns of an initiative that are kept under the same name.
_FIELDS = (
    *("title", "purpose", "kind", "beneficiaries", "stops", "adds", "target_text", "budget"),
    *("start_fy", "start_quarter", "target_fy", "target_quarter", "launched_on"),
)


def _write_fields(snapshot: RoundSnapshot, initiative: Initiative) -> None:
    for name in _FIELDS:
        setattr(snapshot, name, getattr(initiative, name))
    criteria = sorted(initiative.criterion_links.all(), key=lambda link: link.criterion_id)
    themes = sorted(initiative.theme_links.all(), key=lambda link: link.theme_id)
    snapshot.criteria = JOINT.join(link.criterion.code for link in criteria)
    snapshot.themes = JOINT.join(link.theme.label for link in themes)


def _write_people(snapshot: RoundSnapshot, row: BoardRow, beside: _Beside) -> None:
    initiative, post = row.initiative, row.initiative.accountable_post
    if row.lead is not None:
        snapshot.lead_key, snapshot.lead = row.lead.pk, row.lead.name
        snapshot.bureau = beside.bureaus.get(row.lead.pk, "")
    if post is not None:
        snapshot.post, snapshot.holder = post.name, beside.holders.get(post.pk, "")
    snapshot.contact = initiative.contact.name if initiative.contact else ""


def _write_status(snapshot: RoundSnapshot, row: BoardRow) -> None:
    snapshot.phase, snapshot.progress = row.phase, row.progress
    if row.latest is not None:
        for name in ("note", "cause", "next_step", "next_due"):
            setattr(snapshot, name, getattr(row.latest, name))
    snapshot.last_report, snapshot.freshness = row.last_report, row.freshness
    snapshot.derived, snapshot.rule = row.derived, row.rule


def _write_parts(snapshot: RoundSnapshot, key: int, beside: _Beside) -> None:
    snapshot.milestones, snapshot.milestones_done = beside.milestones.get(key, (0, 0))
    if key in beside.next_milestones:
        snapshot.next_milestone, snapshot.next_milestone_on = beside.next_milestones[key]
    snapshot.blockers = beside.blockers.get(key, 0)
    snapshot.verdict = beside.verdicts.get(key, "")
