"""The pages of the staircase's versions: from a draft to its day, conflicts, undo, what is said."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import Event
from roadmap.actions import staircase_applying as applying
from roadmap.actions import staircase_versions as actions
from roadmap.models import Criterion, InitiativeCriterion, Stage
from tests import factories
from tests.roadmap.staircases import Place, assert_living_is_in_force, place, values_of

pytestmark = pytest.mark.django_db

SURVEY = {"source": "survey", "question": "P2"}
LIST_QUERIES, DETAIL_QUERIES, CHANGES_QUERIES = 7, 13, 14


@pytest.fixture
def here() -> Place:
    return place()


@pytest.fixture
def office(here) -> Client:
    client = Client()
    client.force_login(here.office)
    return client


def url(name, *args):
    return reverse(f"roadmap:staircase_{name}", args=args)


def sent(line, **changes):
    """What the browser sends for a criterion."""
    values = values_of(line, **changes)
    threshold = values.pop("threshold")
    values |= {name: threshold.get(name, "") for name in ("firm", "partly", "started")}
    return {key: value for key, value in values.items() if value is not False}


def offered(response):
    """Criteria that the form of an initiative lets choose."""
    groups = response.context["form"].fields["criteria"].choices
    return [pk for _group, rows in groups for pk, _words in rows]


def undo_url(response):
    """The address of the way back that the next page offers."""
    found = re.search(
        r'action="([^"]+put-back[^"]*)"[^>]*>.*?元に戻す', response.content.decode(), re.S
    )
    assert found
    return found[1]


def test_the_office_takes_a_draft_to_its_day_in_the_browser(here, office):
    begun = office.post(url("begin"), follow=True)
    draft = begun.context["version"]
    assert office.post(url("begin")).headers["Location"] == draft.get_absolute_url()
    line = here.line(draft, "T1-1")
    edit = url("criterion_edit", draft.pk, line.pk)
    data = {**sent(line, text="職員が住民の声を聞いて業務を変えている"), "version": draft.version}
    refused = office.post(edit, data)
    assert refused.status_code == 422
    assert "same" in refused.context["form"].errors
    saved = office.post(edit, {**data, "same": "new"}, follow=True)
    assert saved.redirect_chain[-1][0].endswith(f"#criterion-{line.pk}")
    assert "新しい問い" in saved.content.decode()
    form = office.get(edit).context["form"]
    assert form["same"].value() == "new"

    added = office.post(
        url("criterion_create", draft.pk),
        {**sent(here.line(draft, "T1-5"), code="t1-7", text="増えた問い")},
        follow=True,
    )
    assert "T1-7 を下書きに加えました" in added.content.decode()
    changes = office.get(url("changes", draft.pk))
    kinds = {group.kind: len(group.lines) for group in changes.context["groups"]}
    assert kinds == {"added": 1, "replaced": 1}

    plan = url("plan", draft.pk)
    page = office.get(plan)
    day = page.context["day"]
    assert (day.month, day.day, page.context["at_once"]) == (4, 1, False)
    today = timezone.localdate()
    now = office.get(plan, {"valid_from": f"{today:%Y-%m-%d}"})
    assert now.context["at_once"]
    body = {"valid_from": f"{today:%Y-%m-%d}", "version": now.context["version"].version}
    done = office.post(plan, body, follow=True)
    assert "今日から適用しました" in done.content.decode()
    assert_living_is_in_force(here.municipality, today)
    assert here.criterion("T1-7").text == "増えた問い"


def test_a_planned_version_is_cancelled_and_a_draft_withdrawn(here, office):
    draft = here.draft()
    later = "2099-04-01"
    page = office.post(url("plan", draft.pk), {"valid_from": later, "version": draft.version})
    assert page.status_code == 302
    planned = office.get(draft.get_absolute_url())
    assert planned.context["state"] == "planned"
    assert "criterion_edit" not in planned.content.decode()
    for name in ("edit", "plan", "withdraw", "criterion_create"):
        assert office.get(url(name, draft.pk)).status_code == 409
    assert (
        "下書きに戻しました" in office.post(url("cancel", draft.pk), follow=True).content.decode()
    )
    fresh = here.draft()
    assert fresh.pk == draft.pk
    old = office.post(url("withdraw", draft.pk), {"version": fresh.version - 1})
    assert old.status_code == 409
    office.post(url("withdraw", draft.pk), {"version": fresh.version})
    assert not here.versions.drafts().exists()
    applied = here.versions.get(applied=True)
    assert office.post(url("cancel", applied.pk)).status_code == 409


def test_days_that_do_not_fit_are_said_in_words(here, office):
    draft = here.draft()
    past = office.get(url("plan", draft.pk), {"valid_from": "2020-04-01"})
    assert past.status_code == 422
    assert "今日か、それより後の日" in past.content.decode()
    wrong = office.get(url("plan", draft.pk), {"valid_from": "あした"})
    assert wrong.status_code == 422
    sent_back = office.post(
        url("plan", draft.pk), {"valid_from": "2020-04-01", "version": draft.version}
    )
    assert sent_back.status_code == 422
    assert here.draft().is_draft


def test_a_step_out_of_reach_is_warned_about_and_needs_a_tick(here, office):
    draft = here.draft()
    for code in ("T1-1", "T1-2", "T1-3"):
        line = here.line(draft, code)
        values = values_of(line, mandatory=False)
        actions.change_criterion(line, values=values, by=here.office)
    version = here.draft().version
    assert "どの部署も到達できません" in office.get(draft.get_absolute_url()).content.decode()
    body = {"valid_from": "2099-04-01", "version": version}
    refused = office.post(url("plan", draft.pk), body)
    assert refused.status_code == 422
    assert "confirmed" in refused.context["form"].errors
    assert office.post(url("plan", draft.pk), {**body, "confirmed": "on"}).status_code == 302


def test_taking_out_offers_the_way_back(here, office):
    draft = here.draft()
    line = here.line(draft, "T1-5")
    out = url("criterion_take_out", draft.pk, line.pk)
    page = office.post(out, {"version": draft.version}, follow=True)
    assert [row.code for row in page.context["taken_out"]] == ["T1-5"]
    back = office.post(undo_url(page), follow=True)
    assert back.context["taken_out"] == []
    again = office.post(url("criterion_put_back", draft.pk, "T1-5"), follow=True)
    assert "別の基準が使っています" in again.content.decode()


def test_two_editors_see_each_other(here, office):
    draft = here.draft()
    line = here.line(draft, "T1-1")
    first = office.get(url("criterion_edit", draft.pk, line.pk)).context["version"].version
    other = values_of(line, text=f"{line.text}（先）")
    actions.change_criterion(line, values=other, by=here.office)
    mine = {**sent(line, text=f"{line.text}（後）"), "version": first}
    conflict = office.post(url("criterion_edit", draft.pk, line.pk), mine)
    assert conflict.status_code == 409
    html = conflict.content.decode()
    assert "（先）" in html
    assert "（後）" in html
    now = conflict.context["version"].version
    assert office.post(url("criterion_edit", draft.pk, line.pk), {**mine, "version": now})
    assert here.line(here.draft(), "T1-1").text.endswith("（後）")
    names = {f"name_{s.pk}": s.name for s in Stage.objects.filter(municipality=here.municipality)}
    body = {"label": "次", "note": "", "version": first, **names}
    assert office.post(url("edit", draft.pk), body).status_code == 409
    moved = url("criterion_move", draft.pk, line.pk)
    assert office.post(moved, {"version": first, "to": "down"}).status_code == 409
    actions.take_out(here.line(here.draft(), "T1-1"), by=here.office)
    gone = office.post(url("criterion_edit", draft.pk, line.pk), mine)
    assert gone.status_code == 404


def test_names_are_saved_and_a_name_of_a_version_stands_once(here, office):
    draft = here.draft()
    stages = list(Stage.objects.visible_to(here.office))
    names = {f"name_{stage.pk}": stage.name for stage in stages}
    body = {"note": "なぜ", "version": draft.version, **names, f"name_{stages[0].pk}": "紙をなくす"}
    refused = office.post(url("edit", draft.pk), {**body, "label": "2026.2"})
    assert refused.status_code == 422
    page = office.post(url("edit", draft.pk), {**body, "label": "令和9年度版"}, follow=True)
    assert "紙をなくす" in page.content.decode()
    stages[0].refresh_from_db()
    assert stages[0].name != "紙をなくす"
    event = Event.objects.get(action=actions.EDITED)
    assert event.after["technology_1"][0] == "紙をなくす"
    assert office.get(reverse("accounts:event_list")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "survey"}, "question"),
        ({"source": "initiative"}, "measure"),
        ({"source": "indicator", "firm": "3", "partly": "2", "started": "1"}, "unit"),
        ({"source": "indicator", "unit": "%"}, "firm"),
        ({**SURVEY, "firm": "100", "partly": "50", "started": "40"}, "firm"),
        ({**SURVEY, "firm": "40", "partly": "50", "started": "60"}, "firm"),
        ({"source": "survey", "question": "P8"}, "question"),
        ({"code": "あ1"}, "code"),
        ({"code": "T1-2"}, "code"),
        ({"text": " "}, "text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field(here, office, changes, field):
    draft = here.draft()
    line = here.line(draft, "T1-1")
    data = {**sent(line), "version": draft.version, "same": "same", **changes}
    page = office.post(url("criterion_edit", draft.pk, line.pk), data)
    assert page.status_code == 422
    assert field in page.context["form"].errors


def test_wide_figures_and_signs_are_read(here, office):
    draft = here.draft()
    line = here.line(draft, "T1-4")
    data = {**sent(line), "firm": "７０％", "partly": "50", "started": "１", "direction": "up"}
    office.post(url("criterion_edit", draft.pk, line.pk), {**data, "version": draft.version})
    assert here.line(draft, "T1-4").threshold["firm"] == "70"


def test_another_question_or_unit_has_to_be_a_new_question(here, office):
    draft = here.draft()
    line = here.line(draft, "T1-4")
    data = {**sent(line, unit="件"), "same": "same", "version": draft.version, "direction": "up"}
    page = office.post(url("criterion_edit", draft.pk, line.pk), data)
    assert "same" in page.context["form"].errors
    office.post(url("criterion_edit", draft.pk, line.pk), {**data, "same": "new"})
    assert here.line(draft, "T1-4").criterion_id is None


def test_the_cdo_reads_and_changes_nothing(here, office):
    draft = here.draft()
    cdo = Client()
    cdo.force_login(here.cdo)
    page = cdo.get(draft.get_absolute_url())
    assert page.status_code == 200
    assert "下書きを取り下げる" not in page.content.decode()
    assert cdo.get(url("changes", draft.pk)).status_code == 200
    assert cdo.post(url("begin")).status_code == 403
    assert cdo.get(url("plan", draft.pk)).status_code == 403
    head = Client()
    head.force_login(here.head)
    assert head.get(url("list")).status_code == 403
    away = Client()
    away.force_login(place("余所市").office)
    assert away.get(draft.get_absolute_url()).status_code == 404
    line = here.line(draft, "T1-1")
    assert away.post(url("criterion_take_out", draft.pk, line.pk)).status_code == 404


def test_an_initiative_keeps_what_is_no_longer_asked_and_says_so(here, office):
    criterion = here.criterion("T1-5")
    initiative = factories.initiative(here.municipality, lead=here.section)
    InitiativeCriterion.objects.create(initiative=initiative, criterion=criterion)
    draft = here.draft()
    actions.take_out(here.line(draft, "T1-5"), by=here.office)
    (group,) = office.get(url("changes", draft.pk)).context["groups"]
    assert group.lines[0].linked == 1
    today = timezone.localdate()
    applying.plan_version(here.draft(), valid_from=today, by=here.office, today=today)
    assert Criterion.objects.get(pk=criterion.pk).retired
    shown = office.get(initiative.get_absolute_url()).content.decode()
    assert "いまはたずねていません" in shown
    edit = office.get(reverse("roadmap:initiative_edit", args=[initiative.pk]))
    offered = [
        pk for _group, rows in edit.context["form"].fields["criteria"].choices for pk, _ in rows
    ]
    assert criterion.pk in offered
    new = office.get(reverse("roadmap:initiative_create"))
    offered = [
        pk for _group, rows in new.context["form"].fields["criteria"].choices for pk, _ in rows
    ]
    assert criterion.pk not in offered
    assert len(offered) == 36


def test_lists_take_a_fixed_number_of_queries(here, office, django_assert_num_queries):
    url_list = url("list")
    office.get(url_list)
    with django_assert_num_queries(LIST_QUERIES):
        office.get(url_list)
    draft = here.draft()
    for day in ("2098-04-01", "2099-04-01"):
        when = timezone.datetime.fromisoformat(day).date()
        applying.plan_version(
            here.draft(), valid_from=when, by=here.office, today=timezone.localdate()
        )
    draft = here.draft()
    with django_assert_num_queries(LIST_QUERIES):
        office.get(url_list)
    with django_assert_num_queries(DETAIL_QUERIES):
        office.get(draft.get_absolute_url())
    with django_assert_num_queries(CHANGES_QUERIES):
        office.get(url("changes", draft.pk))
    for code in ("T1-1", "T1-2", "C3-5"):
        actions.take_out(here.line(draft, code), by=here.office)
    with django_assert_num_queries(DETAIL_QUERIES):
        office.get(draft.get_absolute_url())
    with django_assert_num_queries(CHANGES_QUERIES):
        office.get(url("changes", draft.pk))


def test_the_outlook_is_a_page_and_a_part(here, office):
    draft = here.draft()
    page = office.get(url("outlook", draft.pk))
    assert "<html" in page.content.decode()
    part = office.get(url("outlook", draft.pk), headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="staircase-outlook">')
    assert office.get(url("outlook", here.versions.get(applied=True).pk)).status_code == 404
