"""Answers that are the same in every survey, because something is computed from their codes.

`painpoints` turns frequency and minutes into hours, the culture criteria count agreement, and job
is the one attribute that is asked. Codes never change; nobody can add to them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

Row = tuple[str, str, str]

#: Labels of the National Personnel Authority's survey, plus 「分からない」 (domain 3.7).
SCALE: Final[Sequence[Row]] = (
    ("fully_agree", "まったくその通り", "Exactly so"),
    ("rather_agree", "どちらかといえばその通り", "Rather so"),
    ("neutral", "どちらともいえない", "Neither"),
    ("rather_disagree", "どちらかといえば違う", "Rather not so"),
    ("fully_disagree", "まったく違う", "Not so at all"),
    ("unknown", "分からない", "I do not know"),
)
#: Codes are those of `painpoints.TIMES_A_WEEK`, then `BUSY_SEASON`.
FREQUENCY: Final[Sequence[Row]] = (
    ("daily", "毎日", "Every day"),
    ("weekly", "週に数回", "Several times a week"),
    ("monthly", "月に数回", "Several times a month"),
    ("yearly", "年に数回", "Several times a year"),
    ("busy_season", "繁忙期だけ", "Only in the busy season"),
)
#: Codes are those of `painpoints.MINUTES`, then `UNKNOWN`.
MINUTES: Final[Sequence[Row]] = (
    ("under_5", "5分未満", "Under 5 minutes"),
    ("to_15", "5〜15分", "5 to 15 minutes"),
    ("to_30", "15〜30分", "15 to 30 minutes"),
    ("to_60", "30〜60分", "30 to 60 minutes"),
    ("over_60", "1時間を超える", "More than an hour"),
    ("unknown", "分からない", "I do not know"),
)
JOB: Final[Sequence[Row]] = (
    ("counter", "窓口の仕事", "At the counter"),
    ("office", "内部の仕事", "In the office"),
    ("field", "出先の仕事", "In the field"),
)

#: By `choices.QuestionKind`.
FIXED: Final[Mapping[str, Sequence[Row]]] = {
    "scale": SCALE,
    "frequency": FREQUENCY,
    "minutes": MINUTES,
    "job": JOB,
}
