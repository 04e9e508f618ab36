"""The roadmap's tables: one file a noun."""

from roadmap.models.initiative import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTheme,
)
from roadmap.models.published import AdoptionVerdict, MeasuredValue
from roadmap.models.rollup import DirtyMark, RollupRun
from roadmap.models.snapshot import InitiativeSnapshot, PositionSnapshot, StageSnapshot
from roadmap.models.staircase import Assessment, Criterion, Stage
from roadmap.models.theme import Theme
from roadmap.models.update import StatusWord, Update

__all__ = [
    "AdoptionVerdict",
    "Assessment",
    "Criterion",
    "DirtyMark",
    "Initiative",
    "InitiativeCriterion",
    "InitiativeDepartment",
    "InitiativeSnapshot",
    "InitiativeTheme",
    "MeasuredValue",
    "PositionSnapshot",
    "RollupRun",
    "Stage",
    "StageSnapshot",
    "StatusWord",
    "Theme",
    "Update",
]
