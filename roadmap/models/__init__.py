"""The roadmap's tables: one file a noun."""

from roadmap.models.adoption_task import AdoptionTask
from roadmap.models.blocker import Blocker, Decision
from roadmap.models.comment import Comment, InitiativeLink, Mention
from roadmap.models.dependency import Dependency
from roadmap.models.disclosure import Withholding
from roadmap.models.handover import Handover, HandoverNote, PostSuccession
from roadmap.models.indicator import Indicator, Measurement, Target
from roadmap.models.initiative import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTheme,
)
from roadmap.models.milestone import Milestone, MilestoneMove
from roadmap.models.pack import PackOrigin, PackUpload
from roadmap.models.published import AdoptionVerdict, MeasuredValue
from roadmap.models.reminder import Digest, ReminderSetting, Snooze
from roadmap.models.reorganisation import Reorganisation
from roadmap.models.reporting_round import ReportingRound, RoundFile, RoundReturn, RoundSnapshot
from roadmap.models.rollup import DirtyMark, RollupRun
from roadmap.models.saved_view import SavedView
from roadmap.models.setting_up import ProcedureEntry, SampleInitiative, SetUp
from roadmap.models.snapshot import InitiativeSnapshot, PositionSnapshot, StageSnapshot
from roadmap.models.staircase import Assessment, Criterion, Stage
from roadmap.models.tag import InitiativeTag, Tag
from roadmap.models.theme import Theme
from roadmap.models.training import Training, TrainingAttendance
from roadmap.models.update import StatusWord, Update
from roadmap.models.value import Reinvestment, ValueEntry

__all__ = [
    "AdoptionTask",
    "AdoptionVerdict",
    "Assessment",
    "Blocker",
    "Comment",
    "Criterion",
    "Decision",
    "Dependency",
    "Digest",
    "DirtyMark",
    "Handover",
    "HandoverNote",
    "Indicator",
    "Initiative",
    "InitiativeCriterion",
    "InitiativeDepartment",
    "InitiativeLink",
    "InitiativeSnapshot",
    "InitiativeTag",
    "InitiativeTheme",
    "MeasuredValue",
    "Measurement",
    "Mention",
    "Milestone",
    "MilestoneMove",
    "PackOrigin",
    "PackUpload",
    "PositionSnapshot",
    "PostSuccession",
    "ProcedureEntry",
    "Reinvestment",
    "ReminderSetting",
    "Reorganisation",
    "ReportingRound",
    "RollupRun",
    "RoundFile",
    "RoundReturn",
    "RoundSnapshot",
    "SampleInitiative",
    "SavedView",
    "SetUp",
    "Snooze",
    "Stage",
    "StageSnapshot",
    "StatusWord",
    "Tag",
    "Target",
    "Theme",
    "Training",
    "TrainingAttendance",
    "Update",
    "ValueEntry",
    "Withholding",
]
