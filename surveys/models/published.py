"""What a closed wave leaves: groups of k or more, tallies, voices without ties, the audit."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from roadmap.models import Theme
from surveys.choices import Band
from surveys.models.wave import Wave


class ParticipationBand(models.Model):
    """How many of a segment have answered, in quarters, once a day."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="bands")
    segment = models.PositiveIntegerField()
    day = models.DateField()
    band = models.CharField(max_length=10, choices=Band)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "segment", "day"], name="band_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.segment} {self.day}"


class SegmentGroup(models.Model):
    """One group of the published partition: never fewer than k people."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="groups")
    key = models.CharField(max_length=20)
    parent_key = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=10)
    label = models.CharField(max_length=120)
    department_id = models.BigIntegerField(null=True)
    members = ArrayField(models.PositiveIntegerField(), default=list)
    n = models.PositiveIntegerField()
    eligible = models.PositiveIntegerField()
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "key"], name="segment_group_once"),
            models.CheckConstraint(condition=models.Q(n__gte=5), name="segment_group_n_5"),
        ]

    def __str__(self) -> str:
        return self.label


class CellTally(models.Model):
    """One option in one group. Exact counts exist for all staff only; below: shares to 5 points.

    bound: exact | at_least | at_most | none; option "" is unanswered, "not_asked" is not asked.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="cells")
    group = models.ForeignKey(SegmentGroup, models.CASCADE, related_name="cells")
    question = models.CharField(max_length=10)
    option = models.CharField(max_length=30, blank=True)
    count = models.PositiveIntegerField(null=True)
    below_k = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField(null=True)
    bound = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "group", "question", "option"], name="cell_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.question} {self.option}"


class ThemeBurden(models.Model):
    """Hours a week of one theme in one group, as a rounded range labelled an estimate."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="burdens")
    group = models.ForeignKey(SegmentGroup, models.CASCADE, related_name="burdens")
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="burdens")
    hours_low = models.FloatField()
    hours_high = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "group", "theme"], name="burden_once")
        ]

    def __str__(self) -> str:
        return f"{self.theme}: {self.hours_low}–{self.hours_high}"


class CrossTally(models.Model):
    """A declared cross table, all staff only; cells below k are folded into その他."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="crosses")
    row_question = models.CharField(max_length=10)
    column_question = models.CharField(max_length=10)
    row_option = models.CharField(max_length=30, blank=True)
    column_option = models.CharField(max_length=30, blank=True)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "wave",
                    "row_question",
                    "column_question",
                    "row_option",
                    "column_option",
                ],
                name="cross_cell_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.row_option} × {self.column_option}"


class RawVoiceQuerySet(models.QuerySet["RawVoice"]):
    """Texts as written."""

    def of_wave(self, wave: Wave) -> Self:
        """A wave's texts with their themes, in an order that tells nothing."""
        found = self.filter(wave=wave).select_related("sorted__by")
        return found.order_by("question", "pk")

    def sorting(self, wave: Wave) -> list[tuple[int | None, str]]:
        """(theme or None, question) of each text of a wave: what counts are made of."""
        return list(self.filter(wave=wave).values_list("sorted__theme", "question"))


class RawVoice(models.Model):
    """One free text, tied to nothing but its wave, question and (where ≥ k_text) bureau."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="raw_voices")
    question = models.CharField(max_length=10)
    bureau = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    purge_on = models.DateField()

    objects = RawVoiceQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class VoiceTheme(models.Model):
    """The theme that a reader gave a raw text; it goes with the text."""

    voice = models.OneToOneField(RawVoice, models.CASCADE, related_name="sorted")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.voice_id)


class TextThemeCount(models.Model):
    """How many texts of a wave a theme had, kept when the texts go; never fewer than k."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="text_counts")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "theme"], name="text_theme_count_once"),
            models.CheckConstraint(condition=models.Q(n__gte=5), name="text_theme_count_n_5"),
        ]

    def __str__(self) -> str:
        return f"{self.theme_id}: {self.n}"


class PublishedVoiceQuerySet(models.QuerySet["PublishedVoice"]):
    """Wordings of waves."""

    def of_wave(self, wave: Wave) -> Self:
        """A wave's wordings, by theme; those that wait first."""
        found = self.filter(wave=wave).select_related("theme", "proposed_by", "approved_by")
        waiting = models.Q(proposed_on__isnull=False, approved_by__isnull=True)
        state = models.Case(models.When(waiting, then=0), default=1)
        return found.order_by(state, "theme__order", "pk")

    def shown(self) -> Self:
        """Those that a second reader agreed to."""
        return self.filter(approved_by__isnull=False)


class PublishedVoice(models.Model):
    """An edited wording, proposed by one reader and shown once the other agrees."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="voices")
    theme = models.ForeignKey(Theme, models.SET_NULL, null=True, blank=True, related_name="voices")
    text = models.CharField(max_length=400)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    proposed_on = models.DateField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_on = models.DateField(null=True, blank=True)

    objects = PublishedVoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("proposed_by")),
                name="voice_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True, approved_on__isnull=True)
                | models.Q(approved_by__isnull=False, approved_on__isnull=False),
                name="voice_approved_by_and_on",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CloseAudit(models.Model):
    """What closing did, step by step, with hashes and the sorted receipts; append-only."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="audits")
    step = models.CharField(max_length=30)
    actor = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    tables_hash = models.CharField(max_length=64, blank=True)
    ballots = models.PositiveIntegerField(null=True)
    receipts = ArrayField(models.CharField(max_length=10), default=list)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "step"], name="close_step_once")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.step}"
