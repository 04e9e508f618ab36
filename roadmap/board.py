"""One row of the list: everything it shows, in plain values, as its reader may use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from dxportal.accounts.models import Department, User
from roadmap.adoption import Adoption, Found, adoption
from roadmap.choices import (
    Axis,
    Cause,
    DerivedRule,
    DerivedStatus,
    Freshness,
    Measure,
    Phase,
    Progress,
)
from roadmap.completeness import MANDATORY, MandatoryFacts, cares_for_all, incomplete_fields
from roadmap.listing import with_status
from roadmap.models import AdoptionVerdict, Initiative, InitiativeDepartment, Stage, Update
from roadmap.permissions import update_rights
from roadmap.shown_words import Choice, ShownWords, shown_words
from roadmap.timeliness import derived_status, freshness, target_end
from roadmap.value_sums import Amount, Line, amount_text

#: Relations of `with_status`.
_JOINED: tuple[str, ...] = ("latest", "told")


@dataclass(frozen=True)
class Step:
    """A step that the initiative lifts, for the small stairs: 100 up to it, 0 above."""

    stage: Stage
    levels: list[int]
    title: str


@dataclass(frozen=True)
class BoardRow:
    """An initiative with its status, what the facts say, and what the reader may do."""

    initiative: Initiative
    latest: Update | None
    lead: Department | None
    steps: list[Step]
    freshness: Freshness
    last_report: date | None
    age: int | None
    derived: DerivedStatus
    rule: DerivedRule
    adoption: Adoption
    target_end: date | None
    missing: list[str]
    theme_count: int
    task_waits: bool
    may_update: bool
    words: ShownWords = field(default_factory=ShownWords)
    freed: Amount | None = None

    @property
    def stopped(self) -> bool:
        """Stopped: a success, shown with what ended and what that freed."""
        return self.phase == Phase.STOPPED

    @property
    def ended(self) -> str | None:
        """The work that ended; "" where none did, None where nobody has said."""
        return self.latest.ended if self.latest and self.stopped else None

    @property
    def freed_text(self) -> str:
        """Time that stopping freed, in words."""
        return amount_text(Line(Measure.HOURS), self.freed) if self.freed else ""

    @property
    def phase(self) -> Phase:
        """The reported phase; an idea before the first report."""
        return Phase(self.latest.phase) if self.latest else Phase.IDEA

    @property
    def progress(self) -> str:
        """The reported progress or nothing."""
        return self.latest.progress if self.latest else ""

    @property
    def progress_label(self) -> str:
        """The reported progress in the municipality's words."""
        return self.words.progress(self.progress) or _("Not reported")

    @property
    def phase_label(self) -> str:
        """The reported phase in the municipality's words."""
        return self.words.phase(self.phase)

    @property
    def is_late(self) -> bool:
        """Late, and still worth hurrying."""
        closed = (Phase.ESTABLISHED, Phase.STOPPED)
        return self.progress == Progress.LATE and self.phase not in closed

    @property
    def needs_care(self) -> bool:
        """Late without a cause or a next step: it stands in the queue for that."""
        latest = self.latest
        return self.is_late and latest is not None and not (latest.cause and latest.next_step)

    @property
    def phases(self) -> list[Choice]:
        """What may be chosen, and what it is now even if nobody may choose it."""
        return self.words.choosable_phases(self.phase)

    @property
    def progresses(self) -> list[Choice]:
        """The four words."""
        return self.words.every_progress()

    @property
    def causes(self) -> list[Cause]:
        """What may hold it back."""
        return list(Cause)

    @property
    def expected(self) -> int:
        """The report that the reader sees: a later one must not be covered unseen."""
        return self.latest.pk if self.latest else 0

    @property
    def missing_labels(self) -> list[str]:
        """Names of the mandatory fields that are empty, and of what a stop leaves open."""
        names = [str(MANDATORY[name]) for name in self.missing]
        unsaid = self.stopped and self.ended is None
        return [*names, _("work that ended")] if unsaid else names


def board_rows(
    initiatives: Iterable[Initiative],
    *,
    user: User,
    day: date,
    stages: Sequence[Stage],
    words: ShownWords | None = None,
) -> list[BoardRow]:
    """Rows of `listing.for_rows`: one query more, whatever their number.

    `words`: the municipality's own, where the caller has them already; else one query more.
    """
    rights = update_rights(user, day)
    words = words if words is not None else shown_words(user.municipality_id or 0)
    by_id = {stage.pk: stage for stage in stages}
    heights = {axis: sum(1 for stage in stages if stage.axis == axis) for axis in Axis.values}
    rows = []
    for initiative in initiatives:
        part: InitiativeDepartment | None = getattr(initiative, "lead", None)
        allowed = rights.allow(initiative, part.department_id if part else None)
        steps = _steps(initiative, by_id, heights)
        rows.append(_row(initiative, part, day, steps, may_update=allowed, words=words))
    return rows


def _row(
    initiative: Initiative,
    part: InitiativeDepartment | None,
    day: date,
    steps: list[Step],
    *,
    may_update: bool,
    words: ShownWords,
) -> BoardRow:
    latest: Update | None = getattr(initiative, "latest", None)
    last_report: date | None = getattr(initiative, "last_report", None)
    end = target_end(initiative.target_fy, initiative.target_quarter)
    phase = latest.phase if latest else Phase.IDEA
    followed_up = bool(getattr(initiative, "followed_up", False))
    derived, rule = derived_status(
        phase,
        end,
        initiative.launched_on,
        followed_up,
        day,
        overdue_milestone=bool(getattr(initiative, "overdue_milestone", False)),
        behind_target=bool(getattr(initiative, "behind_target", False)),
    )
    return BoardRow(
        initiative=initiative,
        latest=latest,
        lead=part.department if part else None,
        steps=steps,
        freshness=freshness(last_report, day),
        last_report=last_report,
        age=max((day - last_report).days, 0) if last_report else None,
        derived=derived,
        rule=rule,
        adoption=adoption_of(initiative, phase, day),
        target_end=end,
        missing=incomplete_fields(mandatory_facts(initiative, has_lead=part is not None)),
        task_waits=bool(getattr(initiative, "task_waits", False)),
        theme_count=int(getattr(initiative, "theme_count", 0) or 0),
        may_update=may_update,
        words=words,
        freed=_freed(initiative),
    )


def adoption_of(initiative: Initiative, phase: str, day: date) -> Adoption:
    """Whether an initiative of `listing.with_status` has taken root."""
    told: AdoptionVerdict | None = getattr(initiative, "told", None)
    return adoption(
        phase,
        initiative.launched_on,
        Found(told.verdict, told.on, told.declared) if told else None,
        day,
        use_is_zero=bool(getattr(initiative, "use_is_zero", False)),
    )


def adoptions(keys: Iterable[int], day: date) -> dict[int, Adoption]:
    """The same for initiatives by their keys: one query."""
    rows = with_status(Initiative.objects.filter(pk__in=list(keys)), day)
    return {
        row.pk: adoption_of(row, latest.phase if latest else Phase.IDEA, day)
        for row in rows.select_related(*_JOINED)
        for latest in [getattr(row, "latest", None)]
    }


def _freed(initiative: Initiative) -> Amount | None:
    low: int | None = getattr(initiative, "freed_low", None)
    high: int | None = getattr(initiative, "freed_high", None)
    return None if low is None or high is None else Amount(low, high)


def mandatory_facts(initiative: Initiative, *, has_lead: bool) -> MandatoryFacts:
    """What is filled in; criteria links are prefetched."""
    return MandatoryFacts(
        title=bool(initiative.title),
        purpose=bool(initiative.purpose),
        kind=bool(initiative.kind),
        beneficiaries=bool(initiative.beneficiaries),
        lead=has_lead,
        accountable_post=initiative.accountable_post_id is not None,
        target=initiative.target_fy is not None,
        criteria=bool(initiative.criterion_links.all()),
        alternatives=cares(initiative),
    )


def cares(initiative: Initiative) -> bool:
    """Whether those who cannot use it have another way and help."""
    return cares_for_all(
        replaces=initiative.replaces_channel,
        alternative=initiative.alternative,
        support=initiative.support,
        safeguard=initiative.safeguard,
    )


def _steps(initiative: Initiative, stages: dict[int, Stage], heights: dict[str, int]) -> list[Step]:
    """The highest step of each axis that it contributes to, technology first."""
    highest: dict[str, Stage] = {}
    for link in initiative.criterion_links.all():
        stage = None if link.criterion.retired else stages.get(link.criterion.stage_id)
        if stage and (stage.axis not in highest or stage.step > highest[stage.axis].step):
            highest[stage.axis] = stage
    return [
        Step(stage, _levels(stage, heights), step_title(stage))
        for axis in Axis.values
        if (stage := highest.get(axis)) is not None
    ]


def _levels(stage: Stage, heights: dict[str, int]) -> list[int]:
    return [100 if step <= stage.step else 0 for step in range(1, heights[stage.axis] + 1)]


def step_title(stage: Stage) -> str:
    """技術 2段目."""
    axis = Axis(stage.axis).label
    return _("%(axis)s, step %(step)s") % {"axis": axis, "step": stage.step}
