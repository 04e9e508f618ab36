"""The pages of peers: whose size, who is marked, in which words, at which cost."""

import csv
import html
import io
import re
from typing import Any

import plotly.graph_objects as go
import pytest
from django.test import Client
from django.urls import reverse

from dxportal.accounts.choices import Role, SizeBand
from dxportal.accounts.models import Municipality
from dxportal.dashboards import peer_figures, published
from dxportal.dashboards.peer_figures import Dot
from tests import factories

pytestmark = pytest.mark.django_db
LIST, SIZES, FILE = "/peers/", "/peers/sizes/", "/peers/municipalities.csv"
#: No municipality's place in a row is told, in either language.
ORDERED = re.compile(r"順位|位|ランキング|rank|\d+\s*番|No\.\s*\d|top", re.IGNORECASE)


def town(code: str, name: str, band: SizeBand = SizeBand.CITY_50K) -> Municipality:
    """A municipality with a code of the list of codes, or an invented one."""
    made = factories.municipality(name, staircase=False)
    made.code, made.size_band = code, band
    made.save()
    return made


def opened(client: Client, path: str = LIST) -> str:
    """What the page says, without markup."""
    page = client.get(path)
    assert page.status_code == 200
    text = page.content.decode().split("<main", 1)[1].split("</footer>", 1)[0]
    text = re.sub(r"<template.*?</template>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def table(client: Client, path: str, number: int) -> list[list[str]]:
    """The cells of a table of the page."""
    found = re.findall(r"<table.*?</table>", client.get(path).content.decode(), flags=re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", found[number], flags=re.DOTALL)
    return [
        [
            " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.DOTALL)
        ]
        for row in rows
    ]


@pytest.fixture
def sanjo(client: Client) -> Client:
    """Somebody of 三条市, whose 32 procedures stand at 70 % in a size with a median of 43 %."""
    client.force_login(factories.user(town("152048", "三条市")))
    return client


@pytest.fixture
def mihon(client: Client) -> Client:
    """Somebody of the invented 見本市."""
    client.force_login(factories.user(town("999997", "見本市")))
    return client


def test_own_municipality_is_found_by_its_code_and_marked(sanjo: Client) -> None:
    text = opened(sanjo)
    assert "市（5万〜10万人）：240自治体の公開データ" in text
    assert "印を付けた自治体：自団体（新潟県 三条市）" in text
    assert "同じ規模の240自治体の半数が43%以上です。自団体は70%で、中央値より高い値です。" in text
    assert table(sanjo, LIST, 2) == [
        ["数字", "値"],
        ["自団体", "70%"],
        ["最も低い値", "15%"],
        ["4分の1がこの値以下", "35%"],
        ["中央値", "43%"],
        ["4分の1がこの値以上", "50%"],
        ["最も高い値", "73%"],
        ["値のある自治体", "240"],
        ["値のない自治体", "0"],
    ]
    assert table(sanjo, LIST, 3)[3] == [
        "全体方針策定",
        "していない",
        "70.7%（169/239） ほかに調査無し1自治体",
    ]


def test_invented_municipality_sees_its_size_and_is_told_why_it_is_not_marked(
    mihon: Client,
) -> None:
    text = opened(mihon)
    assert "見本市（コード 999997）は公開データにないため、自団体の値は出ません。" in text
    assert "市（5万〜10万人）：240自治体の公開データ" in text
    assert "自団体は" not in text
    assert "町村（5千人未満）：290自治体" in opened(mihon, f"{LIST}?band=town_small")


def test_size_of_the_census_wins_over_the_settings(client: Client) -> None:
    client.force_login(factories.user(town("152048", "三条市", SizeBand.TOWN_5K)))
    text = opened(client)
    assert "市（5万〜10万人）：240自治体" in text
    assert "自治体の設定では「町村（5千〜1万人）」です。" in text


def test_nobody_is_marked_in_another_size(sanjo: Client) -> None:
    text = opened(sanjo, f"{LIST}?band=ward")
    assert "特別区：23自治体の公開データ" in text
    assert "新潟県 三条市は別の規模（市（5万〜10万人））なので、ここでは印を付けません。" in text
    assert "自団体は" not in text


def test_municipality_is_chosen_by_code_or_by_a_name_that_only_it_has(mihon: Client) -> None:
    for query in ("code=342084", "q=府中市 広島", "q=342084", "q=34208&band=ward"):
        text = opened(mihon, f"{LIST}?{query}")
        assert "印を付けた自治体：府中市（広島県 府中市）" in text, query
        assert "自団体の値は出ません" not in text


def test_names_of_several_are_offered_with_their_prefectures(mihon: Client) -> None:
    page = mihon.get(LIST, {"q": "府中市"}).content.decode()
    assert "府中市（東京都）" in page
    assert "府中市（広島県）" in page
    assert 'href="/peers/?code=132063"' in page
    assert "当たる自治体はありません" in opened(mihon, f"{LIST}?q=<b>架空</b>")
    assert "ほかに159件あります" in opened(mihon, f"{LIST}?q=北海道")


@pytest.mark.parametrize("query", ["band=x&code=y", "code=011003", "code=%00", "band=", "q=%F0"])
def test_what_is_not_known_is_ignored(sanjo: Client, query: str) -> None:
    assert "印を付けた自治体：自団体" in opened(sanjo, f"{LIST}?{query}")


def test_not_surveyed_is_neither_yes_nor_no(client: Client) -> None:
    client.force_login(factories.user(town("172049", "輪島市", SizeBand.CITY_SMALL)))
    text = opened(client)
    assert "自団体の推進体制は調査無しです。していないという意味ではありません。" in text
    rows = table(client, LIST, 3)[1:]
    assert [row[1] for row in rows] == ["調査無し"] * 7
    assert rows[0][2] == "72.3%（209/289） ほかに調査無し2自治体"
    assert {row[1] for row in table(client, LIST, 4)[1:]} <= {"している", "していない"}


def test_percentage_that_is_not_there_is_told_as_such(client: Client) -> None:
    client.force_login(factories.user(town("104264", "草津町", SizeBand.TOWN_5K)))
    assert "自団体の値はありません。" in opened(client)
    assert table(client, LIST, 2)[1] == ["自団体", "–"]
    assert table(client, LIST, 2)[-1] == ["値のない自治体", "1"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_page_puts_municipalities_in_an_order_of_merit(sanjo: Client, language: str) -> None:
    sanjo.cookies["django_language"] = language
    pages = [f"{LIST}?band={band}" for band in SizeBand.values]
    for path in (*pages, f"{LIST}?code=131121", SIZES):
        found = [ORDERED.findall(opened(sanjo, path))]
        assert found == [[]], path
    whole = sanjo.get(LIST).content.decode().split("<main", 1)[1]
    assert ORDERED.search(re.sub(r"<[^>]+>|&\w+;", " ", whole)) is None


def test_what_the_figures_do_not_tell_and_their_origin_stand_on_the_page(sanjo: Client) -> None:
    text = opened(sanjo)
    assert "二つの関係の強さは−0.10〜+0.21です" in text
    assert published.SOURCE_URL in text
    assert published.COPY in text
    for words in ("令和5年度の調査", "2024年7月12日", "2026年1月30日", "CC BY 4.0"):
        assert words in text
    assert "出典：デジタル庁「自治体DXの取組に関するダッシュボード」" in opened(sanjo, SIZES)


def test_sizes_stand_beside_each_other_with_the_own_one_marked(sanjo: Client) -> None:
    medians, shares = table(sanjo, SIZES, 0), table(sanjo, SIZES, 1)
    assert len(medians) == len(shares) == 13
    assert medians[5] == ["市（5万〜10万人） 選んだ規模", "240", "74%", "100%", "43%"]
    assert shares[5][1:] == [
        "76.2",
        "51.0",
        "70.7",
        "74.9",
        "38.9",
        "94.6",
        "80.8",
        "79.6",
        "68.8",
        "75.8",
    ]
    assert medians[12] == ["全体", "1,741", "74%", "100%", "30%"]
    assert "市（10万〜15万人） 選んだ規模" in opened(sanjo, f"{SIZES}?band=city_100k")


def test_file_holds_the_size_with_words_for_answers_and_nothing_for_no_value(
    client: Client,
) -> None:
    client.force_login(factories.user(town("172049", "輪島市", SizeBand.CITY_SMALL)))
    response = client.get(reverse("dashboards:peer_export"), {"band": "city_small"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 291
    own = next(row for row in rows if row["団体コード"] == "172049")
    assert (own["自治体"], own["CIOの任命"], own["よく使う32手続のオンライン化状況"]) == (
        "輪島市",
        "調査無し",
        "47",
    )
    assert "filename" in response["Content-Disposition"]
    towns = client.get(reverse("dashboards:peer_export"), {"band": "town_5k"}).content.decode()
    (kusatsu,) = (line for line in towns.splitlines() if "草津町" in line)
    assert kusatsu.endswith(',""')


@pytest.mark.parametrize(("path", "cost"), [(LIST, 6), (SIZES, 6), (FILE, 5)])
@pytest.mark.parametrize("band", ["designated", "city_small"])
def test_pages_ask_the_database_for_nothing_of_their_own(
    sanjo: Client, path: str, cost: int, band: str, django_assert_num_queries: Any
) -> None:
    """Person, scope (three statements), roles and, but for the file, unread notices."""
    sanjo.get(path)
    with django_assert_num_queries(cost):
        sanjo.get(path, {"band": band})


def test_dashboard_leads_to_the_page(client: Client) -> None:
    place = factories.municipality("青空市")
    client.force_login(factories.user(place, role=Role.CDO))
    page = client.get(reverse("dashboards:dashboard")).content.decode()
    assert page.count(f'href="{LIST}"') == 3, "two menus and the page itself"


# The picture ------------------------------------------------------------------------------------
def test_figure_draws_peers_hollow_the_chosen_one_filled_and_the_median() -> None:
    dots = [Dot("東京都 府中市", 31, -0.25), Dot("広島県 府中市", 90, 0.1234)]
    chosen = Dot("新潟県 三条市", 70, 0.4)
    figure = go.Figure(peer_figures.dot_figure(dots, median=43, chosen=chosen, who="自団体"))
    others, own = figure.data
    assert (list(others.x), list(others.y)) == ([31, 90], [-0.25, 0.123])
    assert list(others.text) == ["東京都 府中市 31%", "広島県 府中市 90%"]
    assert others.marker.symbol == "circle-open"
    assert (list(own.x), list(own.y), own.name, own.marker.symbol) == (
        [70],
        [0],
        "自団体",
        "circle",
    )
    assert own.marker.size > others.marker.size
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (43, 43)
    assert [(a.x, a.text) for a in figure.layout.annotations] == [
        (70, "自団体 70%"),
        (43, "中央値 43%"),
    ]
    assert {trace.hoverinfo for trace in figure.data} == {"text"}


def test_figure_without_anybody_and_without_values() -> None:
    figure = go.Figure(peer_figures.dot_figure([], median=None, chosen=None, who=""))
    assert len(figure.data) == 1
    assert not figure.layout.shapes
    assert not figure.layout.annotations


@pytest.mark.parametrize(("percent", "anchor"), [(0, "left"), (50, "center"), (100, "right")])
def test_words_near_an_end_run_inwards(percent: int, anchor: str) -> None:
    figure = go.Figure(peer_figures.dot_figure([], median=percent, chosen=None, who=""))
    assert figure.layout.annotations[0].xanchor == anchor
