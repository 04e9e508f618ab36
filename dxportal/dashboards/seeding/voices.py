"""What staff say in the invented surveys: what burdens which bureau, and in which words."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Promise(NamedTuple):
    """A reply: its words, initiative, days after the results; its date, counted from the end."""

    state: str
    sentence: str
    initiative: str
    days: int
    until: int
    #: Whose head answers for it where the initiative has nobody.
    owner: str = ""


#: Weight of each theme everywhere; what is left out is rare.
COMMON: Final[Mapping[str, float]] = {
    "double_entry": 20,
    "paper": 18,
    "enquiries": 13,
    "searching": 15,
    "spreadsheets": 14,
    "meetings": 11,
    "hard_systems": 6,
    "phone": 3.5,
    "internal_requests": 4,
    "approvals": 3.5,
    "network": 2,
    "unused_tools": 1,
    "training": 1.2,
    "staffing": 4,
    "rules": 0.7,
    "silos": 1.5,
    "handover": 2,
    "hard_to_say": 1,
    "other": 0.6,
    "none": 4,
}
#: What weighs more in a bureau than elsewhere.
HEAVIER: Final[Mapping[str, Mapping[str, float]]] = {
    "市長公室": {"meetings": 3.5, "internal_requests": 3, "double_entry": 0.4, "enquiries": 0.3},
    "総務部": {"paper": 2.2, "approvals": 2.5, "spreadsheets": 1.6, "enquiries": 0.2},
    "税務部": {"double_entry": 2.8, "paper": 1.6, "searching": 0.5, "meetings": 0.3},
    "市民部": {"double_entry": 2.4, "enquiries": 3.2, "meetings": 0.3, "searching": 0.6},
    "環境部": {"phone": 3, "enquiries": 2, "spreadsheets": 1.3},
    "健康福祉部": {"double_entry": 3, "paper": 1.7, "staffing": 2, "meetings": 0.5},
    "こども部": {"double_entry": 2.2, "paper": 2, "handover": 2, "spreadsheets": 1.5},
    "産業部": {"spreadsheets": 2.4, "searching": 1.6, "enquiries": 0.5},
    "都市建設部": {"searching": 2.6, "paper": 1.7, "phone": 2, "double_entry": 0.5},
    "上下水道部": {"searching": 1.8, "hard_systems": 2.4, "paper": 1.4},
    "教育委員会事務局": {"paper": 2.2, "internal_requests": 2.4, "network": 3, "enquiries": 0.4},
    "行政委員会等": {"meetings": 2.5, "paper": 2, "double_entry": 0.5},
}
#: Q2 「具体的にどの業務で、何が起きていますか」, by theme.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "double_entry": (
        "申請書の内容を、受付簿とシステムと集計表の三か所に入力しています。",
        "住所の変更があると、四つの画面を順に開いて直しています。",
        "紙で受けたものを表計算に写し、そこからまたシステムに入れています。",
        "同じ世帯の情報を、制度ごとに聞き取って入力しています。",
    ),
    "paper": (
        "押印のためだけに別の階へ書類を運んでいます。",
        "供覧が一周するのに一週間かかります。",
        "支払いの書類を印刷して押印し、また読み取って保存しています。",
    ),
    "enquiries": (
        "必要な持ち物を尋ねる電話が朝から続きます。",
        "窓口で待っている方に、同じ説明を一日に何十回もしています。",
        "制度の締切前は問い合わせの電話で手続が止まります。",
    ),
    "searching": (
        "前の年の資料が個人の端末にあり、探すのに半日かかりました。",
        "共有フォルダーの階層が深く、最新の図面がどれか分かりません。",
        "経緯を知っている人が異動すると、だれにも聞けません。",
    ),
    "spreadsheets": (
        "各課から集めた表の形がばらばらで、直してから集計しています。",
        "毎月の報告のために、同じ数字を別の様式に書き写しています。",
        "最新版のファイルがどれか分からなくなり、作り直しました。",
    ),
    "meetings": (
        "説明のための資料を、相手ごとに作り直しています。",
        "目的が分からないまま集まる会議があります。",
        "会議録をまとめるのに会議の倍の時間がかかります。",
    ),
    "hard_systems": (
        "画面の切り替えに時間がかかり、窓口でお待たせしています。",
        "入力の途中で止まり、最初からやり直すことがあります。",
    ),
    "phone": ("不在の職員あての電話を何度も取り次いでいます。",),
    "internal_requests": (
        "似た内容の照会が、別々の課から違う様式で届きます。",
        "回答の期限が短く、通常の業務を止めて調べています。",
    ),
    "approvals": ("合議先が多く、急ぐ案件でも二週間かかります。",),
    "network": ("回線を切り替えるたびに、資料を移す手続が要ります。",),
    "staffing": ("一人が休むと窓口が回りません。",),
    "handover": ("引継ぎが口頭だけで、春は毎年手探りです。",),
    "training": ("新しい仕組みの使い方を聞ける時間がありません。",),
}
#: Q6 「もし一つやめられるなら」 and Q7 「どうなれば楽になりますか」.
STOP: Final = (
    "同じ内容の資料を相手ごとに作ること",
    "紙の回覧",
    "押印のためだけの出張",
    "月初の集計表の突き合わせ",
    "使われていない報告書の作成",
    "出欠の電話確認",
)
EASIER: Final = (
    "一度入力したら、ほかの画面にも反映されると助かります。",
    "資料の置き場所が一つに決まっていれば探さずに済みます。",
    "よくある質問を、先に見てもらえる仕組みがほしいです。",
    "決裁がどこで止まっているか分かると、急ぐときに相談できます。",
    "様式を全庁でそろえてほしいです。",
)
#: Replies to themes; what is missing is still owed, one is late and two have come due again.
REPLIES: Final[Mapping[str, Promise]] = {
    "double_entry": Promise(
        "do",
        "書かない窓口の対象を福祉の申請まで広げ、同じ内容の入力を来年3月までに一度にします。",
        "書かない窓口（住民異動・証明）",
        9,
        120,
    ),
    "paper": Promise(
        "do",
        "合議の範囲を減らしたうえで電子決裁に一本化し、紙との併用をやめます。",
        "電子決裁システムの導入",
        12,
        60,
        "総務課",
    ),
    "enquiries": Promise(
        "do",
        "必要な持ち物の案内を作り直し、混雑状況と合わせて市のサイトに出します。",
        "窓口混雑状況の見える化",
        16,
        75,
        "市民課",
    ),
    "searching": Promise(
        "do",
        "データの置き場台帳を作り、最新のものがどこにあるか分かるようにします。",
        "データの置き場台帳",
        16,
        100,
        "DX推進室",
    ),
    "spreadsheets": Promise(
        "looking",
        "様式をそろえられる報告がどれだけあるか、総務部と財政課で調べています。",
        "",
        23,
        45,
        "財政課",
    ),
    "meetings": Promise(
        "do",
        "会議の案内に目的と決めることを書き、会議録は自動文字起こしに替えます。",
        "会議録の自動文字起こし",
        23,
        30,
        "広報広聴課",
    ),
    "hard_systems": Promise(
        "cannot",
        "標準化で令和8年度末まで画面を変えられないため、端末の入替えで速さを補います。",
        "",
        30,
        -4,
        "DX推進室",
    ),
    "internal_requests": Promise(
        "do",
        "照会を一つの一覧で受け、同じ内容を二度聞かないようにします。",
        "庁内照会の一覧化",
        30,
        -12,
        "政策企画課",
    ),
    "staffing": Promise(
        "cannot",
        "今年度の増員はできないため、封入と発送の外部委託で繁忙期の手間を減らします。",
        "通知書の封入と発送の外部委託",
        34,
        120,
        "人事課",
    ),
    "phone": Promise(
        "looking",
        "取り次ぎの多い課で一週間の件数を数え、自動の振り分けができるか調べています。",
        "",
        34,
        0,
        "総務課",
    ),
}
