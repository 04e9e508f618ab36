"""Rows by COPY are the rows that INSERT would write."""

import datetime as dt

import pytest

from dxportal.accounts.models import Event, Outbox
from dxportal.shared.bulk import copy_in, copy_rows
from tests import factories

pytestmark = pytest.mark.django_db

AWKWARD = 'タブ\t改行\n円\\N "引用" 𠮷'


def test_rows_come_back_as_they_went_in():
    town = factories.municipality(staircase=False)
    rows = [
        Event(municipality_id=town.pk, action="x", object_label=AWKWARD, after={"値": [AWKWARD]}),
        Event(action="y"),
    ]
    copy_in(rows)
    first, second = Event.objects.filter(action__in="xy").order_by("id")
    assert (first.pk, second.pk) == (rows[0].pk, rows[1].pk)
    assert (first.object_label, first.after) == (AWKWARD, {"値": [AWKWARD]})
    assert (second.municipality_id, second.before) == (None, {})
    assert dt.datetime.now(dt.UTC) - first.at < dt.timedelta(minutes=1)


def test_keys_go_on_after_the_copied_ones():
    copy_in([Event(action="x")])
    assert Event.objects.create(action="y").pk > Event.objects.get(action="x").pk


def test_nothing_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        copy_in([])


def test_plain_values_come_back_and_keys_come_from_the_database():
    town = factories.municipality(staircase=False)
    copy_rows(Outbox, ("municipality_id", "recipient_id"), [])
    person = factories.user(town)
    now = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    names = ("municipality_id", "recipient_id", "channel", "subject", "body", "path", "created_at",
             "not_before", "attempts", "last_error", "key")  # fmt: skip
    copy_rows(
        Outbox,
        names,
        (
            (town.pk, person.pk, "in_app", AWKWARD, "", "/", now, now, 0, "", f"key-{number}")
            for number in range(3)
        ),
    )
    found = Outbox.objects.filter(recipient=person).order_by("id")
    assert [message.key for message in found] == ["key-0", "key-1", "key-2"]
    assert {message.subject for message in found} == {AWKWARD}
    assert Outbox.objects.filter(recipient=person).latest("id").not_before == now
