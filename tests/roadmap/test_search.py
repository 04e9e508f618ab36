"""Folding: whatever the spelling, both sides meet."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from roadmap import migrations
from roadmap.models import Initiative, Theme
from roadmap.search import fold, fold_all, key, keys
from roadmap.variants import VARIANTS
from tests.roadmap.board import town
from tests.roadmap.test_initiative_list import made

WORDS = st.lists(
    st.text(alphabet="市民課税務窓口高崎辺沢国広浜斉学会かなカナー・ABcd12 ｱｲ０", min_size=1),
    min_size=1,
    max_size=4,
)
#: Ways to write the same: each keeps what is meant.
WRITTEN_SO = {
    "ー": "－‐-ｰ–−",
    "高": "髙",
    "崎": "﨑",
    "辺": "邊邉",
    "沢": "澤",
    "国": "國",
    "広": "廣",
    "浜": "濱濵",
    "斉": "齊斎齋",
    "学": "學",
    "会": "會",
    "カ": "ｶか",
    "ナ": "ﾅな",
    "A": "ａＡa",
    "1": "１",
}


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """A text and another spelling of it, with spaces put in or left out."""
    text = " ".join(draw(WORDS))
    other = "".join(draw(st.sampled_from([letter, *WRITTEN_SO.get(letter, "")])) for letter in text)
    return text, other


@given(spellings())
def test_both_spellings_have_one_key(pair: tuple[str, str]) -> None:
    text, other = pair
    assert key(text) == key(other)


@given(spellings())
def test_a_query_finds_the_text_however_both_are_written(pair: tuple[str, str]) -> None:
    text, other = pair
    searched = fold_all(["前の文", text])
    assert all(word in searched for _raw, word in keys(other))


@given(st.text())
def test_key_is_idempotent_and_has_no_spaces(text: str) -> None:
    assert key(key(text)) == key(text)
    assert not any(letter.isspace() for letter in key(text))


@given(st.text(alphabet=sorted(VARIANTS)))
def test_variants_are_never_written_as_variants(text: str) -> None:
    assert not set(key(text)) & VARIANTS.keys()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("サーバー", "サーバの更新"),
        ("サーバ", "サーバーの更新"),
        ("ｻｰﾊﾞｰ", "サーバの更新"),
        ("バイオリン", "ヴァイオリン教室"),
        ("ヴァーチャル", "バーチャル窓口"),
        ("高崎", "髙﨑市との共同調達"),
        ("斎藤", "齊藤課長"),
        ("渡辺", "渡邉"),
        ("国保", "國保の資格確認"),
        ("霞ヶ関", "霞ケ関"),
        ("e-Tax", "ｅ－Ｔａｘの案内"),
        ("マイナンバーカード", "マイナンバー・カード"),
        ("市民課", "市 民 課"),
        ("窓口 電子", "電子化した窓口"),
    ],
)
def test_spelling_finds(query: str, text: str) -> None:
    assert all(word in key(text) for _raw, word in keys(query))


def test_a_word_is_not_put_together_from_two_fields() -> None:
    assert key("課税") not in fold_all(["市民課", "税務課"])


def test_short_words_keep_their_stroke() -> None:
    assert keys("キー") == [("キー", "きー")]
    assert keys("ー ・") == [("ー", "ー")]


def test_fold_stays_as_the_codebook_knows_it() -> None:
    assert fold("ＤＸ　カード ヴ") == "dx かーど ゔ"


@pytest.mark.django_db
def test_migration_writes_the_searched_text_as_an_edit_would() -> None:
    (path,) = Path(migrations.__path__[0]).glob("*_search_text.py")
    migration = import_module(f"roadmap.migrations.{path.stem}")
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    initiative = made(
        place, "髙﨑 市とのサ－バ－共同調達", purpose="ヴァーチャル・窓口", themes=(theme.pk,)
    )
    wanted = initiative.search_text
    Initiative.objects.filter(pk=initiative.pk).update(search_text=fold(initiative.title))
    migration.refill(apps, SimpleNamespace(connection=connection))
    initiative.refresh_from_db()
    assert initiative.search_text == wanted
    assert wanted.startswith("高崎市とのさーばー共同調達 ばーちゃる窓口 市民課")
