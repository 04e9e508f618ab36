"""What an initiative saves or creates, and where freed hours and money went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.choices import InitiativeKind, Measure, Standing, ValueSource
from roadmap.models.initiative import Initiative
from roadmap.models.published import AdoptionVerdict
from roadmap.models.update import Update

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class ValueEntryQuerySet(models.QuerySet["ValueEntry"]):
    """Figures of the ledger."""

    def visible_to(self, user: User) -> Self:
        """Those of initiatives that the user may read."""
        return self.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
        )

    def in_force(self) -> Self:
        """Neither removed nor corrected; what was checked stands only as long as its report."""
        checked = models.Q(checks__removed_on__isnull=True, checks__replaced_on__isnull=True)
        return self.filter(removed_on__isnull=True, replaced_on__isnull=True).filter(
            models.Q(checks__isnull=True) | checked
        )


class ValueEntry(models.Model):
    """One figure, low to high, in the unit of its measure; never overwritten.

    HOURS: minutes a week of all staff together. PAPER: sheets a year. VISITS: visits a year.
    MONEY: yen a year, or `once`. NEW_VALUE: people a year, with a sentence. Verified hours come
    from a follow-up alone, other verified figures from a document (`checks`: the report checked).
    """

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="value_entries")
    measure = models.CharField(_("what changes"), max_length=10, choices=Measure)
    standing = models.CharField(_("how sure it is"), max_length=8, choices=Standing)
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    once = models.BooleanField(_("once"), default=False)
    sentence = models.CharField(
        _("what people could not have before"), max_length=400, blank=True, default=""
    )
    basis = models.CharField(_("where the figure comes from"), max_length=400)
    document = models.CharField(_("document"), max_length=400, blank=True, default="")
    source = models.CharField(_("source"), max_length=9, choices=ValueSource)
    on = models.DateField(_("date"))
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_on = models.DateField(null=True, blank=True)
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    checks = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="checked_by"
    )
    verdict = models.ForeignKey(
        AdoptionVerdict, models.PROTECT, null=True, blank=True, related_name="+"
    )
    report = models.ForeignKey(Update, models.PROTECT, null=True, blank=True, related_name="+")
    taken_by = models.ForeignKey(Update, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ValueEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("effect")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("high")), name="value_low_up_to_high"
            ),
            models.CheckConstraint(
                condition=models.Q(low__gte=0) | models.Q(source=ValueSource.FOLLOW_UP),
                name="value_typed_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(once=False) | models.Q(measure=Measure.MONEY),
                name="value_once_is_money",
            ),
            models.CheckConstraint(condition=~models.Q(basis=""), name="value_has_a_basis"),
            models.CheckConstraint(
                condition=~models.Q(measure=Measure.NEW_VALUE) | ~models.Q(sentence=""),
                name="value_new_says_what",
            ),
            models.CheckConstraint(
                condition=models.Q(source=ValueSource.FOLLOW_UP, verdict__isnull=False)
                | ~models.Q(source=ValueSource.FOLLOW_UP) & models.Q(verdict__isnull=True),
                name="value_follow_up_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=~models.Q(standing=Standing.VERIFIED)
                | models.Q(measure=Measure.HOURS, source=ValueSource.FOLLOW_UP)
                | ~models.Q(measure=Measure.HOURS)
                & models.Q(source=ValueSource.DOCUMENT, checks__isnull=False)
                & ~models.Q(document=""),
                name="value_verified_how",
            ),
            models.UniqueConstraint(
                fields=["checks"],
                condition=models.Q(removed_on__isnull=True),
                name="value_checked_once",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "measure"], name="value_of_initiative")]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} ({self.get_standing_display()})"

    @property
    def direction(self) -> InitiativeKind:
        """Less work, or something new."""
        new = self.measure == Measure.NEW_VALUE
        return InitiativeKind.ADD if new else InitiativeKind.SUBTRACT


class StandingReinvestments(models.Manager["Reinvestment"]):
    """Without those that were removed."""

    def get_queryset(self) -> models.QuerySet[Reinvestment]:
        """Only those that stand."""
        return super().get_queryset().filter(removed_on__isnull=True)


class Reinvestment(models.Model):
    """Where freed time (minutes a week) or money (yen a year) went, perhaps to an initiative."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="reinvestments")
    target = models.ForeignKey(
        Initiative,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fed_by",
        verbose_name=_("initiative that gets it"),
    )
    measure = models.CharField(_("what was freed"), max_length=10, choices=Measure)
    amount = models.BigIntegerField()
    sentence = models.CharField(_("what it is used for"), max_length=400)
    on = models.DateField(_("date"))
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_on = models.DateField(_("removed on"), null=True, blank=True)

    objects = StandingReinvestments()
    every: models.Manager[Reinvestment] = models.Manager()

    class Meta:
        verbose_name = _("use of what was freed")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="reinvested_something"),
            models.CheckConstraint(condition=~models.Q(sentence=""), name="reinvested_for_what"),
            models.CheckConstraint(
                condition=models.Q(measure__in=[Measure.HOURS, Measure.MONEY]),
                name="reinvested_hours_or_money",
            ),
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | ~models.Q(target=models.F("initiative")),
                name="reinvested_elsewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence[:80]
