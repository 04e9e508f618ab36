"""A wave: one asking of a survey, frozen at opening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department
from roadmap.models import Initiative
from surveys.choices import WaveState
from surveys.models.survey import Survey

if TYPE_CHECKING:
    from datetime import datetime

    from dxportal.accounts.models import User


#: So many people let a wave with two-person release be counted.
RELEASES = 2


class WaveQuerySet(models.QuerySet["Wave"]):
    """Waves of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(survey__municipality_id=user.municipality_id or 0)

    def open_on(self, now: datetime) -> Self:
        """Those that take answers at that moment, the nearest deadline first."""
        found = self.sittings().filter(state=WaveState.OPEN, closes_at__gt=now)
        return found.order_by("closes_at", "id")

    def sittings(self) -> Self:
        """What people sit down to: without the single blocks of a sitting."""
        return self.filter(sitting__isnull=True)

    def due_to_open(self, now: datetime) -> Self:
        """Scheduled ones whose time has come."""
        return self.filter(state=WaveState.SCHEDULED, opens_at__lte=now).order_by("opens_at", "id")

    def with_a_box(self) -> Self:
        """Those that need their key: open ones, past their deadline too."""
        return self.sittings().filter(state=WaveState.OPEN).order_by("id")

    def _past_deadline(self, now: datetime) -> Self:
        released = WaveRelease.objects.filter(wave=models.OuterRef("pk")).order_by()
        counted = released.values("wave").annotate(n=models.Count("pk")).values("n")
        past = self.sittings().filter(state=WaveState.OPEN, closes_at__lte=now)
        return past.annotate(released_by=Coalesce(models.Subquery(counted), 0))

    def due_to_close(self, now: datetime) -> Self:
        """Past their deadline and, where two people release, released; and those being counted."""
        released = self._past_deadline(now).filter(
            models.Q(two_person=False) | models.Q(released_by__gte=RELEASES)
        )
        due = models.Q(pk__in=released.values("pk")) | models.Q(state=WaveState.CLOSING)
        return self.sittings().filter(due).order_by("closes_at", "id")

    def awaiting_release(self, now: datetime) -> Self:
        """Past their deadline, not yet released by two people."""
        late = self._past_deadline(now).filter(two_person=True, released_by__lt=RELEASES)
        return late.order_by("closes_at", "id")

    def answerable_by(self, user: User, now: datetime) -> Self:
        """Those that take answers from this person; tells nothing of whether one was given."""
        return self.visible_to(user).open_on(now).filter(eligible__employee=user)

    def newest_first(self) -> Self:
        """Order of lists: a sitting of several blocks until it is published, then its blocks."""
        listed = self.exclude(several=True, state=WaveState.PUBLISHED).exclude(
            ~models.Q(state=WaveState.PUBLISHED), sitting__isnull=False
        )
        return listed.select_related("survey").order_by("-opens_at", "-id")

    def published(self) -> Self:
        """Closed ones with results of their own whose key is destroyed, newest first."""
        return self.filter(
            state=WaveState.PUBLISHED, key_destroyed_at__isnull=False, several=False
        ).order_by("-closes_at", "-id")

    def shown(self, now: datetime) -> Self:
        """Published ones whose results everybody may see by now."""
        return self.published().filter(publish_at__lte=now)


class Wave(models.Model):
    """There is no named mode: no column could hold one.

    After leaving DRAFT a trigger refuses changes of thresholds, definition, organisation, notice.
    Several initiatives asked about together are one wave that is answered (`several`) and a block
    each, a wave of its own below it, which holds that initiative's published results and no key.
    `withheld`: enough answered, but their numbers would tell of a small group beside those of the
    other blocks (`too_few` then only says that there are no tables).
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="waves")
    label = models.CharField(_("label"), max_length=120)
    initiative = models.ForeignKey(
        Initiative, models.PROTECT, null=True, blank=True, related_name="waves"
    )
    sitting = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="blocks"
    )
    several = models.BooleanField(default=False, db_default=False)
    withheld = models.BooleanField(default=False, db_default=False)
    state = models.CharField(_("state"), max_length=10, choices=WaveState, default=WaveState.DRAFT)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    publish_at = models.DateTimeField(_("results from"))
    k_cell = models.PositiveSmallIntegerField(default=5)
    k_text = models.PositiveSmallIntegerField(default=10)
    frozen_definition = models.JSONField(default=dict)
    frozen_org = models.JSONField(default=dict)
    notice_text = models.TextField(blank=True)
    key_id = models.CharField(max_length=40, blank=True)
    key_destroyed_at = models.DateTimeField(null=True, blank=True)
    counted = models.PositiveIntegerField(null=True)
    too_few = models.BooleanField(default=False)
    two_person = models.BooleanField(_("two people release the results"), default=False)

    objects = WaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("wave")
        constraints = [
            models.CheckConstraint(condition=models.Q(k_cell__gte=5), name="wave_k_cell_5"),
            models.CheckConstraint(condition=models.Q(k_text__gte=10), name="wave_k_text_10"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="wave_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__gte=models.F("closes_at")),
                name="wave_publishes_after_it_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "scheduled"])
                | models.Q(key_id="") ^ models.Q(sitting__isnull=True),
                name="wave_open_has_key",
            ),
            models.CheckConstraint(
                condition=models.Q(sitting__isnull=True)
                | models.Q(several=False, initiative__isnull=False),
                name="wave_block_has_an_initiative",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("surveys:wave_detail", args=[self.pk])

    def without_account(self) -> dict[int, int]:
        """Staff without an account per segment, as frozen at opening.

        All of them are asked, whether or not their ticket was given out: a number that grew with
        each sheet would tell of a single person that the sheet came back.
        """
        return {int(key): n for key, n in self.frozen_org.get("tickets", {}).items()}

    def asked_count(self) -> int:
        """How many may answer, with or without an account.

        While the lists exist they are counted, after the close what remains of them.
        """
        if self.key_destroyed_at is None and self.state != WaveState.PUBLISHED:
            return self.eligible.count() + sum(self.without_account().values())
        return self.headcounts.aggregate(n=models.Sum("eligible"))["n"] or 0

    def is_shown(self, now: datetime) -> bool:
        """Whether it is counted, its key is gone, and everybody may see what came of it."""
        counted = self.state == WaveState.PUBLISHED and self.key_destroyed_at is not None
        return counted and self.publish_at <= now

    @property
    def minutes(self) -> int:
        """Minutes that answering takes, of a sitting those of whoever is asked the most."""
        most = max((len(blocks) for blocks in self.frozen_org.get("asks", {}).values()), default=1)
        return self.survey.minutes * most

    @property
    def municipality_id(self) -> int:
        """The municipality, through the survey."""
        return self.survey.municipality_id


class WaveAsk(models.Model):
    """Who was asked (no secret; the limit on asks needs it), never who answered."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="asks")
    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    is_head = models.BooleanField(default=False)
    opened_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "department", "is_head"], name="wave_ask_once")
        ]

    def __str__(self) -> str:
        return f"{self.wave}: {self.department}"


class WaveRelease(models.Model):
    """One of the two people who let a wave with two-person release be counted."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="releases")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "user"], name="wave_release_once")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.at}"


class WaveReader(models.Model):
    """Who may read a wave's free texts as written: two people at most, fixed at opening."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="readers")
    slot = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["slot"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "slot"], name="wave_reader_slot_once"),
            models.UniqueConstraint(fields=["wave", "user"], name="wave_reader_once"),
            models.CheckConstraint(condition=models.Q(slot__in=[1, 2]), name="wave_reader_two"),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.slot}"


class WaveReminder(models.Model):
    """That a wave's reminder of a day was sent, never to whom."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="reminders")
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "day"], name="wave_reminder_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.day}"
