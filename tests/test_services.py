"""The test bed itself: a guard that cannot fail guards nothing."""

import os
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from dxportal.accounts.models import Municipality
from tests.conftest import PageErrors


def _ask(alias: str, query: str) -> Any:
    """One value from one of the two aliases."""
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_application_role_on_a_clone() -> None:
    assert _ask("default", "SELECT current_user") == "dxportal_app"
    assert _ask("owner", "SELECT current_user") == "dxportal_owner"
    name = _ask("default", "SELECT current_database()")
    assert name.startswith("test_")
    assert _ask("owner", "SELECT current_database()") == name


@pytest.mark.django_db
def test_application_role_cannot_empty_or_alter_a_table() -> None:
    for order in ("TRUNCATE accounts_event", "DROP TABLE accounts_event"):
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(order)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", [1, 2])
def test_committed_rows_are_gone_and_keys_restart_after_each_test(_time: int) -> None:
    assert not Municipality.objects.exists()
    assert Municipality.objects.create(code="999997", name="見本市").pk == 1
    assert _ask("owner", "SELECT count(*) FROM accounts_municipality") == 1
    assert _ask("owner", "SELECT count(*) FROM django_migrations") > 0


def test_redis_answers_and_is_empty(redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_secrets_of_the_run_are_its_own() -> None:
    assert os.environ["DXPORTAL_ENV"] == "test"
    assert os.environ["DXPORTAL_KEY_DIR"].startswith(os.environ["DXPORTAL_TEST_RUN_DIR"])


def test_foreign_requests_and_violations_are_complaints(browser: Any) -> None:
    errors = PageErrors()
    context = browser.new_context()
    errors.watch(context)
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">"
    page.set_content(
        f"{policy}<p>見本</p><script>1</script><img src='http://example.invalid/x.png'>"
    )
    page.wait_for_load_state("load")
    context.close()
    assert any("Content Security Policy" in one for one in errors.found)
    assert any("example.invalid" in one for one in errors.found)
