"""The culture pulse: nine statements, asked twice a year of staff and, apart, of heads (3.7).

Labels are those of the National Personnel Authority's survey, plus 「分からない」. A positive
answer is one of POSITIVE. Nine pages of an option and next, then send = 19 taps.
"""

from typing import Final

from surveys.content.fixed import SCALE
from surveys.content.shape import Question, Template, options, question

POSITIVE: Final = ("fully_agree", "rather_agree")

_STATEMENTS = (
    ("P1", "気になることや反対意見を言える", "We can voice concerns and objections"),
    ("P2", "失敗を責められない", "Nobody is blamed for failing"),
    ("P3", "打合せの目的が最初に共有される", "The purpose of a meeting is shared first"),
    ("P4", "決める人と理由が分かる", "We know who decides, and why"),
    ("P5", "働き方を気兼ねなく選べる", "We choose how we work without worry"),
    ("P6", "利用者の声を聞いて仕事を変えている", "We listen to users and change our work"),
    ("P7", "問題を見つけて言うと取り上げられる", "Problems that we point out are taken up"),
    (
        "P8",
        "連絡・検討は後から見られる形で残る",
        "Messages and deliberations stay where they can be seen later",
    ),
    ("P9", "DXで自分の仕事は楽になってきた", "DX has been making my work easier"),
)


def _questions(hint: tuple[str, str]) -> list[Question]:
    """The nine statements under one hint; fresh dicts each time, as templates are frozen apart."""
    return [
        question(code, "scale", (ja, en), hint=hint, choices=options(SCALE))
        for code, ja, en in _STATEMENTS
    ]


PULSE: Template = {
    "template": "pulse",
    "version": 1,
    "title_ja": "職場の風土アンケート",
    "title_en": "How it feels to work here",
    "minutes": 2,
    "check": True,
    "audience": "staff",
    "questions": _questions(("いまの職場について", "About the place where you work now")),
}
PULSE_HEADS: Template = {
    "template": "pulse_heads",
    "version": 1,
    "title_ja": "職場の風土アンケート（所属長）",
    "title_en": "How it feels to work here (heads)",
    "minutes": 2,
    "check": True,
    "audience": "heads",
    "questions": _questions(
        ("部下はこう感じていると思うもの", "What you think your staff would answer")
    ),
}
