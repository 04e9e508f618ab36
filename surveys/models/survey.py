"""A survey's definition: questions and options with stable codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from surveys.choices import Audience, QuestionKind, Repeat, Template

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Surveys of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)


class Survey(models.Model):
    """What is asked; waves ask it."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="surveys")
    template = models.CharField(_("template"), max_length=20, choices=Template)
    audience = models.CharField(
        _("who is asked"), max_length=10, choices=Audience, default=Audience.STAFF
    )
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=3)
    content_version = models.CharField(max_length=20)
    check_page = models.BooleanField(default=True)
    repeat = models.CharField(_("repeats"), max_length=10, choices=Repeat, blank=True, default="")
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    version = models.PositiveIntegerField(default=1)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("surveys:survey_detail", args=[self.pk])


class Question(models.Model):
    """One question; `ask_if` lists earlier questions with the answers after which it is asked.

    A retired question is no longer asked; its code is never given to another.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    code = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=QuestionKind)
    text = models.CharField(_("question"), max_length=300)
    text_en = models.CharField(max_length=300, blank=True)
    hint = models.CharField(max_length=300, blank=True)
    hint_en = models.CharField(max_length=300, blank=True)
    required = models.BooleanField(default=False)
    max_choices = models.PositiveSmallIntegerField(default=1)
    max_length = models.PositiveSmallIntegerField(default=400)
    ask_if = models.JSONField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("question")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "code"], name="question_code_once")
        ]

    def __str__(self) -> str:
        return self.text


class Option(models.Model):
    """One possible answer; the code stays the same across waves and is never used again.

    `finish` leads straight to the last page; `low` and `high` bound a class of a number question.
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    code = models.CharField(max_length=30)
    label = models.CharField(_("answer"), max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    more = models.BooleanField(default=False)
    finish = models.BooleanField(default=False)
    low = models.IntegerField(null=True, blank=True)
    high = models.IntegerField(null=True, blank=True)
    retired = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("answer option")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["question", "code"], name="option_code_once")
        ]

    def __str__(self) -> str:
        return self.label


class CrossPair(models.Model):
    """A cross table declared before opening; others are never made."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="cross_pairs")
    rows = models.ForeignKey(Question, models.CASCADE, related_name="+")
    columns = models.ForeignKey(Question, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "rows", "columns"], name="cross_pair_once")
        ]

    def __str__(self) -> str:
        return f"{self.rows_id} × {self.columns_id}"
