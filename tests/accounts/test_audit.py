"""The audit trail: append-only for the application, readable for those who may."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from dxportal.accounts.audit import changed_fields, event_row, record
from dxportal.accounts.choices import Role
from dxportal.accounts.database_roles import APPEND_ONLY
from dxportal.accounts.event_words import ACTION_WORDS, changes
from dxportal.accounts.models import Event, User
from tests import factories

pytestmark = pytest.mark.django_db
EVENTS = "/accounts/events/"
EXPORT = "/accounts/events/export.csv"


@pytest.fixture
def auditor() -> User:
    town = factories.municipality("見本市", staircase=False)
    return factories.user(town, role=Role.AUDITOR, name="監査 人")


@pytest.fixture
def reader(auditor) -> Client:
    client = Client()
    client.force_login(auditor)
    return client


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET id = id",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
    ],
)
def test_application_role_changes_nothing_that_is_append_only(table, statement):
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(f'"{table}"'))


def test_application_role_is_neither_owner_nor_superuser():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_only_what_differs_is_kept():
    before = {"name": "a", "on": dt.date(2026, 4, 1), "same": 1}
    after = {"name": "b", "on": None, "same": 1}
    assert changed_fields(before, after) == (
        {"name": "a", "on": "2026-04-01"},
        {"name": "b", "on": None},
    )


def test_event_outlives_its_person(auditor):
    event = record("person.created", auditor, by=auditor)
    assert (event.actor_name, event.object_label) == ("監査 人", "監査 人")
    assert event.municipality_id == auditor.municipality_id


def test_changes_speak_the_reader_s_language(auditor):
    section = factories.department(auditor.municipality)
    event = event_row(
        "department.edited",
        section,
        by=auditor,
        before={"kind": "section", "stands": True, "valid_to": None},
        after={"kind": "bureau", "stands": False, "valid_to": dt.date(2027, 3, 31)},
    )
    found = {change.label: (change.before, change.after) for change in changes(event)}
    kind = section._meta.get_field("kind")
    words = dict(kind.flatchoices)
    assert found[str(kind.verbose_name)] == (str(words["section"]), str(words["bureau"]))
    assert ("–", "2027-03-31") in found.values()


def test_action_without_words_is_shown_by_its_name(auditor, reader):
    record("something_new", auditor, by=auditor)
    assert "something_new" in reader.get(EVENTS).content.decode()
    assert "something_new" not in ACTION_WORDS


def test_list_is_newest_first_and_narrows_by_person_object_and_day(auditor, reader):
    one, other = (factories.user(auditor.municipality, name=name) for name in ("甲野", "乙山"))
    record("person.created", one, by=auditor)
    record("person.edited", other, by=one)

    text = reader.get(EVENTS).content.decode()
    assert text.index("乙山") < text.rindex("甲野")
    only = reader.get(EVENTS, {"kind": "user", "number": other.pk}).content.decode()
    assert "乙山" in only
    assert only.count('<span class="when">') == 1
    assert reader.get(EVENTS, {"person": "乙山"}).content.decode().count('class="when"') == 1
    assert 'class="when"' not in reader.get(EVENTS, {"day": "2020-01-01"}).content.decode()


@pytest.mark.parametrize("query", [{"day": "昨日"}, {"before": "x"}, {"before": "9" * 30}])
def test_unreadable_filter_finds_nothing_and_breaks_nothing(auditor, reader, query):
    record("person.created", auditor, by=auditor)
    response = reader.get(EVENTS, query)
    assert response.status_code == 200
    assert 'class="when"' not in response.content.decode()


def test_older_events_follow_and_the_number_of_questions_is_fixed(
    auditor, reader, django_assert_num_queries
):
    Event.objects.bulk_create(
        event_row(f"act_{number}", auditor, by=auditor) for number in range(120)
    )
    with django_assert_num_queries(7):
        first = reader.get(EVENTS).content.decode()
    assert first.count('class="when"') == 50
    assert "act_119" in first
    last = Event.objects.order_by("id")[70].pk
    assert f"before={last}" in first
    assert "act_69" in reader.get(EVENTS, {"before": last}).content.decode()


def test_events_of_another_municipality_stay_there(auditor, reader):
    away = factories.user(factories.municipality(staircase=False), name="余所 人")
    record("person.created", away, by=away)
    assert "余所" not in reader.get(EVENTS).content.decode()
    assert "余所" not in reader.get(EXPORT).content.decode()
    assert "余所" not in reader.get(EVENTS, {"kind": "user", "number": away.pk}).content.decode()


def test_export_is_guarded_complete_and_recorded(auditor, reader):
    record("x", auditor, by=auditor, before={"name": "=1+1"}, after={"name": "b"})

    response = reader.get(EXPORT, {"person": "監査"})

    text = response.content.decode("utf-8-sig")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert '"\'=1+1"' in text
    event = Event.objects.get(action="events.exported")
    assert event.after == {"person": "監査"}


def test_html_in_names_stays_text(auditor, reader):
    record("x", factories.user(auditor.municipality, name="<script>1</script>"), by=auditor)
    assert "<script>1" not in reader.get(EVENTS).content.decode()


def test_link_to_the_list_is_in_the_menu_of_those_who_may(reader, auditor):
    assert reverse("accounts:event_list") in reader.get("/accounts/roles/").content.decode()
    client = Client()
    client.force_login(factories.user(auditor.municipality))
    assert EVENTS not in client.get("/accounts/roles/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "10000-01-01", "\x00"])
def test_day_that_no_event_can_have_finds_nothing(client, day):
    office = factories.user(factories.municipality(staircase=False), role=Role.DX_OFFICE)
    client.force_login(office)
    assert client.get("/accounts/events/", {"day": day}).status_code == 200
