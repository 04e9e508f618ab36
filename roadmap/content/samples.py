"""A handful of invented initiatives that show what a filled list looks like.

They name no department and no criterion: nobody is asked to report on them, and no staircase
counts them. Their themes are those that every municipality has; there is no sample survey, since
published tables of a real municipality must not hold invented answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from roadmap.choices import Beneficiary, InitiativeKind, Phase, Progress

#: Stands before the title of every sample.
MARK = "【例】"


@dataclass(frozen=True, slots=True)
class SampleContent:
    """One sample. `milestones`: (title, days from the day on which it is put in)."""

    code: str
    title: str
    purpose: str
    kind: InitiativeKind
    stops: str
    adds: str
    beneficiaries: tuple[str, ...]
    phase: Phase
    progress: Progress
    note: str
    themes: tuple[str, ...]
    milestones: tuple[tuple[str, int], ...]
    years: int = 0


SAMPLES: tuple[SampleContent, ...] = (
    SampleContent(
        "forms",
        "休暇届と時間外申請を電子にする",
        "紙に書いて押印し、総務課が入力し直す手間をなくす",
        InitiativeKind.SUBTRACT,
        "紙の休暇届、総務課での転記",
        "",
        (Beneficiary.STAFF,),
        Phase.TRIAL,
        Progress.ON_TRACK,
        "2つの課で試している",
        ("paper", "double_entry"),
        (("試行の振り返り", 30), ("全庁で開始", 90)),
    ),
    SampleContent(
        "counter",
        "引っ越しの手続を、書かない窓口にする",
        "来庁した人が同じ住所と氏名を何度も書かずに済むようにする",
        InitiativeKind.ADD,
        "",
        "待ち時間が短くなり、職員は相談に時間を使える",
        (Beneficiary.RESIDENTS, Beneficiary.STAFF),
        Phase.BUILDING,
        Progress.ON_TRACK,
        "使っている様式を集めて見比べている",
        ("double_entry",),
        (("様式の棚卸し", 45), ("窓口で試す", 150)),
        1,
    ),
    SampleContent(
        "minutes",
        "会議の記録を、その場で共有する文書に書く",
        "議事録の清書と回覧をなくし、欠席した人もその日に読めるようにする",
        InitiativeKind.SUBTRACT,
        "議事録の清書、回覧",
        "",
        (Beneficiary.STAFF,),
        Phase.PLANNED,
        Progress.ON_TRACK,
        "書き方の見本を作っている",
        ("meetings", "searching"),
        (("見本を庁内に配る", 20),),
    ),
    SampleContent(
        "data",
        "空き家の調査結果を、関係課が同じ台帳で見る",
        "税務・建築・環境の各課が別々に持つ一覧を一つにし、問い合わせの往復を減らす",
        InitiativeKind.ADD,
        "",
        "現地に行く前に、どの課からも最新の状況が分かる",
        (Beneficiary.STAFF, Beneficiary.RESIDENTS),
        Phase.IDEA,
        Progress.NOT_APPLICABLE,
        "置き場所と管理する人を決める",
        ("silos", "spreadsheets"),
        (),
        1,
    ),
    SampleContent(
        "phone",
        "よくある問い合わせを、ホームページで調べられるようにする",
        "電話で受ける同じ質問を減らし、窓口に来た人を待たせない",
        InitiativeKind.SUBTRACT,
        "同じ内容の電話応対",
        "",
        (Beneficiary.RESIDENTS, Beneficiary.STAFF),
        Phase.BUILDING,
        Progress.ON_TRACK,
        "質問を100件集めた",
        ("enquiries", "phone"),
        (("質問と答えの公開", 60),),
    ),
)
