"""What owners report, and the municipality's own words for it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import Cause, Channel, Phase, Progress
from roadmap.models.initiative import Initiative


class Update(models.Model):
    """One report, append-only; the latest one is the status. An undo is a new row."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="updates")
    phase = models.CharField(_("phase"), max_length=12, choices=Phase)
    progress = models.CharField(_("progress"), max_length=14, choices=Progress, blank=True)
    note = models.TextField(_("note"), blank=True)
    unchanged = models.BooleanField(_("no change"), default=False)
    cause = models.CharField(_("cause of the delay"), max_length=16, choices=Cause, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_due = models.DateField(_("by when"), null=True, blank=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    reported_on = models.DateField(_("reported on"))
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.SCREEN)
    is_report = models.BooleanField(
        default=True,
        help_text=_("False for rows the system wrote, such as an import without a status."),
    )

    seconds = models.PositiveSmallIntegerField(
        _("seconds it took"),
        null=True,
        blank=True,
        help_text=_("From the first touch of the row or page to the saving; empty: not measured."),
    )

    ended = models.TextField(
        _("work that ended"),
        null=True,
        blank=True,
        help_text=_("Only where it is stopped. Empty: no work ended; NULL: nobody has said."),
    )

    #: Minutes a week that stopping freed, low to high: written as a ValueEntry, not stored here.
    freed: tuple[int, int] | None = None

    class Meta:
        verbose_name = _("update")
        indexes = [models.Index(fields=["initiative", "-id"], name="update_latest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended__isnull=True) | models.Q(phase=Phase.STOPPED),
                name="update_ended_when_stopped",
            )
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.get_phase_display()} {self.get_progress_display()}"


class StatusWord(models.Model):
    """A word of the municipality's own → our phase and progress; both empty: not mapped yet."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="status_words")
    word = models.CharField(_("word"), max_length=120)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, blank=True)
    progress = models.CharField(_("progress"), max_length=14, choices=Progress, blank=True)

    shown = models.BooleanField(
        _("shown on screens and in files"),
        default=False,
        db_default=False,
        help_text=_("This word stands for our word of the same meaning."),
    )

    class Meta:
        verbose_name = _("status word")
        ordering = ["word"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "word"], name="status_word_once"),
            models.UniqueConstraint(
                fields=["municipality", "phase", "progress"],
                condition=models.Q(shown=True),
                name="status_word_shown_once",
            ),
            models.CheckConstraint(
                condition=models.Q(shown=False) | (models.Q(phase="") ^ models.Q(progress="")),
                name="status_word_shown_means_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.word
