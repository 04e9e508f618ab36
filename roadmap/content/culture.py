"""The 15 criteria of the culture staircase (version 2026.2)."""

from roadmap.choices import CriterionSource, InitiativeMeasure
from roadmap.content.shape import CriterionContent, criterion

CULTURE: tuple[CriterionContent, ...] = (
    criterion(
        "C1-1",
        text_ja="「気になることを上司や同僚に言える」と答えた職員が6割以上いる",
        text_en=(
            "60 % or more of the staff say that they can "
            "raise concerns with superiors and colleagues"
        ),
        help_ja=(
            "風土アンケートの「気になることや反対意見を言える」で決まります（手では入力できません）。"
            "回答が少ない部署は、上の部署の値で示します。"
        ),
        help_en=(
            "Decided by P1 of the staff survey; it cannot be typ"
            "ed in. Small units show their parent’s value."
        ),
        mandatory=True,
        source=CriterionSource.SURVEY,
        question="P1",
    ),
    criterion(
        "C1-2",
        text_ja="「打合せの目的が最初に共有される」と答えた職員が6割以上いる",
        text_en="60 % or more of the staff say that the purpose of a meeting is shared first",
        help_ja=(
            "風土アンケートの「打合せの目的が最初に共有される」で決まります（手では入力できません）。"
            "回答が少ない部署は、上の部署の値で示します。"
        ),
        help_en=(
            "Decided by P3 of the staff survey; it cannot be typ"
            "ed in. Small units show their parent’s value."
        ),
        mandatory=True,
        source=CriterionSource.SURVEY,
        question="P3",
    ),
    criterion(
        "C1-3",
        text_ja="部署の検討が関係者の見える場所（チャット・共有文書）で行われる",
        text_en=(
            "The department deliberates where those concerned can see it (chat, shared documents)"
        ),
        help_ja="最近の検討の実例を3件、場所とともに書いてください。",
        help_en="Give three recent examples and where they can be seen.",
        mandatory=True,
    ),
    criterion(
        "C1-4",
        text_ja="うまくいかなかったことを共有した実例がある",
        text_en="There are examples of sharing what did not go well",
        help_ja="共有した場と、そこから変えた点を書いてください。個人名はいりません。",
        help_en="Say where it was shared and what changed. Names are not needed.",
        question="P2",
    ),
    criterion(
        "C1-5",
        text_ja="決める人と決め方（リスク・コスト・効果）が分かる",
        text_en="It is known who decides and how (risk, cost, effect)",
        help_ja="決裁権者と判断の観点が書かれた文書か、最近の実例を書いてください。",
        help_en="Name a document that says who decides and on what grounds, or a recent example.",
        question="P4",
    ),
    criterion(
        "C2-1",
        text_ja="「働き方（時間・場所・休み）を安心して選べる」と答えた職員が6割以上いる",
        text_en=(
            "60 % or more of the staff say that they can "
            "choose hours, place and leave without worry"
        ),
        help_ja=(
            "風土アンケートの「働き方を気兼ねなく選べる」で決まります（手では入力できません）。"
            "回答が少ない部署は、上の部署の値で示します。"
        ),
        help_en=(
            "Decided by P5 of the staff survey; it cannot be typ"
            "ed in. Small units show their parent’s value."
        ),
        mandatory=True,
        source=CriterionSource.SURVEY,
        question="P5",
    ),
    criterion(
        "C2-2",
        text_ja="過去1年に、利用者（住民または処理する職員）に直接聞いた・観察した記録がある",
        text_en=(
            "Within a year, users (residents, or staff who "
            "process) were asked or observed, on record"
        ),
        help_ja="記録の文書名と、聞いた・観察した日、人数を書いてください。",
        help_en="Name the record, the date, and the number of people asked or observed.",
        mandatory=True,
    ),
    criterion(
        "C2-3",
        text_ja="聞いた結果で変えた点がある",
        text_en="Something was changed because of what users said",
        help_ja="誰の声から、何をどう変えたかを書いてください。",
        help_en="Say whose words led to which change.",
        mandatory=True,
        question="P6",
    ),
    criterion(
        "C2-4",
        text_ja="一人休んでも業務が回る",
        text_en="Work goes on when one person is away",
        help_ja="代わりに担当できる人がいる業務の割合か、手順書の名前を書いてください。",
        help_en="Give the share of work that somebody else can take over, or name the manual.",
    ),
    criterion(
        "C2-5",
        text_ja="サービス設計12箇条の自己点検をした",
        text_en="The twelve principles of service design were used for a self-check",
        help_ja="点検した日と、次に直す項目を書いてください。",
        help_en="Give the date of the check and the points to be mended next.",
    ),
    criterion(
        "C3-1",
        text_ja="困りごと（理想と現実の差）が自部署から継続的に登録される",
        text_en=(
            "Problems (gaps between ideal and reality) keep being registered from the department"
        ),
        help_ja=(
            "この1年に登録のあった期と件数を書いてください。"
            "「問題なし」が2期続いたら確かめてください。"
        ),
        help_en=(
            "Give the periods of the year with entries, and thei"
            "r number. Check after two with “no problem”."
        ),
        mandatory=True,
        question="P7",
    ),
    criterion(
        "C3-2",
        text_ja="登録・対応方針・結果のお返事が一巡した件数と日数を把握し、8割以上にお返事している",
        text_en=(
            "Problems that went from entry to plan to answer, "
            "and the days, are known; 80 % are answered"
        ),
        help_ja="登録した件数、お返事した件数、かかった日数を書いてください。",
        help_en="Give the number registered, the number answered, and the days that it took.",
        mandatory=True,
    ),
    criterion(
        "C3-3",
        text_ja="運用を始めた取組すべてで3か月後に聞き直し、直す・やめるの判断をしている",
        text_en=(
            "Every launched initiative was followed up after "
            "3 months, and mended or ended accordingly"
        ),
        help_ja=(
            "取組の記録から決まります。運用を始めた取組すべてに、"
            "聞き直しの結果とその後の判断があるとき、到達です。"
        ),
        help_en=(
            "Taken from the initiatives: met when every "
            "launched one has a follow-up and a decision on it."
        ),
        mandatory=True,
        source=CriterionSource.INITIATIVE,
        measure=InitiativeMeasure.ASKED_AGAIN,
    ),
    criterion(
        "C3-4",
        text_ja="職員の提案による改善が、正式に採用された",
        text_en="An improvement proposed by staff was adopted for good",
        help_ja="改善の名前と、採用を決めた日を書いてください。",
        help_en="Name the improvement and the date of the decision.",
    ),
    criterion(
        "C3-5",
        text_ja="推進員が調整・支援に使う時間が認められている",
        text_en="Promoters are granted time to coordinate and to help",
        help_ja="認められている時間（週または月）と、それを示す文書を書いてください。",
        help_en="Give the time granted a week or month, and the document that says so.",
    ),
)
