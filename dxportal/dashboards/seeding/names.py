"""Invented but plausible names: the organisation of a city of 90,000, and its people."""

from typing import Final

MUNICIPALITY: Final = "見本市"

#: Bureau, and its sections in the order of the organisation chart.
BUREAUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("市長公室", ("秘書課", "政策企画課", "広報広聴課", "DX推進室")),
    ("総務部", ("総務課", "人事課", "財政課", "契約検査課", "管財課", "危機管理課")),
    ("税務部", ("市民税課", "資産税課", "収納課")),
    ("市民部", ("市民課", "保険年金課", "市民協働課", "文化国際課", "東支所", "西支所")),
    ("環境部", ("環境政策課", "ごみ減量推進課", "環境センター")),
    (
        "健康福祉部",
        (
            "福祉総務課",
            "生活福祉課",
            "障がい福祉課",
            "高齢福祉課",
            "介護保険課",
            "健康推進課",
            "地域医療課",
        ),
    ),
    ("こども部", ("子育て支援課", "保育課", "こども家庭センター", "青少年課")),
    ("産業部", ("商工観光課", "農政課", "農地整備課", "企業誘致室")),
    (
        "都市建設部",
        (
            "都市計画課",
            "建築指導課",
            "道路管理課",
            "道路整備課",
            "公園緑地課",
            "住宅課",
            "河川課",
        ),
    ),
    ("上下水道部", ("経営総務課", "水道工務課", "下水道課", "浄水センター")),
    (
        "教育委員会事務局",
        (
            "教育総務課",
            "学校教育課",
            "生涯学習課",
            "スポーツ振興課",
            "文化財課",
            "中央図書館",
            "学校給食センター",
        ),
    ),
    ("行政委員会等", ("会計課", "議会事務局", "選挙管理委員会事務局", "農業委員会事務局")),
)
#: Sections that every seed has, however small: where the named accounts work.
HOME: Final = "市民課"
OFFICE: Final = "DX推進室"
#: A section that begins late, so that it stands on no staircase yet.
NEW_SECTION: Final = ("総務部", "新庁舎整備準備室")

#: Sizes that everybody in a town hall would expect.
TYPICAL: Final = {
    HOME: 22,
    OFFICE: 8,
    NEW_SECTION[1]: 4,
    "秘書課": 6,
    "広報広聴課": 9,
    "保険年金課": 27,
    "生活福祉課": 24,
    "保育課": 40,
    "環境センター": 18,
    "中央図書館": 19,
    "学校給食センター": 16,
    "企業誘致室": 4,
    "会計課": 6,
    "議会事務局": 7,
    "選挙管理委員会事務局": 3,
    "農業委員会事務局": 5,
}

#: Staff who work without an account: drivers, cooks, part-time people at the counter.
WITHOUT_ACCOUNT: Final = {HOME: 3, "管財課": 4, "環境センター": 11, "学校給食センター": 14}

_TITLES: Final = (
    ("中央図書館", "図書館長"),
    ("こども家庭センター", "所長"),
    ("学校給食センター", "所長"),
    ("環境センター", "所長"),
    ("浄水センター", "所長"),
    ("支所", "支所長"),
    ("事務局", "事務局長"),
    ("室", "室長"),
)


def head_title(section: str) -> str:
    """What the head of a section is called: 市民課長, DX推進室長, 東支所長."""
    for ending, title in _TITLES:
        if section.endswith(ending):
            stem = section if title == "所長" else section.removesuffix(ending)
            return f"{stem}{title}"
    return f"{section.removesuffix('課')}課長" if section.endswith("課") else f"{section}長"


def bureau_title(bureau: str) -> str:
    """What the head of a bureau is called: 市民部長, 市長公室長."""
    return "行政委員会等統括監" if bureau.endswith("等") else f"{bureau}長"


_SURNAMES = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上
木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田
長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原
中野 三浦 原田 中川 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田
酒井 宮崎 横山 高木 安藤 宮本 大野 小島 谷口 今井 工藤 高田 増田 丸山 杉山 村田
大塚 新井 小山 平野 藤本 河野 上野 野口 武田 松井 千葉 菅原 岩崎 久保 木下 佐野
野村 菊地 渡部
"""
_GIVEN_NAMES = """
陽子 健一 美咲 大輔 直美 拓也 由美 翔太 恵子 誠 彩 隆 真由美 和也 智子 浩二
久美子 亮 裕子 剛 麻衣 徹 香織 学 千尋 修 奈々 秀樹 舞 淳 典子 康平
愛 洋介 幸子 悠斗 明美 雄一 沙織 哲也 遥 正樹 亜希子 達也 里奈 聡 洋子 俊介
玲奈 博 瑞穂 慎太郎 祥子 圭 早紀 伸一 文香 孝之 友美 光 純子 航 美穂 英明
葵 智也 紀子 進 朋子 優太
"""
SURNAMES: Final = tuple(_SURNAMES.split())
GIVEN_NAMES: Final = tuple(_GIVEN_NAMES.split())
