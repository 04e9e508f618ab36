"""The standing intake of pain points: one question a month, and room for words (domain 3.5).

The codes of the themes are those of the pain survey, so that the two can be laid side by side.
Longest way: 「その他を見る」, option, next, send = 4 taps.
"""

from roadmap.content import THEMES
from surveys.content.shape import Template, options, question

_THEMES = [(theme.code, theme.label_ja, theme.label_en) for theme in THEMES]
_NONE = ("none", "今月は特にない", "Nothing this month")

INTAKE: Template = {
    "template": "intake",
    "version": 1,
    "title_ja": "今月の困りごと受付",
    "title_en": "What got in the way this month",
    "minutes": 1,
    "check": False,
    "audience": "staff",
    "questions": [
        question(
            "Q1",
            "single",
            (
                "今月、仕事をしづらくしたものはありましたか。",
                "Did anything make your work harder this month?",
            ),
            hint=("近いものを1つ選んでください", "Choose the one that comes closest"),
            choices=options(
                [*_THEMES, _NONE], more=[theme.code for theme in THEMES if not theme.common]
            ),
            required=True,
        ),
        question(
            "Q2",
            "text",
            ("何が起きていますか。", "What is happening?"),
            hint=(
                "個人名は書かないでください。書かなくても送れます",
                "Please do not write names. You may leave this empty",
            ),
        ),
    ],
}
