"""The default staircase, themes and lists of tags; every municipality gets a copy of its own.

Stages follow the two staircases of seed 004 (technology and culture); the wording of the
criteria is our own. A change of wording or of a mandatory mark is a new version.
"""

from roadmap.choices import Axis
from roadmap.content.culture import CULTURE
from roadmap.content.shape import CriterionContent, StageContent, ThemeContent
from roadmap.content.tags import TAGS, TagContent
from roadmap.content.technology import TECHNOLOGY
from roadmap.content.themes import THEMES

__all__ = [
    "CRITERIA",
    "STAGES",
    "STAIRCASE_VERSION",
    "TAGS",
    "THEMES",
    "CriterionContent",
    "StageContent",
    "TagContent",
    "ThemeContent",
]

STAIRCASE_VERSION = "2026.2"

_T, _C = Axis.TECHNOLOGY, Axis.CULTURE

STAGES: tuple[StageContent, ...] = (
    StageContent(_T, 1, "デジタル化", "Going digital", "デジタル化", "Digital"),
    StageContent(_T, 2, "情報共有", "Sharing information", "共有", "Sharing"),
    StageContent(
        _T, 3, "情報分析・活用", "Analysing and using information", "分析・活用", "Analysis"
    ),
    StageContent(_T, 4, "DX（新たな価値）", "DX (new value)", "DX", "DX"),
    StageContent(_C, 1, "安全安心・目的意識", "Safety and sense of purpose", "安全安心", "Safety"),
    StageContent(
        _C,
        2,
        "柔軟な働き方・サービスデザイン",
        "Flexible work and service design",
        "柔軟な働き方",
        "Flexible work",
    ),
    StageContent(
        _C,
        3,
        "問題発見・解決型の組織",
        "An organisation that finds and solves problems",
        "問題解決",
        "Problem solving",
    ),
)

CRITERIA: tuple[CriterionContent, ...] = TECHNOLOGY + CULTURE
