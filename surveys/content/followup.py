"""The follow-up: three months after go-live, is it used and is work easier (domain 3.6).

Six pages, one initiative. Longest way without typing: F1 2, F2 2, F3 2, F4 2, F5 3 (two reasons,
next), F6 1 (the button sends) = 12 taps; without F5 9. There is no check page.
"""

from surveys.content.shape import Template, options, question

_SKIP = ("使っていない方は、選ばずに進めます", "If you do not use it, go on without choosing")

_F1 = question(
    "F1",
    "single",
    ("使っていますか。", "Do you use it?"),
    hint=("使わない理由も大切な答えです", "Not using it is an answer that counts"),
    choices=options(
        [
            ("daily", "毎日", "Every day"),
            ("weekly", "週に1回以上", "Once a week or more"),
            ("monthly", "月に1回以上", "Once a month or more"),
            ("tried", "試しただけ", "I only tried it"),
            ("never", "使ったことがない", "I have never used it"),
            ("not_known", "知らなかった", "I did not know of it"),
        ]
    ),
)
_F2 = question(
    "F2",
    "single",
    ("前と比べて、仕事は楽になりましたか。", "Has work become easier than before?"),
    hint=_SKIP,
    choices=options(
        [
            ("much_easier", "とても楽になった", "Much easier"),
            ("easier", "少し楽になった", "A little easier"),
            ("same", "変わらない", "The same"),
            ("harder", "少し大変になった", "A little harder"),
            ("much_harder", "とても大変になった", "Much harder"),
        ]
    ),
)
_F3 = question(
    "F3",
    "single",
    ("この仕事にかかる時間は、1週間でどう変わりましたか。", "How has the time a week changed?"),
    hint=_SKIP,
    choices=options(
        [
            ("saved_30", "減った（30分まで）", "Up to 30 minutes less"),
            ("saved_60", "減った（30分〜1時間）", "Up to 1 hour less"),
            ("saved_180", "減った（1〜3時間）", "Up to 3 hours less"),
            ("saved_over_180", "減った（3時間を超える）", "More than 3 hours less"),
            ("same", "変わらない", "The same"),
            ("more", "増えた", "More"),
        ]
    ),
)
_F4 = question(
    "F4",
    "single",
    ("前のやり方は、どうなりましたか。", "What became of the old way?"),
    choices=options(
        [
            ("ended", "やめた", "It has ended"),
            ("partly", "一部残っている", "Part of it remains"),
            ("both", "両方やっている", "We do both"),
        ]
    ),
)
_F5 = question(
    "F5",
    "multiple",
    ("おもな理由は何ですか。", "What are the main reasons?"),
    hint=("近いものを2つまで", "Up to two that come closest"),
    choices=options(
        [
            ("how_to", "使い方が分からない", "I do not know how to use it"),
            ("no_training_time", "研修の時間がない", "There is no time for training"),
            ("does_not_fit", "自分の業務に合わない", "It does not fit my work"),
            ("slow", "遅い・止まる", "It is slow or stops"),
            ("no_device", "端末・権限がない", "I have no device or no right to use it"),
            ("old_way_asked", "前のやり方も求められる", "The old way is still asked for"),
            ("no_need", "必要を感じない", "I see no need"),
            ("nobody_to_ask", "聞ける人がいない", "There is nobody to ask"),
        ]
    ),
    at_most=2,
    ask_if=[
        {"question": "F1", "any_of": ["monthly", "tried", "never", "not_known"]},
        {"question": "F2", "any_of": ["harder", "much_harder"]},
    ],
)
_F6 = question(
    "F6",
    "text",
    ("ほかに伝えたいことはありますか。", "Is there anything else you want to say?"),
    hint=(
        "個人名は書かないでください。書かなくても送れます",
        "Please do not write names. You may leave this empty",
    ),
)

FOLLOW_UP: Template = {
    "template": "follow_up",
    "version": 1,
    "title_ja": "3か月後アンケート",
    "title_en": "Three months later",
    "minutes": 1,
    "check": False,
    "audience": "staff",
    "questions": [_F1, _F2, _F3, _F4, _F5, _F6],
}
