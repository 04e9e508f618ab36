"""Posts carry responsibility; people occupy them for a time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models.department import Department

if TYPE_CHECKING:
    from dxportal.accounts.models.user import User


class PostQuerySet(models.QuerySet["Post"]):
    """Posts as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(department__municipality_id=user.municipality_id or 0)

    def in_department(self, department: Department | None) -> Self:
        """Those of one department; all where none is chosen."""
        return self if department is None else self.filter(department=department)

    def with_holders(self, day: date) -> Self:
        """With department and who holds each on that day, in a fixed number of queries."""
        held = Assignment.objects.on(day).select_related("user").order_by("valid_from", "pk")
        return (
            self.select_related("department", "department__bureau")
            .prefetch_related(models.Prefetch("assignments", queryset=held, to_attr="held_today"))
            .order_by("department__order", "department__code", "-is_head", "name")
        )


class Post(models.Model):
    """A position such as 市民課長."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="posts")
    name = models.CharField(_("post"), max_length=80)
    is_head = models.BooleanField(_("head of the department"), default=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        constraints = [
            models.UniqueConstraint(fields=["department", "name"], name="post_once_per_department")
        ]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Who sits where."""

    def visible_to(self, user: User) -> Self:
        """Those of posts of the user's municipality."""
        return self.filter(post__department__municipality_id=user.municipality_id or 0)

    def of(self, post: Post) -> Self:
        """All of one post, newest first."""
        return self.filter(post=post).select_related("user").order_by("-valid_from", "-pk")

    def on(self, day: date) -> Self:
        """Those in force on that day."""
        return self.filter(valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)
        )


class Assignment(models.Model):
    """A person on a post from valid_from until the day before valid_to."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="assignment_ends_after_it_begins",
            ),
            models.UniqueConstraint(fields=["post", "user", "valid_from"], name="assignment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.post})"
