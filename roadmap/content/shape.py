"""The shapes of the default content: a stage, a criterion and a theme, each in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roadmap.choices import Axis, CriterionSource

_AXIS_OF = {"T": Axis.TECHNOLOGY, "C": Axis.CULTURE}


@dataclass(frozen=True, slots=True)
class StageContent:
    """One step of one staircase; steps count from 1."""

    axis: Axis
    step: int
    name_ja: str
    name_en: str
    short_ja: str
    short_en: str


@dataclass(frozen=True, slots=True)
class CriterionContent:
    """One criterion. `question` names the pulse question that decides it or stands beside it."""

    axis: Axis
    step: int
    code: str
    text_ja: str
    text_en: str
    help_ja: str
    help_en: str
    mandatory: bool
    source: CriterionSource
    question: str
    measure: str = ""
    threshold: Mapping[str, object] = field(default_factory=dict)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ThemeContent:
    """One thing that makes work harder. The code stays stable across waves and versions."""

    code: str
    label_ja: str
    label_en: str
    order: int
    common: bool


def criterion(
    code: str,
    *,
    text_ja: str,
    text_en: str,
    help_ja: str,
    help_en: str,
    mandatory: bool = False,
    source: CriterionSource = CriterionSource.DECLARED,
    question: str = "",
    measure: str = "",
    threshold: Mapping[str, object] | None = None,
    unit: str = "",
) -> CriterionContent:
    """A criterion whose axis and step are read from its code: T1-3 is technology, step 1."""
    return CriterionContent(
        axis=_AXIS_OF[code[0]],
        step=int(code[1]),
        code=code,
        text_ja=text_ja,
        text_en=text_en,
        help_ja=help_ja,
        help_en=help_en,
        mandatory=mandatory,
        source=source,
        question=question,
        measure=measure,
        threshold=threshold or {},
        unit=unit,
    )
