"""Write the text that is searched in anew: variants of letters, hyphens, no spaces inside words."""

import unicodedata

from django.db import migrations

CHUNK = 500
#: The folding of roadmap.search as of this migration, which imports none of our code.
KATAKANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
STROKES = {**dict.fromkeys(map(ord, "-‐‑‒–—―−─━ｰ〜~"), "ー"), **dict.fromkeys(map(ord, "・･·"), "")}
GROUPS = """
    高髙 崎﨑嵜碕 辺邊邉 斉齊斎齋 沢澤 国國圀 広廣 浜濱濵 島嶋嶌㠀 富冨 桜櫻
    渋澁澀 滝瀧 竜龍 関關 塩鹽 芦蘆 条條 静靜 実實 恵惠 徳德 学學 会會 区區
    県縣 庁廳廰 号號 図圖 戸戶 体體 医醫 児兒 寿壽 寝寢 将將 岳嶽 峰峯 円圓
    亜亞 栄榮 営營 衛衞 駅驛 応應 桧檜 覚覺 楽樂 観觀 気氣 帰歸 旧舊 挙擧
    暁曉 経經 軽輕 継繼 検檢 権權 険險 験驗 厳嚴 効效 済濟 剤劑 蔵藏 雑雜
    参參 蚕蠶 残殘 辞辭 収收 従從 渉涉 焼燒 証證 乗乘 浄淨 触觸 真眞 尽盡
    瀬瀨 声聲 摂攝 戦戰 専專 銭錢 双雙 総總 騒騷 増增 属屬 続續 対對 帯帶
    台臺 択擇 単單 団團 断斷 遅遲 昼晝 虫蟲 鉄鐵 点點 転轉 伝傳 当當 党黨
    灯燈 独獨 読讀 届屆 弐貳 悩惱 脳腦 発發 髪髮 抜拔 蛮蠻 秘祕 瓶甁 払拂
    仏佛 並竝 変變 弁辨瓣辯 歩步 宝寶 豊豐 翻飜 毎每 万萬 満滿 黙默 弥彌
    訳譯 薬藥 与與 予豫 余餘 様樣 来來 頼賴 覧覽 両兩 緑綠 塁壘 礼禮 霊靈
    齢齡 歴歷 恋戀 労勞 郎郞 録錄 湾灣 巌巖 吉𠮷 土圡 橋槗 館舘 窓窗 船舩
    鉱鑛 価價 画畫 拡擴 殻殼 勧勸 顔顏 既旣 教敎 強强 郷鄕 即卽 研硏 戻戾
    黒黑 産產 清淸 説說 絶絕 巣巢 税稅 脱脫 内內
"""
VARIANTS = {ord(other): group[0] for group in GROUPS.split() for other in group[1:]}
SOUNDS = (("ゔぁ", "ば"), ("ゔぃ", "び"), ("ゔぇ", "べ"), ("ゔぉ", "ぼ"), ("ゔゅ", "びゅ"))
SINGLE = {ord("ゔ"): "ぶ", ord("ゕ"): "か", ord("ゖ"): "け"}


def _key(text):
    plain = unicodedata.normalize("NFKC", text).lower().translate(KATAKANA)
    plain = "".join(plain.translate({**VARIANTS, **STROKES}).split())
    for sound, other in SOUNDS:
        plain = plain.replace(sound, other)
    return plain.translate(SINGLE)


def _names(rows):
    found = {}
    for pk, name in rows:
        found.setdefault(pk, []).append(name)
    return found


def refill(apps, schema_editor):
    alias = schema_editor.connection.alias
    initiatives = apps.get_model("roadmap", "Initiative").objects.using(alias)
    parts = apps.get_model("roadmap", "InitiativeDepartment").objects.using(alias)
    themes = apps.get_model("roadmap", "InitiativeTheme").objects.using(alias)
    keys = list(initiatives.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        chosen = parts.filter(initiative_id__in=chunk).order_by("pk")
        departments = _names(chosen.values_list("initiative_id", "department__name"))
        linked = themes.filter(initiative_id__in=chunk).order_by("pk")
        labels = _names(linked.values_list("initiative_id", "theme__label"))
        rows = list(initiatives.filter(pk__in=chunk))
        for row in rows:
            names = (*departments.get(row.pk, ()), *labels.get(row.pk, ()))
            texts = dict.fromkeys((row.title, row.purpose, *names))
            row.search_text = " ".join(found for found in map(_key, texts) if found)
        initiatives.bulk_update(rows, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0008_handover")]

    operations = [migrations.RunPython(refill, migrations.RunPython.noop, elidable=True)]
