"""Promoters: terms, one role only, asking heads, pasted lines, and who is told of an end."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.actions.promoters import (
    NotAPromoter,
    PromoterAlready,
    Term,
    add_promoter,
    ask_for_promoter,
    change_promoter,
    remove_promoter,
    tell_all_ending,
)
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox, RoleGrant
from dxportal.accounts.promoter_lines import chosen_of, read_lines
from dxportal.accounts.promoting import (
    Cover,
    a_year_more,
    counted,
    cover,
    ends_soon,
    ends_with_the_year,
    year_end,
)
from tests import factories

TODAY = dt.date(2026, 3, 10)
LIST = reverse("dashboards:promoter_list")


# Meaning ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("valid_to", "soon"),
    [
        (None, False),
        (dt.date(2026, 3, 10), False),  # the last day was yesterday
        (dt.date(2026, 3, 11), True),  # today is the last day
        (dt.date(2026, 4, 10), True),  # 30 days left
        (dt.date(2026, 4, 11), False),
    ],
)
def test_term_ends_soon_within_thirty_days(valid_to, soon):
    assert ends_soon(valid_to, TODAY) is soon


def test_one_term_that_goes_on_covers_a_section():
    end = dt.date(2026, 4, 1)
    assert cover([], TODAY) == Cover.NONE
    assert cover([end], TODAY) == Cover.ENDING
    assert cover([end, None], TODAY) == Cover.HELPED
    found = counted([Cover.NONE, Cover.ENDING, Cover.HELPED])
    assert (found.sections, found.helped, found.ending, found.without) == (3, 2, 1, 1)


def test_the_year_ends_on_31_march():
    assert ends_with_the_year(dt.date(2026, 4, 1))
    assert not ends_with_the_year(dt.date(2026, 3, 31))
    assert year_end(dt.date(2026, 3, 31)) == dt.date(2026, 3, 31)
    assert year_end(dt.date(2026, 4, 1)) == dt.date(2027, 3, 31)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_a_year_more_is_the_same_day_but_for_a_leap_day(day):
    later = a_year_more(day)
    assert later.year == day.year + 1
    assert (later.month, later.day) == (
        (day.month, day.day) if (day.month, day.day) != (2, 29) else (3, 1)
    )


def test_lines_are_read_with_dates_words_and_hours():
    text = (
        "部署\tメール\n"
        "市民課\tA@mihon.example\tR8.4.1\t2027/3/31\t推薦\t週１．５時間\n"
        "税務課,b@mihon.example\n"
        "\n"
        "福祉課\tc@mihon.example\t2026/4/1\t2026/3/1\n"
        "だれか\n"
        "水道課\td@mihon.example\t\t\tくじ\tたくさん\n"
        "建設課\te@mihon.example\t\t\tくじ\t30分"
    )
    first, second, third, fourth, fifth, sixth = read_lines(text, TODAY)
    assert (first.section, first.email, first.valid_from, first.last) == (
        "市民課",
        "a@mihon.example",
        dt.date(2026, 4, 1),
        dt.date(2027, 3, 31),
    )
    assert (first.chosen, first.minutes, first.how) == ("recommended", 90, "")
    assert (second.valid_from, second.last, second.number) == (TODAY, dt.date(2026, 3, 31), 3)
    assert third.problem
    assert fourth.problem
    assert fifth.problem
    assert (sixth.chosen, sixth.how, sixth.minutes) == ("", "くじ", 30)
    assert chosen_of("立候補") == "volunteered"


# Actions ----------------------------------------------------------------------------------------
@pytest.fixture
def town():
    cache.clear()
    return factories.municipality("見本市", staircase=False)


@pytest.fixture
def office(town):
    return factories.user(town, role=Role.DX_OFFICE, name="事務 局")


def term(start=TODAY, end=dt.date(2026, 4, 1), **more) -> Term:
    return Term(start, end, **more)


@pytest.mark.django_db
def test_promoter_is_added_with_how_and_time_and_only_that_role(town, office):
    section = factories.department(town, "市民課")
    person = factories.user(town, of=section)
    added = add_promoter(
        person, section, term=term(chosen="rotation", how="くじ", minutes=120), by=office
    )
    assert (added.role, added.chosen, added.how, added.minutes) == (
        Role.PROMOTER,
        "rotation",
        "くじ",
        120,
    )
    event = Event.objects.get(action="role.granted")
    assert (event.actor_id, event.after["minutes"]) == (office.pk, 120)
    with pytest.raises(PromoterAlready):
        add_promoter(person, section, term=term(end=None), by=office)
    add_promoter(person, section, term=term(dt.date(2026, 4, 1), None), by=office)
    assert RoleGrant.objects.count() == 3  # the office's own role, and two terms


@pytest.mark.django_db
def test_other_roles_cannot_be_changed_or_removed_this_way(town, office):
    head = factories.user(town, of=factories.department(town), role=Role.HEAD)
    grant = head.grants.get()
    with pytest.raises(NotAPromoter):
        change_promoter(grant, term=term(), by=office)
    with pytest.raises(NotAPromoter):
        remove_promoter(grant, by=office)
    client = Client()
    client.force_login(office)
    for name in ("edit", "extend", "remove"):
        assert client.post(reverse(f"accounts:promoter_{name}", args=[grant.pk])).status_code == 404
    assert RoleGrant.objects.get(pk=grant.pk) == grant


@pytest.mark.django_db
def test_change_keeps_before_and_after_and_twice_is_once(town, office):
    section = factories.department(town)
    grant = add_promoter(factories.user(town), section, term=term(), by=office)
    for _time in range(2):
        change_promoter(grant, term=term(end=dt.date(2027, 4, 1)), by=office)
    (event,) = Event.objects.filter(action="role.changed")
    assert event.before == {"valid_to": "2026-04-01"}
    assert event.after == {"valid_to": "2027-04-01"}


@pytest.mark.django_db
def test_heads_are_asked_once_a_week_each(town, office):
    section = factories.department(town, "市民課")
    now = dt.datetime(2026, 3, 10, 9, tzinfo=timezone.get_default_timezone())
    assert ask_for_promoter(section, by=office, now=now) == 0
    head = factories.user(town, of=section, role=Role.HEAD)
    assert ask_for_promoter(section, by=office, now=now) == 1
    assert ask_for_promoter(section, by=office, now=now + dt.timedelta(days=1)) is None
    chief = factories.user(town, of=section)
    factories.post(section, held_by=chief, is_head=True)
    assert ask_for_promoter(section, by=office, now=now) == 1
    assert ask_for_promoter(section, by=office, now=now + dt.timedelta(days=7)) == 2
    notices = Outbox.objects.visible_to(head)
    assert notices.count() == 2
    assert notices.first().path == reverse("accounts:promoter_suggest", args=[section.pk])


@pytest.mark.django_db
def test_ends_are_told_once_to_promoter_and_office(town, office):
    section = factories.department(town, "市民課")
    near, far = factories.user(town), factories.user(town)
    add_promoter(near, section, term=term(), by=office)
    add_promoter(far, section, term=term(end=dt.date(2026, 9, 1)), by=office)
    now = dt.datetime(2026, 3, 10, 9, tzinfo=timezone.get_default_timezone())
    assert tell_all_ending(now) == 1
    tell_all_ending(now + dt.timedelta(days=1))
    assert Outbox.objects.visible_to(near).count() == 1
    assert Outbox.objects.visible_to(far).count() == 0
    (told,) = Outbox.objects.visible_to(office)
    assert "3月31日" in told.subject


# Pages ------------------------------------------------------------------------------------------
@pytest.fixture
def desk(office):
    client = Client()
    client.force_login(office)
    return client


def fields(**more) -> dict[str, object]:
    return {"valid_from": "2026-04-01", "last": "2027-03-31", "chosen": "recommended", **more}


@pytest.mark.django_db
def test_office_adds_extends_once_and_ends(town, office, desk):
    section = factories.department(town, "市民課")
    person = factories.user(town, of=section, name="佐藤 花子")
    sent = fields(department=section.pk, email=person.email, hours="1.5")
    assert desk.post(reverse("accounts:promoter_create"), sent).status_code == 302
    assert desk.post(reverse("accounts:promoter_create"), sent).status_code == 422
    grant = RoleGrant.objects.promoters().get()
    assert (grant.minutes, grant.valid_to) == (90, dt.date(2027, 4, 1))
    for _time in range(2):
        desk.post(reverse("accounts:promoter_extend", args=[grant.pk]), {"until": "2027-04-01"})
    grant.refresh_from_db()
    assert grant.valid_to == dt.date(2028, 4, 1)
    edit = reverse("accounts:promoter_edit", args=[grant.pk])
    assert 'value="1.5"' in desk.get(edit).content.decode()
    assert desk.post(edit, fields(last="2026-03-31")).status_code == 422
    assert desk.post(edit, fields(last="2026-04-30", hours="")).status_code == 302
    grant.refresh_from_db()
    assert (grant.valid_to, grant.minutes) == (dt.date(2026, 5, 1), None)


@pytest.mark.django_db
def test_head_names_somebody_and_the_office_opens_the_filled_form(town, office, desk):
    section = factories.department(town, "市民課")
    head = factories.user(town, of=section, role=Role.HEAD)
    person = factories.user(town, of=section, name="佐藤 花子")
    client = Client()
    client.force_login(head)
    page = reverse("accounts:promoter_suggest", args=[section.pk])
    assert client.post(page, {"email": "nobody@mihon.example"}).status_code == 422
    sent = {"email": person.email, "chosen": "volunteered", "note": "手を挙げました"}
    assert client.post(page, sent).status_code == 302
    (notice,) = Outbox.objects.visible_to(office)
    filled = desk.get(notice.path).content.decode()
    assert person.email in filled
    assert '<option value="volunteered" selected>' in filled
    assert not RoleGrant.objects.promoters().exists()
    other = reverse("accounts:promoter_suggest", args=[factories.department(town).pk])
    assert client.get(other).status_code == 403


@pytest.mark.django_db
def test_pasted_lines_are_shown_first_and_added_once(town, office, desk):
    section = factories.department(town, "市民課")
    person = factories.user(town, of=section)
    away = factories.user(factories.municipality("余所市", staircase=False), of=None)
    first = f"市民課\t{person.email}\t2026/4/1\t2027/3/31\t推薦\t2"
    lines = f"{first}\n市民課\t{away.email}\nない課\tx@y.example"
    page = reverse("accounts:promoter_import")
    seen = desk.post(page, {"lines": lines})
    assert seen.status_code == 200
    assert seen.context["ready"] == 1
    assert not RoleGrant.objects.promoters().exists()
    assert desk.post(page, {"lines": lines, "confirm": "1"}).status_code == 302
    again = desk.post(page, {"lines": lines, "confirm": "1"})
    assert again.status_code == 422
    grant = RoleGrant.objects.promoters().get()
    assert (grant.user, grant.minutes, grant.chosen) == (person, 120, "recommended")


@pytest.mark.django_db
def test_page_counts_sections_and_shows_only_those_without(town, desk):
    bureau = factories.department(town, "市民部", kind="bureau")
    covered = factories.department(town, "市民課", parent=bureau)
    empty = factories.department(town, "税務課", parent=bureau, without_account=7)
    team = factories.department(town, "窓口係", parent=covered, kind="team")
    factories.user(town, of=team, role=Role.PROMOTER, name="推進 花子")
    factories.user(town, of=empty, role=Role.PROMOTER, name="去った 太郎", is_active=False)
    board = desk.get(LIST).context["board"]
    assert (board.counted.helped, board.counted.sections, board.without_account) == (1, 2, 7)
    text = desk.get(LIST, {"show": "none"}).content.decode()
    assert "税務課" in text
    assert "市民課" not in text
    assert "推進 花子" in desk.get(LIST).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_database_the_same_number_of_times(
    town, desk, number, django_assert_num_queries
):
    for _ in range(number):
        section = factories.department(town)
        factories.user(town, of=section, role=Role.PROMOTER)
        factories.department(town)
    desk.get(LIST)
    with django_assert_num_queries(10):
        desk.get(LIST)
