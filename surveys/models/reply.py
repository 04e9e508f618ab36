"""Replies to what staff said, and the terms of themes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Assignment, Event, Post
from roadmap.choices import ReplyState
from roadmap.models import Initiative, PostSuccession, Theme
from surveys.models.wave import Wave

if TYPE_CHECKING:
    import datetime as dt

    from dxportal.accounts.models import User


class ThemeTerm(models.Model):
    """A word of the codebook that points to a theme."""

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="terms")
    term = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["theme", "term"], name="theme_term_once")]

    def __str__(self) -> str:
        return self.term


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Replies of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(theme__municipality_id=user.municipality_id or 0)

    def owned_by(self, user: User, day: dt.date) -> Self:
        """Those that a post answers for which the user holds on that day, or that went on as it."""
        held = Assignment.objects.on(day).filter(user=user).values("post")
        earlier = PostSuccession.objects.filter(successor__in=held, on__lte=day)
        return self.filter(
            models.Q(owner__in=held) | models.Q(owner__in=earlier.values("predecessor"))
        )

    def newest_of(self, theme: Theme, but: Wave) -> Commitment | None:
        """The newest reply to the theme in another wave."""
        rows = self.filter(theme=theme).exclude(wave=but).select_related("wave")
        return rows.order_by("-wave__closes_at", "-id").first()

    def with_last_event(self) -> Self:
        """With the action of the newest event of each as `last_event`."""
        events = Event.objects.filter(
            object_type="commitment", object_id=Cast(models.OuterRef("pk"), models.CharField())
        )
        newest = events.order_by("-id").values("action")[:1]
        return self.annotate(last_event=models.Subquery(newest))

    def of_last_time(self, wave: Wave) -> Self:
        """Replies to the newest earlier wave of the same survey that has any, kept ones first."""
        earlier = Wave.objects.filter(
            survey_id=wave.survey_id, closes_at__lte=wave.opens_at, commitments__isnull=False
        ).order_by("-closes_at", "-id")
        order = models.Case(
            models.When(state=ReplyState.DO, then=0),
            models.When(state=ReplyState.LOOKING, then=1),
            default=2,
        )
        return (
            self.filter(wave=earlier.values("pk")[:1])
            .select_related("theme", "initiative")
            .order_by(order, "theme__order")
        )


class Commitment(models.Model):
    """One theme of one wave ends as: we do it / we cannot, because / we are looking into it."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="commitments")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="commitments")
    state = models.CharField(_("reply"), max_length=8, choices=ReplyState)
    sentence = models.CharField(_("in one sentence"), max_length=300)
    initiative = models.ForeignKey(
        Initiative, models.SET_NULL, null=True, blank=True, related_name="commitments"
    )
    owner = models.ForeignKey(
        Post, models.SET_NULL, null=True, blank=True, related_name="commitments"
    )
    due_on = models.DateField(_("looked at again on"), null=True, blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    replied_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply")
        constraints = [
            models.UniqueConstraint(fields=["wave", "theme"], name="one_commitment_per_theme")
        ]

    def __str__(self) -> str:
        return self.sentence


class VolunteerQuerySet(models.QuerySet["Volunteer"]):
    """Offers of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(theme__municipality_id=user.municipality_id or 0)

    def of(self, user: User) -> Self:
        """The person's own ones."""
        return self.visible_to(user).filter(user=user)

    def standing(self) -> Self:
        """Those not taken back."""
        return self.filter(withdrawn_on__isnull=True)

    def by_theme(self) -> Self:
        """With theme, name and department, in the order of the survey, oldest first."""
        return self.select_related("theme", "user__department").order_by(
            "theme__order", "theme_id", "offered_on", "id"
        )


class Volunteer(models.Model):
    """Somebody offers, by name, to help with a theme; it is tied to no wave and no ballot."""

    theme = models.ForeignKey(Theme, models.PROTECT, related_name="volunteers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    note = models.CharField(_("what you could do"), max_length=200, blank=True)
    offered_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = VolunteerQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer to help")
        constraints = [
            models.UniqueConstraint(
                fields=["theme", "user"],
                condition=models.Q(withdrawn_on__isnull=True),
                name="volunteer_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.theme}"
