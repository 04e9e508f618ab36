"""What people say to each other about an initiative, and links to files elsewhere."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models.initiative import Initiative


class Comment(models.Model):
    """A comment; removing it leaves its place and takes its text."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="comments")
    text = models.TextField(_("comment"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    token = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("comment")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "token"], condition=~models.Q(token=""), name="comment_sent_once"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Mention(models.Model):
    """A person who was named in a comment and told so."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.user}"


class InitiativeLink(models.Model):
    """An address of a document or page; files stay where they are."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="link_rows")
    label = models.CharField(_("name"), max_length=120)
    url = models.CharField(_("address"), max_length=1000)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("link")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "url"], name="initiative_link_once")
        ]

    def __str__(self) -> str:
        return self.label
