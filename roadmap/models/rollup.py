"""What is still to be counted, and what was counted when."""

from django.db import models

from dxportal.accounts.models import Municipality


class DirtyMark(models.Model):
    """Append-only hint in the transaction that changed the facts; the roll-up deletes what it read.

    scope: "department", "initiative" or "all" (scope_id 0).
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    scope = models.CharField(max_length=10)
    scope_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["municipality", "id"], name="dirty_mark_queue")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=["department", "initiative", "all"]),
                name="dirty_mark_scope",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.scope_id}"


class RollupRun(models.Model):
    """One roll-up: what it covered, what it cost, and whether a full recount differed."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="rollup_runs")
    period = models.DateField()
    as_of = models.DateField()
    full = models.BooleanField()
    marks = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    statements = models.PositiveSmallIntegerField()
    seconds = models.FloatField()
    drift = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["municipality", "-id"], name="rollup_run_latest")]

    def __str__(self) -> str:
        return f"{self.municipality} {self.as_of}"
