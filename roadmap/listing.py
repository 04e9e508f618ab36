"""Which initiatives stand in the list: status of each, queues with counts, search and filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, RowNumber

from dxportal.accounts.models import Assignment, User
from dxportal.shared.fiscal import fiscal_year
from roadmap.choices import (
    CLOSED_PHASES,
    LAUNCHED_PHASES,
    Beneficiary,
    DepartmentRole,
    Phase,
    Progress,
    Queue,
    ValueSource,
)
from roadmap.completeness import complete_sql
from roadmap.measuring import behind_sql, use_is_zero_sql
from roadmap.models import (
    AdoptionTask,
    AdoptionVerdict,
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Update,
    ValueEntry,
)
from roadmap.timeliness import FOLLOW_UP_DAYS, FRESH_DAYS, overdue_sql

Initiatives: TypeAlias = QuerySet[Initiative]

PAGE_SIZE = 50

#: A correlated look-up in the index `update_latest`; a relation's condition takes no queryset.
_NEWEST = RawSQL(
    "SELECT newest.id FROM roadmap_update newest"
    " WHERE newest.initiative_id = roadmap_initiative.id ORDER BY newest.id DESC LIMIT 1",
    (),
)

#: The newest verdict since the go-live.
_NEWEST_VERDICT = (
    "SELECT told.id FROM roadmap_adoptionverdict told"
    " WHERE told.initiative_id = roadmap_initiative.id AND told.on <= %s"
    " AND told.on >= coalesce(roadmap_initiative.launched_on, told.on)"
    " ORDER BY told.on DESC LIMIT 1"
)

#: `latest` and `lead` are relations of `with_status`.
_JOINED: tuple[str, ...] = (
    *("latest__by", "lead__department", "accountable_post", "contact"),
    "told",
)


#: What is late comes first, what needs nothing last; what has no report after it.
_URGENCY = Case(
    *(
        When(latest__progress=word, then=place)
        for place, word in enumerate(
            (Progress.LATE, Progress.ON_TRACK, Progress.AHEAD, Progress.NOT_APPLICABLE)
        )
    ),
    output_field=IntegerField(),
)
#: Heading → columns; what has nothing there comes last both ways.
_SORTED: dict[str, tuple[Any, ...]] = {
    "department": (F("lead__department__order"), F("lead__department__code")),
    "target": (F("target_fy"), Coalesce("target_quarter", Value(4))),
    "progress": (_URGENCY,),
    "updated": (F("last_report"),),
}
SORTS = frozenset(_SORTED)


def with_status(initiatives: Initiatives, day: date) -> Initiatives:
    """Each with `latest` (Update or None), `lead` (its leading part or None) and `told` (its newest
    verdict since the go-live or None), in one query.

    Also `last_report`, `followed_up`, `use_is_zero`, `overdue_milestone`, `behind_target`,
    `occupied`, `task_waits`, `complete`: what queues and rows ask.
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
        told=FilteredRelation(
            "verdicts",
            condition=Q(verdicts__id=RawSQL(_NEWEST_VERDICT, (day,))),  # noqa: S611 - constant
        ),
        last_report=Subquery(reports.values("reported_on")[:1]),
        followed_up=Exists(verdicts),
        task_waits=Exists(AdoptionTask.objects.waiting().filter(initiative=OuterRef("pk"))),
        use_is_zero=RawSQL(  # noqa: S611 - constant
            use_is_zero_sql("roadmap_initiative.id", "%s"), (day,), output_field=BooleanField()
        ),
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


def for_rows(initiatives: Initiatives, sort: str = "") -> Initiatives:
    """What a row shows comes with it, in the order of a heading."""
    return (
        initiatives.select_related(*_JOINED)
        .prefetch_related("criterion_links__criterion")
        .annotate(
            theme_count=Subquery(_theme_counts()),
            freed_low=Subquery(_freed("low")),
            freed_high=Subquery(_freed("high")),
        )
        .order_by(*order_of(sort))
    )


def order_of(sort: str = "") -> list[Any]:
    """A heading, with - for the other way round; the organisation chart where none is chosen."""
    name, back = sort.removeprefix("-"), sort.startswith("-")
    columns = _SORTED.get(name, _SORTED["department"])
    return [
        *(c.desc(nulls_last=True) if back else c.asc(nulls_last=True) for c in columns),
        "id",
    ]


def along_time(initiatives: Initiatives, sort: str = "") -> Initiatives:
    """Department by department, in each by a heading or by the target."""
    return initiatives.order_by(*order_of("department")[:-1], *order_of(sort or "target"))


def _theme_counts() -> QuerySet[InitiativeTheme, Any]:
    return (
        InitiativeTheme.objects.filter(initiative=OuterRef("pk"))
        .order_by()
        .values("initiative")
        .annotate(links=Count("pk"))
        .values("links")
    )


def _freed(end: str) -> QuerySet[ValueEntry, Any]:
    """Minutes a week that stopping freed: the lower or the higher end."""
    return (
        ValueEntry.objects.in_force()
        .filter(initiative=OuterRef("pk"), source=ValueSource.STOP)
        .order_by()
        .values("initiative")
        .annotate(minutes=Sum(end))
        .values("minutes")
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


def lacking_care(initiatives: Initiatives) -> Initiatives:
    """Open ones that replace a channel without another way, or help, for those who cannot use it.

    The same rule as `completeness.cares_for_all`.
    """
    return _open(initiatives).filter(
        Q(alternative="") | Q(support=""), replaces_channel=True, safeguard=""
    )


def not_asked_yet(initiatives: Initiatives) -> Initiatives:
    """Open ones for residents or businesses of which nobody said whether they replace a channel."""
    outside = Q(beneficiaries__contains=[Beneficiary.RESIDENTS]) | Q(
        beneficiaries__contains=[Beneficiary.BUSINESSES]
    )
    return _open(initiatives).filter(outside, replaces_channel__isnull=True)


def _open(initiatives: Initiatives) -> Initiatives:
    """Those that need work: neither stopped nor took root."""
    return initiatives.filter(Q(latest__phase__isnull=True) | ~Q(latest__phase__in=CLOSED_PHASES))


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
        Queue.AFTERCARE: Q(task_waits=True),
        Queue.UNOWNED: still_open & Q(occupied=False) & ~Q(contact__is_active=True),
        Queue.INCOMPLETE: still_open & Q(complete=False)
        | Q(latest__phase=Phase.STOPPED, latest__ended__isnull=True),
        Queue.LAUNCH_PLAN: Q(latest__phase__in=(Phase.TRIAL, Phase.LIVE), followed_up=False)
        & _WITHOUT_FIVE_LINES,
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


def of_departments(initiatives: Initiatives, department_ids: Iterable[int]) -> Initiatives:
    """Those in which one of the departments takes any part."""
    parts = InitiativeDepartment.objects.filter(
        initiative=OuterRef("pk"), department_id__in=list(department_ids)
    )
    return initiatives.filter(Exists(parts))


def of_stage(initiatives: Initiatives, stage_id: int) -> Initiatives:
    """Those that contribute to a criterion that is asked in the stage."""
    links = InitiativeCriterion.objects.filter(
        initiative=OuterRef("pk"), criterion__stage_id=stage_id, criterion__retired=False
    )
    return initiatives.filter(Exists(links))


def with_tag(initiatives: Initiatives, tag_id: int) -> Initiatives:
    """Those that carry the tag."""
    return initiatives.filter(
        Exists(InitiativeTag.objects.filter(initiative=OuterRef("pk"), tag_id=tag_id))
    )


def phase_counts(initiatives: Initiatives, per_phase: int, sort: str) -> list[tuple[int, str, int]]:
    """Of every phase the first few: key, phase, and how many the phase holds. One query."""
    phase = Coalesce("latest__phase", Value(Phase.IDEA.value))
    rows = initiatives.annotate(
        column=phase,
        place=Window(RowNumber(), partition_by=[phase], order_by=order_of(sort)),
        held=Window(Count("pk"), partition_by=[phase]),
    )
    return list(rows.filter(place__lte=per_phase).values_list("pk", "column", "held"))


def department_counts(initiatives: Initiatives) -> Iterable[Mapping[str, Any]]:
    """How many each department leads at each progress, in the order of the chart: one query."""
    lead = "lead__department"
    return (
        initiatives.order_by()
        .values(
            progress=Coalesce("latest__progress", Value("")),
            department=F(f"{lead}_id"),
            name=F(f"{lead}__name"),
            bureau=F(f"{lead}__bureau_id"),
            bureau_name=F(f"{lead}__bureau__name"),
            place=F(f"{lead}__order"),
            code=F(f"{lead}__code"),
        )
        .annotate(held=Count("pk"))
        .order_by(F("place").asc(nulls_last=True), "code")
    )
