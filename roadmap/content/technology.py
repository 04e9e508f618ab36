"""The 22 criteria of the technology staircase (version 2026.2)."""

from roadmap.choices import CriterionSource, InitiativeMeasure
from roadmap.content.shape import CriterionContent, criterion

TECHNOLOGY: tuple[CriterionContent, ...] = (
    criterion(
        "T1-1",
        text_ja="所管の主な帳票・手続の一覧があり、紙で受け・紙で保管しているものが分かる",
        text_en="A list of the main forms and procedures shows which are received or kept on paper",
        help_ja="一覧の文書名と、紙で受けるもの・紙で保管するものの件数を書いてください。",
        help_en=(
            "Name the list, and give the number received on paper and the number kept on paper."
        ),
        mandatory=True,
    ),
    criterion(
        "T1-2",
        text_ja="業務の記録は個人の端末ではなく、部署で決めた保管先（文書管理・DB）に入る",
        text_en=(
            "Records of work go to the place that the department agreed on, not to personal devices"
        ),
        help_ja="最近の記録を10件抜き取り、決めた保管先に入っていた件数を書いてください。",
        help_en="Take ten recent records and give the number found in the agreed place.",
        mandatory=True,
    ),
    criterion(
        "T1-3",
        text_ja="日常の連絡・相談は記録が残る手段が基本で、電話・口頭は例外になっている",
        text_en=(
            "Everyday messages use a means that leaves a "
            "record; phone and word of mouth are exceptions"
        ),
        help_ja=(
            "風土アンケートの「連絡・検討は後から見られる形で残る」に、"
            "6割以上の人がその通りと答えたとき、到達です（手では入力できません）。"
        ),
        help_en=(
            "Met when 60 % or more of the staff agree with P8 "
            "of the staff survey. It cannot be typed in."
        ),
        mandatory=True,
        source=CriterionSource.SURVEY,
        question="P8",
    ),
    criterion(
        "T1-4",
        text_ja="住民・事業者の手続の6割以上が、実際にオンラインで行われている（利用率）",
        text_en=(
            "60 % or more of what residents and businesses apply for is really done online (use)"
        ),
        help_ja=(
            "所管の手続全体について、1年間の申請件数のうちオンラインで行われた割合です。"
            "受け付けられる割合（導入）ではありません。所管の手続がない部署は入力しません。"
        ),
        help_en=(
            "Of all applications of a year in the department's procedures, the share made online. "
            "Not the share that could be. Departments without procedures enter nothing."
        ),
        source=CriterionSource.INDICATOR,
        threshold={"firm": "60", "partly": "30", "started": "1", "direction": "up"},
        unit="%",
    ),
    criterion(
        "T1-5",
        text_ja="デジタル化の際に手順を減らした記録がある",
        text_en="There is a record of steps cut when work was digitised",
        help_ja="減らす前と後の、手順の数か時間を書いてください。",
        help_en="Give the number of steps or the time, before and after.",
    ),
    criterion(
        "T1-6",
        text_ja="同じ情報を二度入力している業務を把握し、減らす予定がある",
        text_en=(
            "Work in which the same data is entered twice is "
            "known, and there is a plan to reduce it"
        ),
        help_ja="二度入力している業務の一覧と、減らす時期を書いてください。",
        help_en="Name the list of such work and the date by which it will be reduced.",
    ),
    criterion(
        "T2-1",
        text_ja="主なデータごとに、「正」とする置き場と管理する人が台帳に載っている",
        text_en="A register names the one master place and the keeper of each main set of data",
        help_ja="台帳の文書名と、載っているデータの数を書いてください。管理する人は職名でかまいません。",
        help_en="Name the register and the number of data sets in it. The keeper may be a post.",
        mandatory=True,
    ),
    criterion(
        "T2-2",
        text_ja="定例の情報のやり取り上位3件で、ファイルを送るのをやめ、「見に来てもらう」形にした",
        text_en=(
            "For the three most frequent exchanges, people "
            "come and look instead of being sent files"
        ),
        help_ja=(
            "3件の名前と、見に来てもらう場所を書いてください。"
            "1件なら「着手」、2件なら「一部で実施」です。"
        ),
        help_en=(
            "Name the three and where people look. One is “started”, two are “partly in place”."
        ),
        mandatory=True,
    ),
    criterion(
        "T2-3",
        text_ja="公開／庁内共有／限定管理（個人情報・入札・未決定・法令）の区分が付いている",
        text_en=(
            "Data is marked as public, shared inside, or "
            "restricted (personal, bids, undecided, by law)"
        ),
        help_ja="区分を付けた一覧の文書名と、付けた割合を書いてください。",
        help_en="Name the list that carries the marks and give the share of data that is marked.",
        mandatory=True,
    ),
    criterion(
        "T2-4",
        text_ja="システムの更新・調達の仕様に、データの書き出し（できれば読み込みも）を入れた",
        text_en="Specifications for renewals and purchases ask for export (import, if possible)",
        help_ja="仕様書の名前と、書き出しを求めた箇所を書いてください。",
        help_en="Name the specification and the passage that asks for export.",
    ),
    criterion(
        "T2-5",
        text_ja="オープンデータを公開し、更新した実績がある",
        text_en="Open data has been published and updated",
        help_ja="公開先のURLと、最後に更新した日を書いてください。",
        help_en="Give the address and the date of the latest update.",
    ),
    criterion(
        "T2-6",
        text_ja="庁外の関係機関と同じ画面を見ている",
        text_en="Partners outside the office look at the same screen",
        help_ja="相手の機関と、いっしょに見ている画面や台帳の名前を書いてください。",
        help_en="Name the partner and the screen or register that both look at.",
    ),
    criterion(
        "T3-1",
        text_ja="所管の課題について、答えたい問いと使うデータを書面にしている",
        text_en=(
            "The questions to be answered about the department’"
            "s issues, and the data for them, are in writing"
        ),
        help_ja="問いと使うデータを書いた文書の名前を書いてください。",
        help_en="Name the document with the questions and the data.",
        mandatory=True,
    ),
    criterion(
        "T3-2",
        text_ja="この1年に、分析を根拠に業務の大きな改善・事業見直し・予算要求を行った",
        text_en=(
            "Within a year, an analysis led to a major improvement, a review or a budget request"
        ),
        help_ja=(
            "1件以上あれば到達です。改善・見直し・予算要求"
            "の名前と、根拠にした分析を書いてください。"
        ),
        help_en=(
            "One is enough. Name the improvement, review or request and the analysis behind it."
        ),
        mandatory=True,
    ),
    criterion(
        "T3-3",
        text_ja="指標が手集計でなく共有データから更新される",
        text_en="Indicators are updated from shared data, not counted by hand",
        help_ja="指標の名前と、元になる共有データの置き場を書いてください。",
        help_en="Name the indicators and the place of the shared data behind them.",
        mandatory=True,
    ),
    criterion(
        "T3-4",
        text_ja="実施の前と後を比べた",
        text_en="Before and after were compared",
        help_ja="比べた指標と、前後の値、測った日を書いてください。",
        help_en="Give the indicator, both values and the dates of measurement.",
    ),
    criterion(
        "T3-5",
        text_ja="分析できる職員が2人以上いる",
        text_en="At least two members of staff can analyse data",
        help_ja="人数と、それぞれが行った分析の例を書いてください。氏名はいりません。",
        help_en="Give the number and an example each. Names are not needed.",
    ),
    criterion(
        "T4-1",
        text_ja="以前は提供できなかった価値を、人数を示して提供している",
        text_en=(
            "Value that could not be offered before is offered, with the number of people reached"
        ),
        help_ja="新しくできるようになったことと、受け取った人数、数えた期間を書いてください。",
        help_en="Say what is newly possible, how many people received it, and over what period.",
        mandatory=True,
    ),
    criterion(
        "T4-2",
        text_ja="利用者の評価を取り、それに基づく改善を2回以上行った",
        text_en="Users were asked to judge it, and at least two improvements followed",
        help_ja="評価を取った方法と、改善した点を2つ以上、日付とともに書いてください。",
        help_en="Say how users were asked, and give two or more improvements with dates.",
        mandatory=True,
    ),
    criterion(
        "T4-3",
        text_ja="使えない・使わない人の代替手段と支援がある",
        text_en="There is another way, and help, for people who cannot or do not use it",
        help_ja="代わりの手段と支援する人を書いてください。案内している場所も添えてください。",
        help_en="Name the other way, who helps, and where people are told about it.",
        mandatory=True,
    ),
    criterion(
        "T4-4",
        text_ja="新しいやり方に置き換えた、前の業務や帳票をやめた（3件以上）",
        text_en="The old work or forms that it replaced have ended (three or more)",
        help_ja=(
            "取組の記録から決まります。主管する取組のうち、何をやめたかを書いて「中止」にした件数です。"
            "1件なら「着手」、2件なら「一部で実施」です。"
        ),
        help_en=(
            "Taken from the initiatives that the department leads: how many were stopped with a "
            "word on what ended. One is “started”, two are “partly in place”."
        ),
        source=CriterionSource.INITIATIVE,
        measure=InitiativeMeasure.STOPPED,
    ),
    criterion(
        "T4-5",
        text_ja="ほかの部署・自治体に広げた",
        text_en="It has spread to other departments or municipalities",
        help_ja="広げた先の名前と、使い始めた日を書いてください。",
        help_en="Name where it spread to, and the date from which it is used.",
    ),
)
