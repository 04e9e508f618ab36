"""Which initiatives stand in the list: status of each, queues with counts, search and filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypeAlias

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL

from dxportal.accounts.models import Assignment, User
from dxportal.shared.fiscal import fiscal_year
from roadmap.choices import (
    CLOSED_PHASES,
    LAUNCHED_PHASES,
    DepartmentRole,
    Phase,
    Progress,
    Queue,
)
from roadmap.completeness import complete_sql
from roadmap.measuring import behind_sql
from roadmap.models import (
    AdoptionVerdict,
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTheme,
    Update,
)
from roadmap.search import terms
from roadmap.timeliness import FOLLOW_UP_DAYS, FRESH_DAYS, overdue_sql

Initiatives: TypeAlias = QuerySet[Initiative]

PAGE_SIZE = 50

#: A correlated look-up in the index `update_latest`; a relation's condition takes no queryset.
_NEWEST = RawSQL(
    "SELECT newest.id FROM roadmap_update newest"
    " WHERE newest.initiative_id = roadmap_initiative.id ORDER BY newest.id DESC LIMIT 1",
    (),
)

#: `latest` and `lead` are relations of `with_status`.
_JOINED: tuple[str, ...] = ("latest__by", "lead__department", "accountable_post", "contact")


def with_status(initiatives: Initiatives, day: date) -> Initiatives:
    """Each with `latest` (Update or None) and `lead` (its leading part or None), in one query.

    Also `last_report`, `followed_up`, `overdue_milestone`, `behind_target`, `occupied`,
    `complete`: what queues and rows ask.
    """
    reports = Update.objects.filter(initiative=OuterRef("pk"), is_report=True).order_by("-id")
    verdicts = AdoptionVerdict.objects.filter(
        initiative=OuterRef("pk"), on__gte=OuterRef("launched_on")
    )
    occupants = Assignment.objects.on(day).filter(
        post=OuterRef("accountable_post"), user__is_active=True
    )
    return initiatives.annotate(
        latest=FilteredRelation("updates", condition=Q(updates__id=_NEWEST)),
        lead=FilteredRelation("parts", condition=Q(parts__role=DepartmentRole.LEAD)),
        last_report=Subquery(reports.values("reported_on")[:1]),
        followed_up=Exists(verdicts),
        overdue_milestone=RawSQL(  # noqa: S611 - constant
            overdue_sql("roadmap_initiative.id", "%s"), (day, day), output_field=BooleanField()
        ),
        behind_target=RawSQL(  # noqa: S611 - constant
            behind_sql("roadmap_initiative.id", "%s", "%s"),
            (fiscal_year(day), day),
            output_field=BooleanField(),
        ),
        occupied=Exists(occupants),
        complete=RawSQL(complete_sql(), (), output_field=BooleanField()),  # noqa: S611 - constant
    )


def listed(user: User, day: date) -> Initiatives:
    """All that the user may read, with their status."""
    return with_status(Initiative.objects.visible_to(user), day)


def for_rows(initiatives: Initiatives) -> Initiatives:
    """What a row shows comes with it; order of the organisation chart."""
    return (
        initiatives.select_related(*_JOINED)
        .prefetch_related("criterion_links__criterion")
        .annotate(theme_count=Subquery(_theme_counts()))
        .order_by(F("lead__department__order").asc(nulls_last=True), "id")
    )


def _theme_counts() -> QuerySet[InitiativeTheme, Any]:
    return (
        InitiativeTheme.objects.filter(initiative=OuterRef("pk"))
        .order_by()
        .values("initiative")
        .annotate(links=Count("pk"))
        .values("links")
    )


#: One of the five lines before going live is empty (domain 3.6).
_WITHOUT_FIVE_LINES = (
    Q(learners="")
    | Q(learn_minutes__isnull=True)
    | Q(helpers="")
    | Q(old_way="")
    | Q(old_way_ends_on__isnull=True)
    | Q(ask_again_on__isnull=True)
)


def without_five_lines() -> ExpressionWrapper[Q]:
    """Whether one of the five lines is empty, as a value of a row."""
    return ExpressionWrapper(_WITHOUT_FIVE_LINES, output_field=BooleanField())


def queue_condition(queue: str, day: date) -> Q:
    """Who stands in a work queue (rule 7); those that took root or stopped need no more work."""
    still_open = Q(latest__phase__isnull=True) | ~Q(latest__phase__in=CLOSED_PHASES)
    late = still_open & Q(latest__progress=Progress.LATE)
    conditions = {
        Queue.ALL: Q(),
        Queue.LATE: late,
        Queue.LATE_CARE: late & (Q(latest__cause="") | Q(latest__next_step="")),
        Queue.STALE: still_open
        & (Q(last_report__isnull=True) | Q(last_report__lt=day - timedelta(days=FRESH_DAYS))),
        Queue.UNCONFIRMED: Q(latest__phase__in=set(LAUNCHED_PHASES) - set(CLOSED_PHASES))
        & Q(launched_on__lte=day - timedelta(days=FOLLOW_UP_DAYS), followed_up=False),
        Queue.UNOWNED: still_open & Q(occupied=False) & ~Q(contact__is_active=True),
        Queue.INCOMPLETE: still_open & Q(complete=False),
        Queue.LAUNCH_PLAN: Q(latest__phase__in=(Phase.TRIAL, Phase.LIVE)) & _WITHOUT_FIVE_LINES,
        Queue.ESTABLISHED: Q(latest__phase=Phase.ESTABLISHED),
    }
    return conditions[Queue(queue)]


def queue_counts(initiatives: Initiatives, day: date) -> dict[str, int]:
    """How many stand in each queue: one query."""
    counts: dict[str, int] = initiatives.aggregate(
        **{
            queue.value: Count("pk", filter=queue_condition(queue, day))
            if queue != Queue.ALL
            else Count("pk")
            for queue in Queue
        }
    )
    return counts


def matching(initiatives: Initiatives, query: str) -> Initiatives:
    """Those in which every word of the query is found."""
    for term in terms(query):
        initiatives = initiatives.filter(search_text__contains=term)
    return initiatives


def of_departments(initiatives: Initiatives, department_ids: Iterable[int]) -> Initiatives:
    """Those in which one of the departments takes any part."""
    parts = InitiativeDepartment.objects.filter(
        initiative=OuterRef("pk"), department_id__in=list(department_ids)
    )
    return initiatives.filter(Exists(parts))


def of_stage(initiatives: Initiatives, stage_id: int) -> Initiatives:
    """Those that contribute to a criterion of the stage."""
    links = InitiativeCriterion.objects.filter(
        initiative=OuterRef("pk"), criterion__stage_id=stage_id
    )
    return initiatives.filter(Exists(links))
