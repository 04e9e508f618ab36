"""The 19 themes of the pain survey; the seven chosen most often stand first."""

from roadmap.content.shape import ThemeContent

#: Order and wording are fixed and the same for everybody: people compare screens.
_COMMON = (
    ("double_entry", "同じ内容を、何度も入力する", "Entering the same thing again and again"),
    ("paper", "紙やハンコで回覧・決裁する", "Passing round paper and seals"),
    ("enquiries", "電話や窓口で、同じことを聞かれる", "Answering the same questions over and over"),
    ("searching", "情報がどこにあるか分からない", "Not knowing where information is"),
    ("spreadsheets", "Excelの集計・転記", "Collecting and copying in spreadsheets"),
    ("meetings", "会議や資料づくり", "Meetings and papers for them"),
    ("hard_systems", "システムが遅い・使いにくい", "Slow or awkward systems"),
)
_MORE = (
    ("phone", "電話での連絡・取り次ぎ", "Phone calls and passing them on"),
    ("internal_requests", "庁内の照会・調査もの", "Internal enquiries and surveys"),
    ("approvals", "決裁・合議に時間がかかる", "Approvals and consultation take long"),
    ("network", "端末・回線・ネットワークの切替", "Switching devices, lines and networks"),
    ("unused_tools", "入れたのに使われていない道具", "Tools that were bought and are not used"),
    ("training", "マニュアルや研修が足りない", "Too few manuals and too little training"),
    ("staffing", "人手が足りない", "Too few people"),
    ("rules", "法令や様式の制約", "Limits set by law and by forms"),
    ("silos", "担当が不明・縦割り", "Unclear responsibility, silos"),
    ("handover", "引継ぎ・異動", "Handover and transfers"),
    ("hard_to_say", "言い出しにくい", "Hard to speak up"),
    ("other", "このほか", "Something else"),
)

THEMES: tuple[ThemeContent, ...] = tuple(
    ThemeContent(code, label_ja, label_en, order, common=order <= len(_COMMON))
    for order, (code, label_ja, label_en) in enumerate((*_COMMON, *_MORE), start=1)
)
