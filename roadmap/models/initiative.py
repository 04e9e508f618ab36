"""Initiatives: what is being done about it, and who is accountable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality, Post
from roadmap.choices import Beneficiary, DepartmentRole, Disclosure, InitiativeKind
from roadmap.models.staircase import Criterion
from roadmap.models.theme import Theme

if TYPE_CHECKING:
    from dxportal.accounts.models import User


def _further(label: Any) -> models.TextField[str, str]:
    return models.TextField(label, blank=True, default="", db_default="")


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Initiatives as the office names them. More words of the list live in roadmap.listing."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality that were not removed: everybody in it may read them."""
        return self.standing().filter(municipality_id=user.municipality_id or 0)

    def standing(self) -> Self:
        """Without those that were removed."""
        return self.filter(removed_on__isnull=True)

    def real(self) -> Self:
        """Without the samples that came by a button and were not adopted."""
        return self.exclude(sample__kept=False)

    def samples(self) -> Self:
        """Those that came by a button as examples."""
        return self.filter(sample__kept=False)

    def removed(self) -> Self:
        """Those that were removed and can be brought back."""
        return self.filter(removed_on__isnull=False)


class Initiative(models.Model):
    """Only the title is required to exist; the rest stands in the queue of missing fields.

    Nothing derived is stored here: the latest Update is the status. `version` guards edits.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="initiatives")
    title = models.CharField(_("title"), max_length=200)
    purpose = models.TextField(_("purpose"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=InitiativeKind, blank=True)
    stops = models.TextField(_("what we stop doing"), blank=True)
    adds = models.TextField(_("value we add"), blank=True)
    beneficiaries = models.JSONField(_("for whom"), default=list, blank=True)
    accountable_post = models.ForeignKey(
        Post,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="initiatives",
        verbose_name=_("accountable post"),
    )
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="initiatives",
        verbose_name=_("person in charge"),
    )
    start_fy = models.PositiveSmallIntegerField(_("start (fiscal year)"), null=True, blank=True)
    start_quarter = models.PositiveSmallIntegerField(_("start (quarter)"), null=True, blank=True)
    target_fy = models.PositiveSmallIntegerField(_("target (fiscal year)"), null=True, blank=True)
    target_quarter = models.PositiveSmallIntegerField(_("target (quarter)"), null=True, blank=True)
    target_text = models.TextField(_("target in words"), blank=True)
    budget = models.TextField(_("budget"), blank=True)
    # Optional texts; the database has a default, so that yesterday's code can still insert.
    pillars = _further(_("pillars and national priorities"))
    procedures = _further(_("standardised work and procedures it concerns"))
    indicators = _further(_("indicators"))
    meetings = _further(_("reported to which meetings"))
    plan_code = _further(_("code in the comprehensive plan"))
    contract = _further(_("contract and procurement"))
    data_home = _further(_("where the authoritative data is kept"))
    data_export = _further(_("whether the data can be exported"))
    safeguard = _further(_("so that nobody is left behind"))
    # What those get who cannot use it (criterion T4-3); None: not answered yet.
    replaces_channel = models.BooleanField(
        _("does it replace a counter, paper or telephone"), null=True, blank=True
    )
    replaced_channel = _further(_("what it replaces"))
    alternative = _further(_("other way for those who cannot use it"))
    support = _further(_("who helps them, where, until when"))
    risks = _further(_("risks"))
    pitfalls = _further(_("what went wrong, for whoever comes next"))
    links = _further(_("links"))
    sharing = _further(_("may it be published or shown to others"))
    partner_bodies = _further(_("bodies it is done together with"))
    # The five lines before going live (domain 3.6).
    learners = _further(_("who must learn what"))
    learn_minutes = models.PositiveSmallIntegerField(
        _("minutes of learning for each"), null=True, blank=True
    )
    helpers = _further(_("who helps"))
    old_way = _further(_("which old way ends"))
    old_way_ends_on = models.DateField(_("when the old way ends"), null=True, blank=True)
    ask_again_on = models.DateField(_("when it is asked again"), null=True, blank=True)
    disclosure = models.CharField(
        _("disclosure"),
        max_length=10,
        choices=Disclosure,
        blank=True,
        default="",
        db_default="",
    )
    may_introduce = models.BooleanField(
        _("may be introduced to other municipalities"), null=True, blank=True
    )
    source = models.CharField(_("source"), max_length=400, blank=True)
    origin = models.CharField(_("origin of the import"), max_length=120, blank=True)
    extra = models.JSONField(_("further columns of the import"), default=dict, blank=True)
    launched_on = models.DateField(_("in operation since"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    search_text = models.TextField(editable=False, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    departments: models.ManyToManyField[Department, InitiativeDepartment] = models.ManyToManyField(
        Department, through="InitiativeDepartment", related_name="+"
    )
    themes: models.ManyToManyField[Theme, InitiativeTheme] = models.ManyToManyField(
        Theme, through="InitiativeTheme", related_name="initiatives"
    )
    criteria: models.ManyToManyField[Criterion, InitiativeCriterion] = models.ManyToManyField(
        Criterion, through="InitiativeCriterion", related_name="initiatives"
    )

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("initiative")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start_quarter__isnull=True)
                | models.Q(start_quarter__range=(1, 4), start_fy__isnull=False),
                name="initiative_start_quarter_1_to_4",
            ),
            models.CheckConstraint(
                condition=models.Q(target_quarter__isnull=True)
                | models.Q(target_quarter__range=(1, 4), target_fy__isnull=False),
                name="initiative_target_quarter_1_to_4",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "id"], name="initiative_of_municipality")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("roadmap:initiative_detail", args=[self.pk])

    def beneficiary_labels(self) -> list[str]:
        """Words of `beneficiaries`, in the order of the choices."""
        return [str(choice.label) for choice in Beneficiary if choice in self.beneficiaries]


class InitiativeDepartment(models.Model):
    """Which department takes which part; exactly one may lead."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="parts")
    department = models.ForeignKey(Department, models.PROTECT, related_name="parts")
    role = models.CharField(max_length=8, choices=DepartmentRole)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "department", "role"], name="initiative_part_once"
            ),
            models.UniqueConstraint(
                fields=["initiative"],
                condition=models.Q(role="lead"),
                name="initiative_one_lead_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.department} ({self.role})"


class InitiativeTheme(models.Model):
    """An initiative answers a theme."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="theme_links")
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="initiative_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiative", "theme"], name="initiative_theme_once")
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.theme}"


class InitiativeCriterion(models.Model):
    """An initiative contributes to a criterion of a stage."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="criterion_links")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="initiative_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "criterion"], name="initiative_criterion_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.criterion.code}"
