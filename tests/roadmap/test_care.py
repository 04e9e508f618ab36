"""Nobody left behind: the rule in Python and SQL, the queue, the lines, the warning, the page."""

import itertools
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from roadmap.actions.initiatives import fields_of
from roadmap.choices import Phase, Progress
from roadmap.completeness import MANDATORY, cares_for_all, cares_sql
from roadmap.listing import lacking_care, listed, not_asked_yet
from roadmap.models import Initiative
from tests import factories
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db
PAGE = reverse("roadmap:care_list")


def test_rule_agrees_in_python_sql_and_the_list():
    place = town()
    texts = ("", "あり")
    for replaces, alternative, support, safeguard in itertools.product(
        (None, True, False), texts, texts, texts
    ):
        factories.initiative(
            place.municipality,
            lead=place.section,
            replaces_channel=replaces,
            alternative=alternative,
            support=support,
            safeguard=safeguard,
        )
    rows = Initiative.objects.raw(
        f"SELECT i.*, {cares_sql('i')} AS cares FROM roadmap_initiative i"
    )
    expected = {
        row.pk: cares_for_all(
            replaces=row.replaces_channel,
            alternative=row.alternative,
            support=row.support,
            safeguard=row.safeguard,
        )
        for row in rows
    }
    assert {row.pk: row.cares for row in rows} == expected
    lacking = lacking_care(listed(place.office, timezone.localdate()))
    assert {row.pk for row in lacking} == {pk for pk, cares in expected.items() if not cares}
    assert len(lacking) == 3


def test_only_what_replaces_a_channel_has_to_name_another_way():
    facts = {"alternative": "", "support": "", "safeguard": ""}
    assert cares_for_all(replaces=None, **facts)
    assert cares_for_all(replaces=False, **facts)
    assert not cares_for_all(replaces=True, **{**facts, "alternative": "窓口"})
    assert cares_for_all(replaces=True, **{**facts, "safeguard": "以前に書いた手当"})


def test_queue_of_missing_fields_says_what_is_missing():
    place = town()
    initiative = made(place, "電子申請", replaces_channel=True)
    client = signed_in(place.office)
    page = client.get(reverse("roadmap:initiative_list") + "?queue=incomplete").content.decode()
    assert "電子申請" in page
    detail = client.get(initiative.get_absolute_url())
    assert detail.context["row"].missing == ["alternatives"]
    assert str(MANDATORY["alternatives"]) in detail.content.decode()


def test_whoever_reports_writes_the_lines_and_the_other_sees_a_conflict():
    place = town()
    initiative = made(place, "電子申請", safeguard="窓口を残す")
    page = reverse("roadmap:initiative_care", args=[initiative.pk])
    head, office = signed_in(place.head), signed_in(place.office)
    sent = {
        "version": initiative.version,
        "replaces_channel": "True",
        "replaced_channel": "紙の申請書",
        "alternative": "窓口で一緒に入力する",
        "support": "総合案内、来年3月まで",
    }
    assert head.post(page, sent).status_code == 302
    kept = fields_of(Initiative.objects.get())
    assert (kept.replaces_channel, kept.support) == (True, "総合案内、来年3月まで")
    assert kept.safeguard == "窓口を残す"
    other = office.post(page, {**sent, "support": "推進員"})
    assert other.status_code == 409
    assert "総合案内、来年3月まで" in other.content.decode()
    assert signed_in(place.employee).get(page).status_code == 403


def test_former_question_stands_in_the_form_only_where_it_was_answered():
    place = town()
    old, new = made(place, "前から", safeguard="窓口を残す"), made(place, "新しい")
    client = signed_in(place.office)
    edit = "/initiatives/{}/edit/"
    assert 'name="safeguard"' in client.get(edit.format(old.pk)).content.decode()
    assert 'name="safeguard"' not in client.get(edit.format(new.pk)).content.decode()


def test_going_live_without_another_way_is_told_and_not_refused():
    place = town()
    initiative = made(place, "電子申請", replaces_channel=True)
    client = signed_in(place.office)
    sent = {"phase": Phase.LIVE, "progress": Progress.ON_TRACK, "note": "予定どおり"}
    url = reverse("roadmap:initiative_status", args=[initiative.pk])
    answer = client.post(url, sent, follow=True)
    assert initiative.updates.order_by("-id").first().phase == Phase.LIVE
    assert re.search(r"代わりの手段|Another way, or help", answer.content.decode())


def test_page_lists_what_lacks_and_what_nobody_answered():
    place = town()
    made(place, "足りない", replaces_channel=True)
    made(place, "まだ", beneficiaries=("residents",))
    made(place, "そろう", replaces_channel=True, alternative="窓口", support="案内")
    stopped = made(place, "やめた", replaces_channel=True)
    factories.Update.objects.create(
        initiative=stopped, phase=Phase.STOPPED, reported_on=timezone.localdate()
    )
    found = signed_in(place.head).get(PAGE).context
    assert [row.initiative.title for row in found["lacking"]] == ["足りない"]
    assert [row.initiative.title for row in found["unanswered"]] == ["まだ"]
    rows = not_asked_yet(listed(place.office, timezone.localdate()))
    assert [row.title for row in rows] == ["まだ"]


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_database_the_same_number_of_times(number, django_assert_num_queries):
    place = town()
    for _ in range(number):
        made(place, f"足りない{_}", replaces_channel=True)
        made(place, f"まだ{_}", beneficiaries=("residents",))
    client = signed_in(place.office)
    client.get(PAGE)
    with django_assert_num_queries(21):
        client.get(PAGE)
