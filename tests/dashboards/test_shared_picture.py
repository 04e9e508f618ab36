"""Shared pictures: what is in them, what never is, who opens them, and that they end for good."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Department, Event, Municipality, User
from dxportal.dashboards.sharing.picture import compose, shown
from dxportal.dashboards.sharing.svg import draw
from dxportal.dashboards.views.open_picture import WRONG_TOKENS
from dxportal.shared.fiscal import month_start
from dxportal.shared.privacy import TokenFilter
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.shared_pictures import (
    MOST,
    publish_picture,
    renew_picture,
    withdraw_picture,
)
from roadmap.models import Criterion, SharedPicture, Stage
from roadmap.rollups import roll_up
from roadmap.sharing import canonical, checksum
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/settings/shared/"
NEW = "/settings/shared/new/"

#: name → (codes firm on technology, culture step); the names that nobody may tie to culture.
TOWN = {
    "市民課": (("T1-1", "T1-2"), 2),
    "税務課": (("T1-1",), 1),
    "福祉課": (("T1-1",), 1),
    "農政課": ((), 2),
    "会計課": (None, None),
}


class World:
    """A municipality whose departments stand on known steps."""

    def __init__(self, name: str = "青空市") -> None:
        """Everything confirmed and counted."""
        self.town = factories.municipality(name)
        self.bureau = factories.department(self.town, "市民部", kind="bureau")
        self.office = factories.user(self.town, role="dx_office", name="事務 局子")
        self.cdo = factories.user(self.town, role="cdo", name="最高 責任")
        self.sections: dict[str, Department] = {}
        for name_of, (technology, culture) in TOWN.items():
            section = factories.department(self.town, name_of, parent=self.bureau)
            self.sections[name_of] = section
            if technology is None:
                continue
            self.confirm(section, "T1-6", 1)
            for code in technology:
                self.confirm(section, code, 3)
            self.culture(section, culture)
        self.count()

    def confirm(self, section: Department, code: str, level: int) -> None:
        criterion = Criterion.objects.get(stage__municipality=self.town, code=code)
        claims = {criterion.pk: Claim(level, "根拠")}
        confirm_criteria(section, claims, by=self.office, on=timezone.localdate())

    def culture(self, section: Department, step: int | None) -> None:
        """Stand on that culture step: every mandatory criterion of those before it is firm."""
        Criterion.objects.filter(
            stage__municipality=self.town, stage__axis="culture", mandatory=True
        ).update(source="declared")
        versions = self.town.staircases.get().criteria.filter(stage__axis="culture", mandatory=True)
        versions.update(source="declared")
        rows = Criterion.objects.filter(stage__municipality=self.town, stage__axis="culture")
        for row in rows.filter(mandatory=True, stage__step__lt=step or 0):
            self.confirm(section, row.code, 3)
        if step:
            row = rows.filter(mandatory=True, stage__step=step)[0]
            self.confirm(section, row.code, 1)

    def count(self) -> None:
        roll_up(self.town.pk, as_of=timezone.localdate(), full=True)

    def content(self, title: str = "秋の階段") -> Any:
        today = timezone.localdate()
        found = compose(self.office, title=title, period=month_start(today), today=today)
        assert found is not None
        return found

    def publish(self, title: str = "秋の階段") -> SharedPicture:
        return publish_picture(self.town, content=self.content(title), by=self.office)


@pytest.fixture
def world() -> World:
    cache.clear()
    return World()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(picture: SharedPicture, kind: str = "") -> str:
    name = f"dashboards:shared_picture{kind and '_'}{kind}"
    return reverse(name, args=[picture.token])


# what is in it ------------------------------------------------------------------------------------
def test_content_has_technology_by_name_and_culture_as_counts(world: World) -> None:
    content = world.content()
    steps = content["technology"]["steps"]
    assert [row["name"] for row in steps[0]["departments"]] == [
        "市民課",
        "税務課",
        "福祉課",
        "農政課",
    ]
    assert content["technology"]["missing"] == [{"name": "会計課", "bureau": "市民部"}]
    assert content["culture"]["counts"] == [2, 2, 0]
    assert content["culture"]["missing"] == 1
    firm = steps[0]["firmness"]
    asked = Criterion.objects.filter(
        stage__municipality=world.town, stage__step=1, code__startswith="T"
    )
    assert firm == {"level_sum": 4 * 1 + 3 * 4, "answered": 8, "total": 5 * asked.count()}
    assert content["staircase"] == world.town.staircases.get().label
    assert content["as_of"] == timezone.localdate().isoformat()


def culture_words(world: World) -> set[str]:
    stages = Stage.objects.filter(municipality=world.town, axis="culture")
    return {word for stage in stages for word in (stage.name, stage.name_en, stage.short) if word}


def test_no_line_of_page_drawing_or_data_ties_a_name_to_culture(world: World) -> None:
    picture = world.publish()
    client, names = Client(), set(TOWN)
    data = json.loads(client.get(address(picture, "json")).content)
    assert not [name for name in names if name in json.dumps(data["culture"], ensure_ascii=False)]
    for row in [r for s in data["technology"]["steps"] for r in s["departments"]]:
        assert set(row) == {"name", "bureau"}
    words = culture_words(world)
    page = client.get(address(picture)).content.decode()
    culture = page[page.index("shared-culture") : page.index("<footer")]
    assert any(word in culture for word in words), "the distribution is on the page"
    assert not [name for name in names if name in culture]
    assert not [word for word in words if word in page[: page.index("shared-culture")]]
    drawing = client.get(address(picture, "svg")).content.decode()
    for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawing):
        assert not (any(n in text for n in names) and any(w in text for w in words)), text


def test_culture_of_one_department_changes_nothing_but_counts(world: World) -> None:
    """Swapping the culture of two departments leaves the very same bytes: nothing tells who."""
    before = canonical(world.content())
    for name, step in (("市民課", 1), ("税務課", 2)):
        world.culture(world.sections[name], step)
    world.count()
    assert canonical(world.content()) == before


def test_no_initiative_and_no_person_is_in_it(world: World) -> None:
    factories.initiative(
        world.town, "秘密の取組", lead=world.sections["市民課"], reported_on=timezone.localdate()
    )
    world.count()
    picture = world.publish()
    for kind in ("", "svg", "json"):
        text = Client().get(address(picture, kind)).content.decode()
        for word in ("秘密の取組", "事務 局子", "最高 責任", "@"):
            assert word not in text, (kind, word)


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        ({"市民課": 2, "税務課": 1, "福祉課": 1, "農政課": 2}, [2, 2, 0]),
        ({"市民課": 2, "税務課": 1, "福祉課": 1, "農政課": 1}, None),
        ({"市民課": 1, "税務課": 1, "福祉課": 1, "農政課": 1}, None),
    ],
)
def test_distribution_that_tells_of_single_departments_is_not_shown(
    steps: dict[str, int], counts: list[int] | None
) -> None:
    TOWN_BEFORE = dict(TOWN)
    try:
        for name, step in steps.items():
            TOWN[name] = (TOWN[name][0], step)
        world = World()
    finally:
        TOWN.update(TOWN_BEFORE)
    picture = world.publish()
    assert picture.content["culture"]["counts"] == counts
    page = Client().get(address(picture)).content.decode()
    drawing = Client().get(address(picture, "svg")).content.decode()
    assert ('class="spread"' in page) == (counts is not None)
    assert ("示しません" in page) == (counts is None)
    if counts is None:
        assert not any(word in drawing for word in culture_words(world))
        assert picture.content["culture"]["missing"] is None


# frozen, renewed, taken back ----------------------------------------------------------------------
def test_published_picture_stays_while_live_numbers_change(world: World) -> None:
    picture = world.publish()
    before = [Client().get(address(picture, kind)).content for kind in ("", "svg", "json")]
    world.confirm(world.sections["会計課"], "T1-1", 3)
    Stage.objects.filter(municipality=world.town, axis="technology").update(name="別の名前")
    world.sections["市民課"].name = "改名した課"
    world.sections["市民課"].save()
    world.count()
    assert [Client().get(address(picture, kind)).content for kind in ("", "svg", "json")] == before
    assert hashlib.sha256(before[2]).hexdigest() == picture.sha256
    assert picture.sha256.encode() in before[0]
    assert picture.sha256.encode() in before[1]
    picture.refresh_from_db()
    assert checksum(picture.content) == picture.sha256


def test_renewing_keeps_the_address_and_says_what_changes(world: World) -> None:
    picture = world.publish()
    world.confirm(world.sections["会計課"], "T1-1", 3)
    world.count()
    client = signed_in(world.cdo)
    url = reverse("dashboards:shared_picture_renew", args=[picture.pk])
    page = client.get(url)
    assert "市民部 会計課：データなし → 1段目。" in page.content.decode()
    seen = page.context["found"].seen
    form = {"title": "秋の階段", "month": f"{timezone.localdate():%Y-%m}", "seen": seen}
    assert "会計課</li>" not in Client().get(address(picture)).content.decode()
    assert client.post(url, {**form, "publish": "1"}).status_code == 302
    renewed = SharedPicture.objects.get()
    assert (renewed.token, renewed.published_by) == (picture.token, world.cdo)
    assert renewed.sha256 != picture.sha256
    assert "<li>会計課</li>" in Client().get(address(picture)).content.decode()
    event = Event.objects.get(action="shared_picture.renewed")
    assert (event.before["sha256"], event.after["sha256"]) == (picture.sha256, renewed.sha256)


def test_nothing_is_published_that_was_not_seen(world: World) -> None:
    client = signed_in(world.office)
    page = client.get(NEW)
    form = {"title": "秋の階段", "month": f"{timezone.localdate():%Y-%m}"}
    world.confirm(world.sections["会計課"], "T1-1", 3)
    world.count()
    late = client.post(NEW, {**form, "seen": page.context["found"].seen, "publish": "1"})
    assert (late.status_code, SharedPicture.objects.count()) == (409, 0)
    assert "<li>会計課</li>" in late.content.decode(), "the newer one is shown to be looked at"
    again = {**form, "seen": late.context["found"].seen}
    assert client.post(NEW, {**again, "preview": "1"}).status_code == 200
    assert SharedPicture.objects.count() == 0
    assert client.post(NEW, {**again, "publish": "1"}).status_code == 302
    assert SharedPicture.objects.get().title == "秋の階段"
    assert client.post(NEW, {**again, "title": "", "publish": "1"}).status_code == 422


def test_withdrawing_empties_it_for_good(world: World) -> None:
    picture = world.publish()
    client = signed_in(world.cdo)
    url = reverse("dashboards:shared_picture_withdraw", args=[picture.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 302
    picture.refresh_from_db()
    assert (picture.content, picture.withdrawn_by) == ({}, world.cdo)
    for kind in ("", "svg", "json"):
        gone = Client().get(address(picture, kind))
        assert gone.status_code == 410
        assert "この図の共有は終わりました" in gone.content.decode()
        assert "市民課" not in gone.content.decode()
    assert client.post(url).status_code == 302
    assert Event.objects.filter(action="shared_picture.withdrawn").count() == 1
    renew = reverse("dashboards:shared_picture_renew", args=[picture.pk])
    assert client.get(renew).status_code == 404
    assert not withdraw_picture(picture, by=world.cdo)
    with pytest.raises(Exception, match="共有"):
        renew_picture(picture, content=world.content(), by=world.cdo)


def test_several_may_be_open_but_not_without_end(world: World) -> None:
    content = world.content()
    made = [publish_picture(world.town, content=content, by=world.office) for _n in range(MOST)]
    assert len({picture.token for picture in made}) == MOST
    page = signed_in(world.office).get(NEW)
    form = {"title": "もう1枚", "month": f"{timezone.localdate():%Y-%m}", "publish": "1"}
    refused = signed_in(world.office).post(NEW, {**form, "seen": page.context["found"].seen})
    assert refused.status_code == 422
    withdraw_picture(made[0], by=world.office)
    assert publish_picture(world.town, content=content, by=world.office).pk


def test_trail_has_every_act_and_never_the_address(world: World) -> None:
    picture = world.publish()
    renew_picture(picture, content=world.content("冬の階段"), by=world.cdo)
    withdraw_picture(picture, by=world.cdo)
    events = list(Event.objects.filter(object_type="sharedpicture").order_by("id"))
    assert [event.action for event in events] == [
        "shared_picture.published",
        "shared_picture.renewed",
        "shared_picture.withdrawn",
    ]
    told = json.dumps([[e.before, e.after, e.object_label] for e in events], ensure_ascii=False)
    assert picture.token not in told
    assert "市民課" not in told


# who opens it -------------------------------------------------------------------------------------
def test_open_page_needs_no_one_sets_no_cookie_and_leads_nowhere(world: World) -> None:
    picture = world.publish()
    for kind in ("", "svg", "json"):
        client = Client()
        response = client.get(address(picture, kind))
        assert response.status_code == 200
        assert not response.cookies
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
    page = Client().get(address(picture)).content.decode()
    assert '<meta name="robots" content="noindex' in page
    assert "<script" not in page
    assert "<form" not in page
    leads = set(re.findall(r'<a [^>]*href="([^"]+)"', page))
    inside = {url for url in leads if not url.startswith(("#", "?", "/shared/"))}
    assert inside == {"/", "/about/"}, "signing in, and the licence with the source"
    drawing = Client().get(address(picture, "svg")).content.decode()
    assert "href" not in drawing
    assert "style=" not in drawing


def test_page_speaks_the_language_that_is_asked_for(world: World) -> None:
    picture = world.publish()
    page = Client().get(address(picture), {"lang": "en"})
    assert page["Content-Language"] == "en"
    assert 'lang="en"' in page.content.decode()[:200]
    stage = Stage.objects.get(municipality=world.town, axis="technology", step=1)
    assert stage.name_en in page.content.decode()
    assert Client().get(address(picture), {"lang": "xx"})["Content-Language"] == "ja"


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 44, "あ" * 43])
def test_unknown_address_is_not_found(world: World, token: str) -> None:
    world.publish()
    for kind in ("", ".svg", ".json"):
        path = f"/shared/{token}{kind}" + ("" if kind else "/")
        response = Client().get(path)
        assert response.status_code == 404
        assert not response.cookies


def test_many_wrong_addresses_are_told_to_wait_and_the_right_one_never_is(world: World) -> None:
    picture = world.publish()
    wrong = [Client().get(f"/shared/{'B' * 43}/").status_code for _n in range(WRONG_TOKENS + 2)]
    assert wrong == [404] * WRONG_TOKENS + [429] * 2
    assert Client().get(address(picture)).status_code == 200


def test_list_is_for_cdo_and_office_of_the_same_municipality(world: World) -> None:
    picture = world.publish()
    for role in ("head", "auditor", "admin", "employee", "promoter"):
        stranger = factories.user(world.town, role=role, of=world.sections["市民課"])
        response = signed_in(stranger).get(LIST)
        assert response.status_code == 403
        assert picture.token not in response.content.decode()
    away = World("余所市")
    page = signed_in(away.office).get(LIST).content.decode()
    assert picture.token not in page
    for name in ("renew", "withdraw"):
        url = reverse(f"dashboards:shared_picture_{name}", args=[picture.pk])
        assert signed_in(away.cdo).post(url).status_code == 404
    picture.refresh_from_db()
    assert picture.withdrawn_at is None
    assert signed_in(away.office).get(address(picture)).status_code == 200, (
        "whoever has the address"
    )


def test_list_gives_the_whole_address_to_copy(world: World, settings: Any) -> None:
    settings.SITE_URL = "https://dx.example"
    picture = world.publish()
    page = signed_in(world.office).get(LIST).content.decode()
    assert f'value="https://dx.example{address(picture)}"' in page
    assert f'value="https://dx.example{address(picture, "svg")}"' in page
    withdraw_picture(picture, by=world.office)
    after = signed_in(world.office).get(LIST).content.decode()
    assert picture.token not in after
    assert picture.title in after


def test_list_takes_the_same_queries_whatever_is_shared(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.office)
    for _round in range(2):
        world.publish()
        withdraw_picture(world.publish(), by=world.cdo)
        with django_assert_num_queries(7):
            client.get(LIST)
        world.publish()


def test_preview_takes_the_same_queries_whatever_the_size(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.office)
    for _round in range(2):
        with django_assert_num_queries(17):
            client.get(NEW)
        for _n in range(3):
            factories.department(world.town, parent=world.bureau)
        world.count()


def test_uncounted_municipality_has_nothing_to_share() -> None:
    town = factories.municipality("白紙市")
    client = signed_in(factories.user(town, role="dx_office"))
    page = client.get(NEW)
    assert page.status_code == 200
    assert "まだ数えていません" in page.content.decode() or page.context["found"] is None
    assert client.post(NEW, {"publish": "1", "title": "x", "month": "2026-01"}).status_code == 422
    assert SharedPicture.objects.count() == 0


def test_address_is_masked_in_log_lines() -> None:
    path = f"/shared/{'C' * 43}/"
    line = logging.LogRecord("django.request", logging.ERROR, "", 1, "Gone: %s", (path,), None)
    TokenFilter().filter(line)
    assert line.getMessage() == "Gone: /shared/-/"


# the drawing --------------------------------------------------------------------------------------
def big_town(sections: int) -> tuple[Municipality, User]:
    """Many departments with the longest names that a chart of ours has."""
    town = factories.municipality("長い名前の市")
    office = factories.user(town, role="dx_office")
    criterion = Criterion.objects.get(stage__municipality=town, code="T1-1")
    bureaus = [
        factories.department(town, f"第{n}まちづくり推進部", kind="bureau") for n in range(6)
    ]
    for number in range(sections):
        name = f"第{number}地域包括支援センター連携推進室"
        section = factories.department(town, name, parent=bureaus[number % 6])
        if number % 10:
            claims = {criterion.pk: Claim(1, "根拠")}
            confirm_criteria(section, claims, by=office, on=timezone.localdate())
    roll_up(town.pk, as_of=timezone.localdate(), full=True)
    return town, office


def test_drawing_keeps_every_word_inside_and_counts_what_does_not_fit() -> None:
    town, office = big_town(60)
    today = timezone.localdate()
    content = compose(office, title="階段" * 20, period=month_start(today), today=today)
    assert content is not None
    picture = shown(content)
    drawing = draw(picture)
    first = drawing.treads[0]
    assert first.names[0].y > 74, "no name is above the title"
    hidden = re.search(r"\d+", first.names[-1].text)
    assert hidden is not None
    assert int(hidden[0]) + len(first.names) - 1 == picture.steps[0].count
    made = publish_picture(town, content=content, by=office)
    root = ET.fromstring(Client().get(address(made, "svg")).content)  # noqa: S314 - our own bytes
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "階段" * 20  # type: ignore[union-attr]
    assert root.find(f"{space}desc").text == picture.finding  # type: ignore[union-attr]
    texts = root.findall(f".//{space}text")
    assert all(0 < float(t.get("y", "0")) < drawing.height for t in texts)


@pytest.mark.django_db(transaction=True)
def test_page_prints_on_one_sheet(
    page: Page, sign_in: Callable[[Any], None], live_server: Any
) -> None:
    town, office = big_town(60)
    today = timezone.localdate()
    content = compose(office, title="DX階段", period=month_start(today), today=today)
    assert content is not None
    made = publish_picture(town, content=content, by=office)
    page.goto(address(made))
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert page.context.cookies() == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1280
