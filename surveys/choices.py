"""The words of surveys: templates, kinds of question, life of a wave."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Template(models.TextChoices):
    """Where a survey's questions come from."""

    PAIN = "pain", _("Pain points")
    FOLLOW_UP = "follow_up", _("Three-month follow-up")
    PULSE = "pulse", _("Culture pulse")
    EMPTY = "empty", _("Empty")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("One answer")
    MULTIPLE = "multiple", _("Several answers")
    SCALE = "scale", _("Agreement in five points")
    TEXT = "text", _("Free text")


class WaveState(models.TextChoices):
    """Life of a wave. Nothing of the results exists before PUBLISHED."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSING = "closing", _("Being counted")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")
    KEY_LOST = "key_lost", _("Key lost")


class Band(models.TextChoices):
    """How many have answered, coarsely."""

    UNDER_25 = "under_25", _("under a quarter")
    UNDER_50 = "under_50", _("a quarter to a half")
    UNDER_75 = "under_75", _("a half to three quarters")
    OVER_75 = "over_75", _("three quarters or more")
