"""Handing over a post: which post goes on as which, the note, and that it was taken over."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Assignment, Post


class PostSuccession(models.Model):
    """The work of one post goes on as another one, from a day on."""

    predecessor = models.ForeignKey(Post, models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Post, models.CASCADE, related_name="predecessions")
    on = models.DateField()

    class Meta:
        verbose_name = _("succession of posts")
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], name="post_succession_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(predecessor=models.F("successor")),
                name="post_not_its_own_successor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class HandoverNote(models.Model):
    """What one holder of a post tells the next; earlier versions stand in the history."""

    post = models.OneToOneField(Post, models.CASCADE, related_name="handover_note")
    text = models.TextField(_("handover note"), blank=True)
    version = models.PositiveIntegerField(default=1)
    edited_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("handover note")

    def __str__(self) -> str:
        return f"{self.post}"


class Handover(models.Model):
    """The new holder has taken the post over."""

    assignment = models.OneToOneField(Assignment, models.CASCADE, related_name="handover")
    taken_at = models.DateTimeField(_("taken over"), auto_now_add=True)

    class Meta:
        verbose_name = _("handover")

    def __str__(self) -> str:
        return f"{self.assignment}"
