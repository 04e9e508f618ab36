"""The words of surveys: templates, kinds of question, life of a wave."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Template(models.TextChoices):
    """Where a survey's questions come from."""

    PAIN = "pain", _("Pain points")
    FOLLOW_UP = "follow_up", _("Three-month follow-up")
    PULSE = "pulse", _("Culture pulse")
    PULSE_HEADS = "pulse_heads", _("Culture pulse, the heads' view")
    INTAKE = "intake", _("Monthly intake of pain points")
    EMPTY = "empty", _("Empty")


#: Surveys whose first question names themes; each theme that they show is owed a reply.
REPLIED_TO = (Template.PAIN, Template.INTAKE)


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("One answer")
    MULTIPLE = "multiple", _("Several answers")
    SCALE = "scale", _("Agreement in five points")
    FREQUENCY = "frequency", _("How often")
    MINUTES = "minutes", _("How long each time")
    NUMBER = "number", _("Number")
    JOB = "job", _("Kind of work: counter, office, in the field")
    TEXT = "text", _("Free text")


class Audience(models.TextChoices):
    """Whom a survey asks. Heads answer a wave of their own, never mixed with the staff's."""

    STAFF = "staff", _("All staff")
    HEADS = "heads", _("Heads only")


class Repeat(models.TextChoices):
    """Whether a survey opens by itself again and again."""

    NONE = "", _("Only when you open it")
    MONTHLY = "monthly", _("Every month")


class WaveState(models.TextChoices):
    """Life of a wave. Nothing of the results exists before PUBLISHED."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", _("Open")
    CLOSING = "closing", _("Being counted")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")
    KEY_LOST = "key_lost", _("Key lost")


#: A wave in these can still be changed; from opening on it stands.
EARLY = (WaveState.DRAFT, WaveState.SCHEDULED)

#: The step of a close that its audit row stands for.
CLOSED = "closed"
#: Raw texts are removed after this many days at the latest (survey-anonymity, Free text).
PURGE_DAYS = 90


class Band(models.TextChoices):
    """How many have answered, coarsely."""

    UNDER_25 = "under_25", _("under a quarter")
    UNDER_50 = "under_50", _("a quarter to a half")
    UNDER_75 = "under_75", _("a half to three quarters")
    OVER_75 = "over_75", _("three quarters or more")


class NotAsked(models.TextChoices):
    """Why nobody is asked again about an initiative that went live."""

    LIMIT = "limit", _("Those meant to use it were asked too often already")
    BUSY = "busy", _("Those meant to use it were being asked about something else")
    LATE = "late", _("The time for asking had passed")
    NOBODY = "nobody", _("Nobody who is meant to use it can be asked")
    ENDED = "ended", _("It was stopped or on hold when it was to be asked about")
    OFFICE = "office", _("The DX office decided not to ask")


class Waiting(models.TextChoices):
    """Why a follow-up whose date has come is not asked yet."""

    CLOSED_DAY = "closed", _("on the next working day")
    BUSY = "busy", _("when those who are being asked about something else have been asked")
    LIMIT = "limit", _("in the next quarter, because those concerned were asked often enough")
    GATHER = "gather", _("together with another initiative for the same people")
    FULL = "full", _("after the others that are asked about today")
    HOLD = "hold", _("when it is in operation again")
