"""For which municipality a transaction works: it ends with the transaction."""

import pytest
from django.db import connection
from django.test import Client

from dxportal.accounts.models import User
from dxportal.shared.tenancy import municipality_scope, set_municipality
from tests import factories


def current() -> str:
    """What PostgreSQL believes now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.municipality', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_scope_ends_with_its_transaction_on_the_same_connection():
    with municipality_scope(42):
        assert current() == "42"
        with municipality_scope(42):
            assert current() == "42"
    assert current() == ""


@pytest.mark.django_db(transaction=True)
def test_scope_ends_when_the_transaction_fails():
    with pytest.raises(RuntimeError), municipality_scope(42):
        raise RuntimeError
    assert current() == ""


@pytest.mark.django_db(transaction=True)
def test_setting_outside_a_transaction_reaches_nobody():
    set_municipality(42)
    assert current() == ""


@pytest.mark.django_db(transaction=True)
def test_connection_from_the_pool_brings_nothing_along(settings):
    from psycopg_pool import ConnectionPool

    given = connection.get_connection_params()
    given.pop("cursor_factory", None)
    given.pop("context", None)
    given.pop("prepare_threshold", None)
    with ConnectionPool(kwargs=given, min_size=1, max_size=1, open=True) as pool:
        with pool.connection() as first, first.transaction():
            first.execute("SELECT set_config('app.municipality', '42', true)")
            backend = first.info.backend_pid
        with pool.connection() as second:
            assert second.info.backend_pid == backend
            row = second.execute(
                "SELECT coalesce(current_setting('app.municipality', true), '')"
            ).fetchone()
    assert row == ("",)


@pytest.mark.django_db(transaction=True)
def test_each_request_works_for_its_own_municipality(monkeypatch):
    people = [factories.user(factories.municipality(staircase=False)) for _ in range(2)]
    seen: list[tuple[int, str]] = []
    from dxportal.accounts.views import roles

    real = roles.render

    def spy(request, *args, **kwargs):
        seen.append((request.user.municipality_id, current()))
        return real(request, *args, **kwargs)

    monkeypatch.setattr(roles, "render", spy)
    clients = []
    for person in people:
        client = Client()
        client.force_login(person)
        clients.append(client)
    for client in (*clients, *reversed(clients)):
        client.get("/accounts/roles/")

    assert [str(wanted) for wanted, _ in seen] == [found for _, found in seen]
    assert current() == ""


@pytest.mark.django_db
def test_lists_begin_with_the_viewer():
    here, away = (factories.municipality(staircase=False) for _ in range(2))
    viewer = factories.user(here)
    factories.user(away)
    assert list(User.objects.visible_to(viewer)) == [viewer]
    assert not User.objects.visible_to(factories.user(None)).exists()
