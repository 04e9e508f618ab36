"""Reporting rounds: departments return, the office accepts, the closed picture never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality
from roadmap.choices import (
    Axis,
    Cause,
    DerivedRule,
    DerivedStatus,
    Freshness,
    InitiativeKind,
    Phase,
    Progress,
    ReturnState,
    RoundKind,
    RoundState,
    Verdict,
)

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class ReportingRoundQuerySet(models.QuerySet["ReportingRound"]):
    """Rounds as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, newest first."""
        return self.filter(municipality_id=user.municipality_id or 0).newest_first()

    def newest_first(self) -> Self:
        """Order of the list."""
        return self.order_by("-due_on", "-pk")

    def open_in(self, municipality_id: int) -> Self:
        """Those that departments can return now, the next due one first."""
        rows = self.filter(municipality_id=municipality_id, state=RoundState.OPEN)
        return rows.order_by("due_on", "pk")

    def for_the_clock(self) -> list[tuple[int, int]]:
        """(municipality, round) of all that are planned or open."""
        rows = self.exclude(state=RoundState.CLOSED).order_by("pk")
        return list(rows.values_list("municipality_id", "pk"))

    def closed(self) -> Self:
        """Those that never change again."""
        return self.filter(state=RoundState.CLOSED)


class ReportingRound(models.Model):
    """One half-year or quarter that departments report on. `number`: 1–2 or 1–4 in its year."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="rounds")
    label = models.CharField(_("name of the round"), max_length=60)
    kind = models.CharField(_("length"), max_length=8, choices=RoundKind, default=RoundKind.HALF)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("number in the year"))
    state = models.CharField(
        _("state"), max_length=8, choices=RoundState, default=RoundState.PLANNED
    )
    opens_on = models.DateField(_("opens on"))
    due_on = models.DateField(_("to be returned by"))
    note = models.TextField(_("words to the departments"), blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ReportingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting round")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "kind", "fiscal_year", "number"],
                name="reporting_round_once",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("opens_on")),
                name="reporting_round_due_after_opening",
            ),
            models.CheckConstraint(
                condition=models.Q(number__range=(1, 4)), name="reporting_round_number_1_to_4"
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed")
                & models.Q(closed_at__isnull=False, as_of__isnull=False)
                | ~models.Q(state="closed") & models.Q(closed_at__isnull=True, as_of__isnull=True),
                name="reporting_round_closed_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("roadmap:round_detail", args=[self.pk])


class RoundReturnQuerySet(models.QuerySet["RoundReturn"]):
    """Returns as the office names them."""

    def in_order(self) -> Self:
        """By bureau, as in the organisation chart, with all that a row shows."""
        return self.select_related("department__bureau", "submitted_by").order_by(
            "department__order", "department__code", "pk"
        )

    def unsubmitted(self) -> Self:
        """Those that the department still has to submit."""
        return self.filter(state__in=(ReturnState.FILLING, ReturnState.RETURNED))


class RoundReturn(models.Model):
    """What one department owes in one round; `version` guards each step."""

    round = models.ForeignKey(ReportingRound, models.CASCADE, related_name="returns")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=ReturnState, default=ReturnState.FILLING
    )
    note = models.TextField(_("note of the department"), blank=True, default="", db_default="")
    comment = models.TextField(_("comment of the office"), blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = RoundReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        constraints = [
            models.UniqueConstraint(fields=["round", "department"], name="round_return_once")
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.department}"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:return_detail", args=[self.round_id, self.department_id])


class RoundSnapshot(models.Model):
    """One initiative as a closed round saw it: typed, without foreign keys, never changed."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="snapshots")
    initiative_key = models.BigIntegerField()
    title = models.CharField(_("title"), max_length=200)
    purpose = models.TextField(_("purpose"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=InitiativeKind, blank=True)
    beneficiaries = models.JSONField(_("for whom"), default=list)
    stops = models.TextField(_("what we stop doing"), blank=True)
    adds = models.TextField(_("value we add"), blank=True)
    lead_key = models.BigIntegerField(null=True)
    lead = models.CharField(_("lead department"), max_length=120, blank=True)
    bureau = models.CharField(_("bureau"), max_length=120, blank=True)
    post = models.CharField(_("accountable post"), max_length=80, blank=True)
    holder = models.CharField(_("holder of the post"), max_length=200, blank=True)
    contact = models.CharField(_("person in charge"), max_length=80, blank=True)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase)
    progress = models.CharField(_("progress"), max_length=14, choices=Progress, blank=True)
    phase_word = models.CharField(max_length=120, blank=True)
    progress_word = models.CharField(max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True)
    cause = models.CharField(_("cause of the delay"), max_length=16, choices=Cause, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_due = models.DateField(_("by when"), null=True)
    last_report = models.DateField(_("reported on"), null=True)
    freshness = models.CharField(max_length=8, choices=Freshness)
    derived = models.CharField(max_length=12, choices=DerivedStatus)
    rule = models.CharField(max_length=20, choices=DerivedRule)
    start_fy = models.PositiveSmallIntegerField(_("start (fiscal year)"), null=True)
    start_quarter = models.PositiveSmallIntegerField(_("start (quarter)"), null=True)
    target_fy = models.PositiveSmallIntegerField(_("target (fiscal year)"), null=True)
    target_quarter = models.PositiveSmallIntegerField(_("target (quarter)"), null=True)
    target_text = models.TextField(_("target in words"), blank=True)
    budget = models.TextField(_("budget"), blank=True)
    launched_on = models.DateField(_("in operation since"), null=True)
    milestones = models.PositiveSmallIntegerField(_("milestones"), default=0)
    milestones_done = models.PositiveSmallIntegerField(_("milestones done"), default=0)
    next_milestone = models.CharField(_("next milestone"), max_length=200, blank=True)
    next_milestone_on = models.DateField(_("date of the next milestone"), null=True)
    blockers = models.PositiveSmallIntegerField(_("open blockers"), default=0)
    verdict = models.CharField(_("adoption verdict"), max_length=12, blank=True)
    criteria = models.TextField(_("criteria it contributes to"), blank=True)
    themes = models.TextField(_("pain points it answers"), blank=True)

    class Meta:
        verbose_name = _("row of a closed round")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "initiative_key"], name="round_snapshot_once")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def verdict_label(self) -> str:
        """The newest verdict in words; empty for none."""
        return str(Verdict(self.verdict).label) if self.verdict else ""


class RoundStage(models.Model):
    """One department and step as a closed round saw them: without foreign keys, never changed."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="stages")
    department_key = models.BigIntegerField()
    department = models.CharField(_("department"), max_length=120)
    unit_key = models.BigIntegerField()
    unit = models.CharField(_("bureau"), max_length=120, blank=True)
    axis = models.CharField(max_length=10, choices=Axis)
    step = models.PositiveSmallIntegerField()
    name = models.CharField(_("step"), max_length=80)
    short = models.CharField(max_length=40, blank=True)
    reached = models.BooleanField()
    level_sum = models.PositiveSmallIntegerField()
    answered = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    contributing = models.PositiveSmallIntegerField()
    here = models.BooleanField()
    seed = models.BooleanField()
    staircase = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=12)

    class Meta:
        verbose_name = _("step of a closed round")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "department_key", "axis", "step"], name="round_stage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.axis} {self.step}"


class RoundFile(models.Model):
    """A file of a closed round as bytes: served unchanged for ever."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=4)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "kind"], name="round_file_once")]

    def __str__(self) -> str:
        return self.name
