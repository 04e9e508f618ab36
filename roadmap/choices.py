"""The words of the roadmap: axes, levels, phases, progress, queues. No rule depends on a label."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Axis(models.TextChoices):
    TECHNOLOGY = "technology", _("Technology")
    CULTURE = "culture", _("Culture")


class Level(models.IntegerChoices):
    """How far one department is with one criterion. Only FIRM counts towards reaching a stage."""

    NOT_STARTED = 0, _("Not started")
    STARTED = 1, _("Started")
    PARTLY = 2, _("Partly in place")
    FIRM = 3, _("Firm in the department")


class CriterionSource(models.TextChoices):
    """Where a criterion's level comes from. Nobody can type a SURVEY level."""

    DECLARED = "declared", _("Declared by the head with evidence")
    SURVEY = "survey", _("Measured by the staff survey")
    INITIATIVE = "initiative", _("Taken from initiatives")
    INDICATOR = "indicator", _("Taken from an indicator")


class InitiativeMeasure(models.TextChoices):
    """What an initiative criterion counts among the initiatives that the department leads."""

    ASKED_AGAIN = "asked_again", _("Share of launched initiatives asked about again and decided on")
    ESTABLISHED = "established", _("Share of launched initiatives that took root")
    STOPPED = "stopped", _("How often old work was ended")


class VersionState(models.TextChoices):
    """Where a version of the staircase stands on a day."""

    DRAFT = "draft", pgettext_lazy("version of the staircase", "Draft")
    PLANNED = "planned", pgettext_lazy("version of the staircase", "Planned")
    IN_FORCE = "in_force", pgettext_lazy("version of the staircase", "In force")
    PAST = "past", pgettext_lazy("version of the staircase", "Past")


class BriefingKind(models.TextChoices):
    """Who gets the sheet; culture by name is for the mayor's alone (architecture, People)."""

    MAYOR = "mayor", _("For the mayor, one page")
    BOARD = "board", _("For the DX board, by bureau")
    ASSEMBLY = "assembly", _("For the assembly, published figures only")


class FileState(models.TextChoices):
    """How far a file is that a job makes."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")


class InitiativeKind(models.TextChoices):
    """Cutting work and creating value are different, and both are counted (seed 003)."""

    SUBTRACT = "subtract", _("Cuts work (ICT)")
    ADD = "add", _("Creates value (DX)")


class Beneficiary(models.TextChoices):
    STAFF = "staff", _("Staff")
    RESIDENTS = "residents", _("Residents")
    BUSINESSES = "businesses", _("Businesses")


class Phase(models.TextChoices):
    """Life of an initiative. ESTABLISHED is set by an adoption verdict only (rule 6)."""

    IDEA = "idea", _("Being considered")
    PLANNED = "planned", _("Planned and budgeted")
    BUILDING = "building", _("Procuring and building")
    TRIAL = "trial", _("On trial")
    LIVE = "live", _("In operation")
    CHECKING = "checking", _("Adoption check (3 months)")
    ESTABLISHED = "established", _("Established")
    ON_HOLD = "on_hold", _("On hold")
    STOPPED = "stopped", pgettext_lazy("phase", "Stopped")


#: Phases that a person may choose; ESTABLISHED and CHECKING follow from the follow-up survey.
CHOOSABLE_PHASES = (
    Phase.IDEA,
    Phase.PLANNED,
    Phase.BUILDING,
    Phase.TRIAL,
    Phase.LIVE,
    Phase.ON_HOLD,
    Phase.STOPPED,
)
#: From here on staff can use it; counts as a seed of the stages that it contributes to (rule 2).
STARTED_PHASES = (Phase.TRIAL, Phase.LIVE, Phase.CHECKING, Phase.ESTABLISHED)
LAUNCHED_PHASES = (Phase.LIVE, Phase.CHECKING, Phase.ESTABLISHED)
CLOSED_PHASES = (Phase.ESTABLISHED, Phase.STOPPED)


class Progress(models.TextChoices):
    """進み具合: what the owner reports. Nothing derived ever overwrites it."""

    AHEAD = "ahead", _("Ahead of plan")
    ON_TRACK = "on_track", _("On plan")
    LATE = "late", _("Late")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Freshness(models.TextChoices):
    """Timeliness of the latest report (rule 4)."""

    FRESH = "fresh", _("Up to date")
    DUE = "due", _("Report due")
    STALE = "stale", _("Stale")
    UNKNOWN = "unknown", _("Unknown")


class DerivedStatus(models.TextChoices):
    """What the facts say beside what the owner reported (rule 5)."""

    NONE = "none", _("Nothing to note")
    LATE = "late", _("Behind its target")
    UNCONFIRMED = "unconfirmed", _("Not confirmed after 90 days")


class DerivedRule(models.TextChoices):
    """The rule that fired, shown beside the derived status."""

    NONE = "none", _("No rule fired")
    TARGET_PASSED = "target_passed", _("The target quarter has passed and it is not in operation")
    MILESTONE_PASSED = "milestone_passed", _("The date of a milestone has passed")
    INDICATOR_BEHIND = "indicator_behind", _("An indicator is behind the target of its year")
    NO_FOLLOW_UP = "no_follow_up", _("In operation for 90 days without a follow-up")


class Verdict(models.TextChoices):
    """職員の実感: computed from a closed follow-up, never typed (domain 3.6)."""

    ESTABLISHED = "established", _("Took root")
    SUPPORT = "support", _("Needs support")
    RETHINK = "rethink", _("Rethink")
    UNUSED = "unused", _("Not used")
    TOO_FEW = "too_few", _("Too few answers")


class TaskChoice(models.TextChoices):
    """What is done after a verdict; empty: not chosen yet (domain 3.6, ux 6.8)."""

    FIX = "fix", _("Fix it")
    TRAIN = "train", _("Train and support")
    STOP = "stop", _("Stop it")
    ASK_AGAIN = "ask_again", _("Ask once more")
    PASS_ON = "pass_on", _("Pass it on, and put the time gained to use")


class AdoptionState(models.TextChoices):
    """Whether what is in operation has taken root; the codes of verdicts are those of `Verdict`."""

    NONE = "none", _("Not in operation")
    WAITING = "waiting", _("Staff not asked yet")
    CHECKING = "checking", _("Staff are being asked")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    ESTABLISHED = Verdict.ESTABLISHED.value, Verdict.ESTABLISHED.label
    SUPPORT = Verdict.SUPPORT.value, Verdict.SUPPORT.label
    RETHINK = Verdict.RETHINK.value, Verdict.RETHINK.label
    UNUSED = Verdict.UNUSED.value, Verdict.UNUSED.label
    TOO_FEW = Verdict.TOO_FEW.value, Verdict.TOO_FEW.label
    CONTRADICTED = "contradicted", _("Said to have taken root, but measured use is 0")


class Cause(models.TextChoices):
    """What holds an initiative back (domain 3.4)."""

    UNDERSTANDING = "understanding", _("Lack of understanding")
    BUSY = "busy", _("Too busy")
    BUDGET = "budget", _("Budget")
    LAW = "law", _("Law, ordinance, resident systems")
    PROCESS = "process", _("Work flows and forms differ")
    SKILLS = "skills", _("People and skills")
    NETWORK = "network", _("Devices, lines, separated networks")
    PAPER = "paper", _("Paper and digital side by side")
    NOBODY_TO_ASK = "nobody_to_ask", _("Nobody to ask")
    LEAK_FEAR = "leak_fear", _("Fear of leaks")
    USERS_CANNOT = "users_cannot", _("Users cannot use it")
    RESISTANCE = "resistance", _("Attitude, resistance")
    SILO = "silo", _("Silos, unclear responsibility")
    VENDOR = "vendor", _("Procurement, vendor")
    INVISIBLE = "invisible", _("Nobody sees what is going on")


#: Causes that lie outside the municipality (seed 002: internal and external factors).
EXTERNAL_CAUSES = (Cause.LAW, Cause.PROCESS, Cause.VENDOR)


class DepartmentRole(models.TextChoices):
    LEAD = "lead", _("Lead department")
    PARTNER = "partner", _("Partner department")
    USER = "user", _("Meant to use it")


class Channel(models.TextChoices):
    """Through what a change came in."""

    SCREEN = "screen", _("Screen")
    IMPORT = "import", _("Import")
    LINK = "link", _("Signed link")
    COMMAND = "command", _("Command")
    SYSTEM = "system", _("Automatic")
    API = "api", _("Another system")


class Queue(models.TextChoices):
    """Work queues of the list (rule 7)."""

    ALL = "all", _("All")
    LATE = "late", _("Late")
    LATE_CARE = "late_care", _("Late, waiting for a next step")
    STALE = "stale", _("No update for 30 days")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    AFTERCARE = "aftercare", _("What follows from the verdict")
    UNOWNED = "unowned", _("Nobody responsible")
    INCOMPLETE = "incomplete", _("Missing fields")
    LAUNCH_PLAN = "launch_plan", _("Five lines before going live")
    ESTABLISHED = "established", _("Took root")


class ReplyState(models.TextChoices):
    """One commitment a theme (you said, we did)."""

    DO = "do", _("We do it")
    CANNOT = "cannot", _("We cannot")
    LOOKING = "looking", _("We are looking into it")


class TagScheme(models.TextChoices):
    """To which list a tag belongs; all but the own pillars come with the product, versioned."""

    PILLAR = "pillar", _("Own pillar")
    NATIONAL = "national", _("National priority")
    STANDARD_WORK = "standard_work", _("Standardised work")
    PROCEDURE = "procedure", _("Procedure that goes online")


class Disclosure(models.TextChoices):
    """May the record be published; empty: not decided. Withheld fields have a reason each."""

    OPEN = "open", _("May be published")
    WITHHELD = "withheld", _("Not to be published")


class IndicatorKind(models.TextChoices):
    """Introduced is not used: availability and use are told apart (domain, fact 1)."""

    AVAILABILITY = "availability", _("Availability (introduced)")
    USE = "use", _("Use")
    EFFECT = "effect", _("Effect")


class Direction(models.TextChoices):
    """Which way of an indicator is better."""

    UP = "up", _("More is better")
    DOWN = "down", _("Less is better")


class Rhythm(models.IntegerChoices):
    """How often an indicator is measured, in months."""

    MONTHLY = 1, _("Every month")
    QUARTERLY = 3, _("Every quarter")
    HALF_YEARLY = 6, _("Every half-year")
    YEARLY = 12, _("Every year")


class ListView(models.TextChoices):
    """The views of the one list."""

    TABLE = "table", _("Table")
    BOARD = "board", _("By phase")
    TIMELINE = "timeline", _("Timeline")
    DEPARTMENTS = "departments", _("By department")


class RoundKind(models.TextChoices):
    """How long a reporting round looks back."""

    HALF = "half", _("Half-year")
    QUARTER = "quarter", _("Quarter")


class RoundState(models.TextChoices):
    """Life of a reporting round; a closed one never changes."""

    PLANNED = "planned", pgettext_lazy("reporting round", "Planned")
    OPEN = "open", pgettext_lazy("reporting round", "Open")
    CLOSED = "closed", pgettext_lazy("reporting round", "Closed")


class ReturnState(models.TextChoices):
    """Where the return of one department stands."""

    FILLING = "filling", _("Being filled in")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Sent back")
    ACCEPTED = "accepted", _("Accepted")


class ReorganisationState(models.TextChoices):
    """Life of a reorganisation: read and shown, waiting for its day, carried out, taken back."""

    PREVIEW = "preview", _("Ready to check")
    SCHEDULED = "scheduled", _("Waiting for its day")
    APPLIED = "applied", _("Carried out")
    UNDONE = "undone", _("Taken back")


class HistoryKind(models.TextChoices):
    """What of a history is shown; every entry is of one of the first three kinds."""

    STATUS = "status", pgettext_lazy("history", "Status only")
    FIELDS = "fields", pgettext_lazy("history", "Fields only")
    PARTS = "parts", pgettext_lazy("history", "Milestones, indicators and the like")
    NO_COMMENTS = "no_comments", pgettext_lazy("history", "All but comments")


class ReminderReason(models.TextChoices):
    """Why somebody is reminded; a row of a digest may have several. In the order of urgency."""

    ASKED = "asked", _("The DX office asks how it stands")
    ROUND = "round", _("A reporting round closes")
    LATE_CARE = "late_care", _("Late, waiting for a next step")
    NEXT_STEP = "next_step", _("The next step of a delay is due")
    STALE = "stale", _("Long without a report")
    DUE = "due", _("Report due")
    MILESTONE = "milestone", _("A milestone is due")
    TARGET = "target", _("The target is due")
    TASK = "task", _("What follows from the verdict is due")
    MEASURE = "measure", _("An indicator is to be measured")
    LAUNCH_PLAN = "launch_plan", _("Five lines before going live")
    EVIDENCE = "evidence", _("Evidence is asked for")
    ASKED_BACK = "asked_back", _("A confirmation is asked back")
    EXPIRY = "expiry", _("A confirmation expires")
    FIGURE = "figure", _("A figure of a criterion expires")
    UNOWNED = "unowned", _("Nobody responsible")
    REVIEW = "review", _("A withholding is to be looked at again")
    BLOCKER = "blocker", _("A blocker has been open for long")


class ChangeKind(models.TextChoices):
    """What one row of a reorganisation does, in the order in which it is carried out."""

    FOUND = "found", _("Found a department")
    RENAME = "rename", _("Rename a department")
    MERGE = "merge", _("Merge departments")
    SPLIT = "split", _("Split a department")
    END = "end", _("End a department")
    MOVE = "move", _("Move a person")
    ALSO = "also", _("Give a person a further post")
    LEAVE = "leave", _("A person leaves")


class Measure(models.TextChoices):
    """What an initiative saves or creates; the unit of each stands in `value_sums.UNITS`."""

    HOURS = "hours", pgettext_lazy("effect", "Working time")
    PAPER = "paper", pgettext_lazy("effect", "Paper")
    VISITS = "visits", pgettext_lazy("effect", "Visits to the office")
    MONEY = "money", pgettext_lazy("effect", "Expenses")
    NEW_VALUE = "new_value", pgettext_lazy("effect", "New value")


class Standing(models.TextChoices):
    """How sure a figure is; figures of different standing are never added together."""

    PROMISED = "promised", pgettext_lazy("effect", "Promised")
    REPORTED = "reported", pgettext_lazy("effect", "Reported")
    VERIFIED = "verified", pgettext_lazy("effect", "Verified")


class ValueSource(models.TextChoices):
    """How a figure came in. FOLLOW_UP: the staff were asked, nobody typed it."""

    TYPED = "typed", _("Typed in")
    STOP = "stop", _("Given when it was stopped")
    DOCUMENT = "document", _("Checked against a document")
    FOLLOW_UP = "follow_up", _("The staff were asked")


class ProcedureState(models.TextChoices):
    """How far a municipality is with one item of the national procedure's check list."""

    NOT_YET = "not_yet", _("Not yet")
    UNDER_WAY = "under_way", _("Under way")
    IN_PLACE = "in_place", _("In place")


class SetUpStep(models.TextChoices):
    """The five steps of the wizard, in order."""

    MUNICIPALITY = "municipality", _("The municipality")
    DEPARTMENTS = "departments", _("Departments")
    STAIRCASE = "staircase", _("Names of the steps")
    PEOPLE = "people", _("People and sign-in")
    SURVEY = "survey", _("The first survey")


class StepMark(models.TextChoices):
    """What became of a step of the wizard."""

    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Later")


class PackMark(models.TextChoices):
    """What a passage of a text for a pack looks like; see pack_safety for those that stop it."""

    EMAIL = "email", _("an e-mail address")
    PHONE = "phone", _("a telephone number")
    USER = "user", _("the name of somebody here")
    FEW = "few", _("a number of fewer than 10 people")
    PROFILE = "profile", _("an address of a person's page")
    PERSON = "person", _("perhaps a person")
    DEPARTMENT = "department", _("a department")
    POST = "post", _("a post")
    ADDRESS = "address", _("a web address")
