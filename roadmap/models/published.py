"""What surveys publish into the roadmap; written only through roadmap.actions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department
from roadmap.choices import Verdict
from roadmap.models.initiative import Initiative
from roadmap.models.staircase import Criterion


class MeasuredValue(models.Model):
    """A survey-sourced criterion's level for one department; nobody can type it (rule 3).

    Holds bands only, never exact shares. `from_parent`: the nearest published ancestor's value.
    """

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="measured")
    department = models.ForeignKey(Department, models.CASCADE, related_name="measured")
    wave_label = models.CharField(max_length=120)
    share_band = models.CharField(max_length=20)
    n_band = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField()
    from_parent = models.BooleanField(default=False)
    measured_on = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "department", "measured_on"], name="measured_value_once"
            ),
            models.CheckConstraint(condition=models.Q(level__lte=3), name="measured_level_0_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.criterion.code}: {self.level}"


class AdoptionVerdict(models.Model):
    """What a closed follow-up said; append-only. Phase ESTABLISHED is set by its action alone."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="verdicts")
    on = models.DateField()
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict)
    figures = models.JSONField(default=dict)
    declared = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("adoption verdict")
        constraints = [
            models.UniqueConstraint(fields=["initiative", "on"], name="verdict_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.get_verdict_display()}"
