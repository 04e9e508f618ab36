"""Asking again after go-live: planned by date, opened when due, declared where too few use it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Municipality, User
from dxportal.shared.fiscal import fiscal_year, quarter, quarter_start
from dxportal.shared.tenancy import set_municipality
from roadmap.actions.published import begin_check, publish_verdict
from roadmap.actions.updates import latest_update
from roadmap.choices import LAUNCHED_PHASES, DepartmentRole, Phase, Verdict
from roadmap.models import AdoptionVerdict, Initiative, Update
from roadmap.talk_notices import responsible_people
from surveys import followups
from surveys.actions.definitions import create_survey
from surveys.actions.waves import PlannedBlock, WaveRefused, open_wave, plan_wave
from surveys.ask_planning import WINDOW_DAYS, Asks, Due, Plan, Sitting, plan_day
from surveys.choices import NotAsked, Repeat, Template, Waiting, WaveState
from surveys.content import FOLLOW_UP
from surveys.eligibility import group_sizes
from surveys.models import AskLimit, FollowUp, Survey, Wave, WaveAsk
from surveys.models.follow_up import ASKS_PER_QUARTER
from surveys.sittings import MAX_BLOCKS, AskGroup
from surveys.vault import VaultError
from surveys.workdays import is_workday, on_or_after

log = logging.getLogger("dxportal.surveys")

#: How long a follow-up stays open, and the hour at which it ends.
OPEN_DAYS = 14
CLOSING_HOUR = dt.time(17, 0)
#: Outcomes that a person may declare; "too few answers" is only ever counted.
DECLARABLE = tuple(verdict for verdict in Verdict if verdict != Verdict.TOO_FEW)
#: What is asked of everybody's good will each month is no ask that a limit counts (decision 47).
UNCOUNTED = Repeat.MONTHLY
#: How far ahead the planner looks for initiatives that concern the same people.
AHEAD = dt.timedelta(days=31)


# Planning dates ----------------------------------------------------------------------------------
@transaction.atomic
def schedule_follow_ups(today: dt.date, *, municipality_id: int | None = None) -> int:
    """Plan the asking again of everything in operation that has no date yet; return how many.

    Due 90 days after go-live, moved to a working day; what went live so long ago that its time has
    passed is due today. What is stopped, on hold or has taken root is not asked about. `today`
    keeps go-lives in the future from being planned too early.
    """
    launched = (
        Initiative.objects.standing()
        .real()
        .filter(launched_on__isnull=False, launched_on__lte=today, follow_ups__isnull=True)
    )
    if municipality_id is not None:
        launched = launched.filter(municipality_id=municipality_id)
    due = [i for i in launched.order_by("id") if _phase(i) in (Phase.LIVE, Phase.CHECKING)]
    rows = [
        FollowUp(initiative=i, due_on=_first_date(i.launched_on, today))
        for i in due
        if i.launched_on is not None
    ]
    FollowUp.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _first_date(launched_on: dt.date, today: dt.date) -> dt.date:
    due = followups.follow_up_due(launched_on, is_workday)
    return due if today <= due + dt.timedelta(days=WINDOW_DAYS) else on_or_after(today)


# Opening what is due -----------------------------------------------------------------------------
def open_due(today: dt.date, *, now: dt.datetime | None = None) -> int:
    """Open what is due, each municipality by itself; return how many sittings were opened.

    `now`: the moment of opening, where it is not this one.
    """
    due = FollowUp.objects.due(today).order_by("initiative__municipality_id")
    opened = 0
    for pk in list(due.values_list("initiative__municipality_id", flat=True).distinct()):
        opened += open_due_of(pk, today, now=now)
    return opened


def open_due_of(
    municipality_id: int,
    today: dt.date,
    *,
    now: dt.datetime | None = None,
    only: Collection[int] | None = None,
) -> int:
    """Ask one municipality's staff what is due, sitting by sitting, or say why not.

    `only`: the follow-ups to look at. Each sitting is opened in a transaction of its own.
    """
    opened = 0
    with transaction.atomic():
        set_municipality(municipality_id)
        found = _found(municipality_id, today)
        if only is not None:
            found = {pk: one for pk, one in found.items() if pk in only}
        _settle(found.values(), today)
        plan = _planned(municipality_id, found, today)
        for key, reason in plan.refused.items():
            _not_asked(found[key].follow_up, reason, today)
    for sitting in plan.sittings:
        try:
            versions = {key: found[key].follow_up.version for key in sitting.keys}
            opened += _open_sitting(municipality_id, sitting, versions, today, now)
        except (WaveRefused, VaultError) as refused:
            log.warning("follow-ups %s were not opened: %s", sitting.keys, refused)
    return opened


def open_follow_up(
    follow_up_id: int, today: dt.date, *, now: dt.datetime | None = None
) -> Wave | None:
    """Ask about this follow-up alone where it may be asked today; None where it may not."""
    follow_up = FollowUp.objects.select_related("initiative").get(pk=follow_up_id)
    open_due_of(follow_up.initiative.municipality_id, today, now=now, only=[follow_up_id])
    follow_up.refresh_from_db()
    return follow_up.wave


def what_waits(
    municipality: Municipality, today: dt.date
) -> tuple[dict[int, tuple[Waiting, dt.date | None]], set[int]]:
    """Follow-up → why it is not asked today although its date has come, and until when.

    And those that are declared instead, because too few use them.
    """
    found = _found(municipality.pk, today)
    declared = {pk for pk, one in found.items() if one.declared and not (one.held or one.ended)}
    return _planned(municipality.pk, found, today).waiting, declared


@dataclass(frozen=True)
class _Found:
    """A follow-up, how many of which group it would ask, and whether it is declared instead."""

    follow_up: FollowUp
    sizes: dict[AskGroup, int]
    phase: str
    declared: bool

    @property
    def held(self) -> bool:
        """Whether it waits until it is in operation again."""
        return self.phase == Phase.ON_HOLD

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to ask about."""
        return self.phase not in (*LAUNCHED_PHASES, Phase.ON_HOLD)


def _found(municipality_id: int, today: dt.date) -> dict[int, _Found]:
    """Everything that is due or will be soon, as it stands; a constant number of statements."""
    rows = FollowUp.objects.waiting().filter(
        initiative__municipality_id=municipality_id, due_on__lte=today + AHEAD
    )
    follow_ups = list(
        rows.select_related(
            "initiative__municipality", "initiative__accountable_post", "initiative__contact"
        ).prefetch_related("departments", "initiative__parts__department")
    )
    initiatives = [row.initiative_id for row in follow_ups]
    municipality = Municipality.objects.get(pk=municipality_id)
    asked = [[unit.pk for unit in asked_departments(row)] for row in follow_ups]
    sizes = group_sizes(municipality, today, asked)
    verdicts: dict[int, list[str]] = {}
    told = AdoptionVerdict.objects.filter(initiative__in=initiatives).order_by("on", "id")
    for initiative, verdict in told.values_list("initiative_id", "verdict"):
        verdicts.setdefault(initiative, []).append(verdict)
    latest = Update.objects.filter(initiative__in=initiatives).order_by("initiative_id", "-id")
    phases = dict(latest.distinct("initiative_id").values_list("initiative_id", "phase"))
    return {
        row.pk: _Found(
            row,
            size,
            phases.get(row.initiative_id, Phase.IDEA),
            followups.is_declared(sum(size.values()), verdicts.get(row.initiative_id, [])),
        )
        for row, size in zip(follow_ups, sizes, strict=True)
    }


def _planned(municipality_id: int, found: Mapping[int, _Found], today: dt.date) -> Plan:
    """What to do today; what is declared, held or ended is asked nobody."""
    plan = plan_day(
        today,
        [
            Due(pk, one.follow_up.due_on, one.sizes)
            for pk, one in found.items()
            if not (one.declared or one.held or one.ended)
        ],
        asks_of(municipality_id, today),
        limit=limit_of(municipality_id),
        is_workday=is_workday,
        together=_together(municipality_id),
    )
    for pk, one in found.items():
        if one.held and one.follow_up.due_on <= today:
            plan.waiting[pk] = (Waiting.HOLD, None)
    return plan


def _together(municipality_id: int) -> int:
    """How many initiatives may share a sitting: one where the survey has questions of its own.

    The same question in two blocks is asked of overlapping people: one block's numbers minus the
    other's would be those of a small group (decision 48).
    """
    surveys = Survey.objects.filter(municipality_id=municipality_id, template=Template.FOLLOW_UP)
    survey = surveys.order_by("-id").first()
    if survey is None:
        return MAX_BLOCKS
    ours = {question["code"] for question in FOLLOW_UP["questions"]}
    own = survey.questions.filter(retired=False).exclude(code__in=ours).exists()
    return 1 if own or survey.cross_pairs.exists() else MAX_BLOCKS


def limit_of(municipality_id: int) -> int:
    """How often a person of the municipality is asked in a quarter, at most."""
    found = AskLimit.objects.filter(municipality_id=municipality_id)
    return found.values_list("asks_per_quarter", flat=True).first() or ASKS_PER_QUARTER


def asks_of(municipality_id: int, today: dt.date) -> Asks:
    """What was asked in the quarter of that day, and who is being asked by a follow-up now."""
    first = quarter_start(fiscal_year(today), quarter(today))
    asks = WaveAsk.objects.filter(wave__survey__municipality_id=municipality_id)
    uncounted = Q(wave__survey__repeat=UNCOUNTED) & ~Q(wave__survey__template=Template.FOLLOW_UP)
    counts = (
        asks.filter(opened_on__gte=first)
        .exclude(uncounted)
        .values_list("department_id", "is_head")
        .annotate(n=Count("wave", distinct=True))
    )
    busy = asks.filter(
        wave__state__in=(WaveState.OPEN, WaveState.CLOSING),
        wave__survey__template=Template.FOLLOW_UP,
    ).values_list("department_id", "is_head")
    return Asks(
        {(department, is_head): n for department, is_head, n in counts},
        frozenset((department, is_head) for department, is_head in busy),
    )


def _settle(found: Iterable[_Found], today: dt.date) -> None:
    """What is due and cannot be asked: declared where too few use it, ended where stopped."""
    for one in found:
        if one.follow_up.due_on > today:
            continue
        over = today > one.follow_up.due_on + dt.timedelta(days=WINDOW_DAYS)
        if one.ended or (one.held and over):
            _not_asked(one.follow_up, NotAsked.ENDED, today)
        elif one.declared and not one.held:
            _ask_to_declare(one.follow_up, today)


def _open_sitting(
    municipality_id: int,
    sitting: Sitting,
    versions: Mapping[int, int],
    today: dt.date,
    now: dt.datetime | None = None,
) -> int:
    """Open one sitting; 0 where somebody else did, or changed it, since it was planned."""
    with transaction.atomic():
        set_municipality(municipality_id)
        rows = FollowUp.objects.select_for_update(of=("self",)).filter(
            pk__in=sitting.keys, wave__isnull=True, closed_on__isnull=True
        )
        rows = rows.select_related("initiative__municipality").order_by("due_on", "id")
        follow_ups = list(rows)
        if {row.pk: row.version for row in follow_ups} != versions:
            return 0
        wave = _open(follow_ups, sitting, today, now)
        blocks = {block.initiative_id: block for block in wave.blocks.all()}
        for follow_up in follow_ups:
            follow_up.wave = blocks.get(follow_up.initiative_id, wave)
            follow_up.save(update_fields=["wave"])
            begin_check(follow_up.initiative, on=today)
    return 1


def _open(
    follow_ups: Sequence[FollowUp], sitting: Sitting, today: dt.date, now: dt.datetime | None
) -> Wave:
    zone = timezone.get_current_timezone()
    municipality = follow_ups[0].initiative.municipality
    last_day = on_or_after(today + dt.timedelta(days=OPEN_DAYS))
    opens_at = now or max(timezone.now(), dt.datetime.combine(today, dt.time(), zone))
    closes_at = dt.datetime.combine(last_day, CLOSING_HOUR, zone)
    wave = plan_wave(
        _survey(municipality),
        label=_label(follow_ups),
        opens_at=opens_at,
        closes_at=closes_at,
        publish_at=closes_at,
        blocks=[
            PlannedBlock(
                initiative=follow_up.initiative,
                departments=asked_departments(follow_up),
                left_out=sitting.left_out[follow_up.pk],
                why=follow_up.why or follow_up.initiative.purpose[:300],
            )
            for follow_up in follow_ups
        ],
        by=None,
    )
    return open_wave(wave, by=None, now=opens_at)


def _label(follow_ups: Sequence[FollowUp]) -> str:
    title = follow_ups[0].initiative.title[:90]
    if len(follow_ups) == 1:
        return _("%(title)s: three months later") % {"title": title}
    return _("%(title)s and %(n)s more: three months later") % {
        "title": title,
        "n": len(follow_ups) - 1,
    }


def _survey(municipality: Municipality) -> Survey:
    """The municipality's follow-up survey; its waves differ by initiative."""
    found = Survey.objects.filter(municipality=municipality, template=Template.FOLLOW_UP)
    return found.order_by("-id").first() or create_survey(municipality, Template.FOLLOW_UP, by=None)


def _not_asked(follow_up: FollowUp, reason: NotAsked, today: dt.date) -> None:
    """List it as not asked, with the reason; the office can plan it anew."""
    rows = FollowUp.objects.filter(pk=follow_up.pk, wave__isnull=True, closed_on__isnull=True)
    if rows.update(closed_on=today, not_asked=reason):
        record(
            "follow_up.not_asked",
            follow_up.initiative,
            by=None,
            channel="system",
            after={"due_on": follow_up.due_on, "reason": reason},
        )


# Whom --------------------------------------------------------------------------------------------
def asked_departments(follow_up: FollowUp) -> list[Department]:
    """Those chosen for this follow-up, else those that are meant to use the initiative."""
    chosen = sorted(follow_up.departments.all(), key=lambda department: department.pk)
    return chosen or addressed(follow_up.initiative)


def addressed(initiative: Initiative) -> list[Department]:
    """The departments that are meant to use it; the lead department where none is named."""
    parts = sorted(
        initiative.parts.all()
        if "parts" in getattr(initiative, "_prefetched_objects_cache", {})
        else initiative.parts.select_related("department"),
        key=lambda part: part.department_id,
    )
    users = [part.department for part in parts if part.role == DepartmentRole.USER]
    return users or [part.department for part in parts if part.role == DepartmentRole.LEAD]


# Declaring ---------------------------------------------------------------------------------------
def must_declare(
    initiative: Initiative, today: dt.date, *, follow_up: FollowUp | None = None
) -> bool:
    """Whether the outcome is declared: fewer than 5 users, or two times too few answers.

    Staff without an account are users too: they answer with tickets.
    """
    departments = addressed(initiative) if follow_up is None else asked_departments(follow_up)
    asked = [department.pk for department in departments]
    meant = sum(group_sizes(initiative.municipality, today, [asked])[0].values())
    verdicts = AdoptionVerdict.objects.filter(initiative=initiative).order_by("on", "id")
    return followups.is_declared(meant, list(verdicts.values_list("verdict", flat=True)))


@transaction.atomic
def declare_outcome(
    initiative: Initiative, verdict: str, reason: str, *, by: User, on: dt.date
) -> AdoptionVerdict:
    """Record what the accountable post judges, with a reason, where nobody could be asked."""
    if verdict not in DECLARABLE:
        raise ValidationError({"verdict": _("Choose one of the outcomes.")})
    due = FollowUp.objects.due(on).filter(initiative=initiative)
    follow_up = due.select_for_update(of=("self",)).first()
    if not must_declare(initiative, on, follow_up=follow_up):
        raise ValidationError(_("The staff can be asked about this initiative."))
    if follow_up is None:
        raise ValidationError(_("The time to ask about this initiative has not come yet."))
    row = publish_verdict(
        initiative, on=on, verdict=verdict, figures={}, declared=True, reason=reason, by=by
    )
    due.update(closed_on=on)
    return row


def _phase(initiative: Initiative) -> str:
    latest = latest_update(initiative)
    return latest.phase if latest else Phase.IDEA


def _ask_to_declare(follow_up: FollowUp, today: dt.date) -> None:
    """A notice to who holds the accountable post, else the person in charge, else the office."""
    initiative = follow_up.initiative
    notify(
        responsible_people(initiative, today),
        subject=_("Please say what became of “%(title)s”") % {"title": initiative.title},
        body=_("Too few people use it to ask them. Choose an outcome and say why in a sentence."),
        path=reverse("surveys:followup_declare", args=[follow_up.pk]),
        key=f"declare-{follow_up.pk}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )
