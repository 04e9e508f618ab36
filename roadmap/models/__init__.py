"""The roadmap's tables: one file a noun."""

from roadmap.models.adoption_task import AdoptionTask
from roadmap.models.blocker import Blocker, Decision
from roadmap.models.briefing import Briefing, BriefingFile, SharedPicture
from roadmap.models.comment import Comment, InitiativeLink, Mention
from roadmap.models.dependency import Dependency
from roadmap.models.disclosure import Withholding
from roadmap.models.evidence import (
    CriterionReading,
    EvidenceAcceptance,
    EvidenceRequest,
    FeedToken,
)
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
from roadmap.models.reporting_round import (
    ReportingRound,
    RoundFile,
    RoundReturn,
    RoundSnapshot,
    RoundStage,
)
from roadmap.models.rollup import DirtyMark, RollupRun
from roadmap.models.saved_view import SavedView
from roadmap.models.setting_up import ProcedureEntry, SampleInitiative, SetUp
from roadmap.models.snapshot import (
    WHOLE,
    InitiativeSnapshot,
    PositionSnapshot,
    StageSnapshot,
    StageSum,
)
from roadmap.models.staircase import Assessment, Criterion, Stage
from roadmap.models.staircase_version import CriterionVersion, StageVersion, StaircaseVersion
from roadmap.models.tag import InitiativeTag, Tag
from roadmap.models.theme import Theme
from roadmap.models.training import Training, TrainingAttendance
from roadmap.models.update import StatusWord, Update
from roadmap.models.value import Reinvestment, ValueEntry

__all__ = [
    "WHOLE",
    "AdoptionTask",
    "AdoptionVerdict",
    "Assessment",
    "Blocker",
    "Briefing",
    "BriefingFile",
    "Comment",
    "Criterion",
    "CriterionReading",
    "CriterionVersion",
    "Decision",
    "Dependency",
    "Digest",
    "DirtyMark",
    "EvidenceAcceptance",
    "EvidenceRequest",
    "FeedToken",
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
    "RoundStage",
    "SampleInitiative",
    "SavedView",
    "SetUp",
    "SharedPicture",
    "Snooze",
    "Stage",
    "StageSnapshot",
    "StageSum",
    "StageVersion",
    "StaircaseVersion",
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
