"""The pain survey: what makes work harder, how often, how long (domain 3.5).

Nine pages. Longest way without typing: Q1 3 (その他を見る, option, next), Q1b 4, Q2 1, Q3 2, Q4 2,
Q5 2, Q6 1, Q7 1, Q9 2, send 1 = 19 taps, 20 with the opening page; without the two expanders 17.
Frequency and effort are two questions and stay two pages. Q8 of earlier drafts (「解決に加わって
もよい」) is a named page of its own outside the ballot; its number is not used again.
"""

from roadmap.content import THEMES
from surveys.content.fixed import FREQUENCY, MINUTES
from surveys.content.shape import Template, options, question

_THEMES = [(theme.code, theme.label_ja, theme.label_en) for theme in THEMES]
_MORE = [theme.code for theme in THEMES if not theme.common]
_NONE = ("none", "特にない・答えたくない", "Nothing, or I would rather not say")
_NO_NAMES = (
    "個人名は書かないでください。書かなくても進めます",
    "Please do not write names. You may leave this empty",
)
_ABOUT_FIRST = ("最初に選んだものについて", "About the one that you chose first")

_Q1 = question(
    "Q1",
    "single",
    (
        "いま、仕事をいちばんしづらくしているのはどれですか。",
        "What makes your work hardest at the moment?",
    ),
    hint=("近いものを1つ選んでください", "Choose the one that comes closest"),
    choices=options([*_THEMES, _NONE], more=_MORE, finish=["none"]),
    required=True,
)
_Q1B = question(
    "Q1b",
    "multiple",
    ("ほかにもありますか。", "Is there anything else?"),
    hint=("あれば、あと2つまで", "If so, up to two more"),
    choices=options(_THEMES, more=_MORE),
    at_most=2,
)
_Q2 = question(
    "Q2",
    "text",
    (
        "具体的にどの業務で、何が起きていますか。",
        "In which work does it happen, and what exactly?",
    ),
    hint=_NO_NAMES,
)
_Q3 = question(
    "Q3",
    "frequency",
    ("どのくらいの頻度でありますか。", "How often does it happen?"),
    hint=_ABOUT_FIRST,
    choices=options(FREQUENCY),
)
_Q4 = question(
    "Q4",
    "minutes",
    ("1回にどのくらい時間がかかりますか。", "How long does it take each time?"),
    hint=_ABOUT_FIRST,
    choices=options(MINUTES),
)
_Q5 = question(
    "Q5",
    "single",
    ("どこまで影響していますか。", "Whom does it affect?"),
    hint=("いちばん広いものを1つ", "Choose the widest"),
    choices=options(
        [
            ("self", "自分だけ", "Only me"),
            ("team", "係", "My team"),
            ("section", "課", "My section"),
            ("other_sections", "ほかの課", "Other sections"),
            ("residents", "住民・事業者", "Residents or businesses"),
        ]
    ),
)
_Q6 = question(
    "Q6",
    "text",
    (
        "もし一つやめられるなら、何をやめますか。",
        "If you could stop doing one thing, what would it be?",
    ),
    hint=_NO_NAMES,
)
_Q7 = question(
    "Q7",
    "text",
    ("どうなれば楽になりますか。", "What would make it easier?"),
    hint=_NO_NAMES,
)
_Q9 = question(
    "Q9",
    "single",
    (
        "前回のアンケートの声がどう扱われたか、知っていますか。",
        "Do you know what became of the answers to the last survey?",
    ),
    choices=options(
        [
            ("yes", "はい", "Yes"),
            ("no", "いいえ", "No"),
            ("first_time", "前回はなかった", "There was no last survey"),
        ]
    ),
)

PAIN: Template = {
    "template": "pain",
    "version": 1,
    "title_ja": "働きやすさアンケート",
    "title_en": "What makes work harder",
    "minutes": 3,
    "check": True,
    "audience": "staff",
    "questions": [_Q1, _Q1B, _Q2, _Q3, _Q4, _Q5, _Q6, _Q7, _Q9],
}
