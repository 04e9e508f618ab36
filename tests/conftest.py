"""Databases, browser and Redis of the tests: everything runs as the application's own role."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from tests.services import RUN_DIR
from tests.stack import Stack

ALIASES = ("default", "owner")
#: Written by migrations and by nobody else.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
HERE = {"127.0.0.1", "localhost", "::1", None}

hypothesis_settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.register_profile(
    "deep", parent=hypothesis_settings.get_profile("ci"), max_examples=500
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _in_ci() -> bool:
    """Whether a missing program is an error instead of a reason to skip."""
    return os.environ.get("CI") == "true"


def _chromium() -> str | None:
    """The browser's program, if this machine has one."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return os.environ.get("CHROMIUM_PATH") or next((path for path in found if path), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every database test see both aliases, and mark what needs a browser."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "context" in fixtures or "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
        marker = item.get_closest_marker("django_db")
        needs_database = {"db", "transactional_db", "live_server"} & set(fixtures)
        if marker is None and not needs_database:
            continue
        given = {} if marker is None else marker.kwargs
        args = () if marker is None else marker.args
        wanted = {"databases": list(ALIASES), **given}
        item.add_marker(pytest.mark.django_db(*args, **wanted), append=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests on a machine without one; in CI that is a failure."""
    if item.get_closest_marker("browser") and _chromium() is None:
        reason = "no Chromium found (set CHROMIUM_PATH)"
        if _in_ci():
            pytest.fail(reason)
        pytest.skip(reason)


# Databases --------------------------------------------------------------------------------------
class WorkerDatabase:
    """One database for this worker, cloned from a template that is migrated once a run."""

    def __init__(self) -> None:
        """Name the databases after the one that the owner's address names."""
        from django.db import connections

        self.connections = connections
        self.base = str(connections["owner"].settings_dict["NAME"])
        self.template = f"test_{self.base}_template"
        self.name = f"test_{self.base}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        self._cleaner: psycopg.Connection[Any] | None = None
        #: Each table with the sequence of its key.
        self._tables: dict[str, str | None] = {}

    def owner(self, database: str) -> "psycopg.Connection[Any]":
        """A connection as the owner, beside Django's."""
        given = self.connections["owner"].settings_dict
        address = {"host": given["HOST"], "port": given["PORT"], **given.get("OPTIONS", {})}
        return psycopg.connect(
            dbname=database,
            user=given["USER"],
            password=given["PASSWORD"],
            autocommit=True,
            **{key: value for key, value in address.items() if value},
        )

    def create(self) -> None:
        """Migrate the template if nobody did yet, clone it, and point both aliases to the clone."""
        run = Path(os.environ[RUN_DIR])
        with (run / "template.lock").open("a") as lock, self.owner(self.base) as owner:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (run / "template-is-ready").exists():
                self._recreate(owner, self.template, "template0")
                self._migrate()
                (run / "template-is-ready").touch()
            self._recreate(owner, self.name, self.template)
        self._point_to(self.name)
        self._cleaner = self.owner(self.name)
        self._tables = {
            name: sequence
            for name, sequence in self._cleaner.execute(
                "SELECT t.relname, s.oid::regclass::text FROM pg_class t"
                " LEFT JOIN pg_depend d ON d.refobjid = t.oid AND d.deptype IN ('a', 'i')"
                "  AND d.classid = 'pg_class'::regclass AND d.refobjsubid > 0"
                " LEFT JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'"
                " WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition"
                " AND t.relnamespace = 'public'::regnamespace ORDER BY s.oid NULLS FIRST"
            )
            if name not in KEPT_TABLES
        }

    def empty(self) -> None:
        """Empty every table that a committing test has written to, as the owner."""
        assert self._cleaner is not None
        if not self._tables:
            return
        asked = sql.SQL(" UNION ALL ").join(
            sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(name), sql.Identifier(name))
            for name in self._tables
        )
        written = [row[0] for row in self._cleaner.execute(asked)]
        if not written:
            return
        try:
            self._delete(written)
        except psycopg.Error:
            names = sql.SQL(", ").join(map(sql.Identifier, written))
            self._cleaner.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))

    def _delete(self, written: list[str]) -> None:
        """All tables in one statement, keys checked at its end: ten times faster than TRUNCATE."""
        assert self._cleaner is not None
        deletes = sql.SQL(", ").join(
            sql.SQL("{} AS (DELETE FROM {})").format(
                sql.Identifier(f"d{number}"), sql.Identifier(name)
            )
            for number, name in enumerate(written)
        )
        restarts = sql.SQL(", ").join(
            sql.SQL("setval({}, 1, false)").format(sql.Literal(self._tables[name]))
            for name in written
            if self._tables[name]
        )
        self._cleaner.execute(
            sql.SQL("WITH {} SELECT 1 {} {}").format(
                deletes, sql.SQL("," if restarts.as_string() else ""), restarts
            )
        )

    def drop(self) -> None:
        """Leave the server as it was; the template goes with the run."""
        if self._cleaner is not None:
            self._cleaner.close()
        self._point_to(self.base)
        with self.owner(self.base) as owner:
            order = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            owner.execute(order.format(sql.Identifier(self.name)))

    def _recreate(self, owner: "psycopg.Connection[Any]", name: str, template: str) -> None:
        """Create a database, dropping what an earlier run left under this name."""
        order = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        owner.execute(order.format(sql.Identifier(name)))
        order = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        owner.execute(order.format(sql.Identifier(name), sql.Identifier(template)))

    def _migrate(self) -> None:
        """Bring the template up to date as the owner."""
        from django.core.management import call_command

        self._point_to(self.template)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        self._point_to(self.base)

    def _point_to(self, name: str) -> None:
        """Close what is open, then let both aliases mean this database."""
        for alias in ALIASES:
            connection = self.connections[alias]
            connection.close()
            connection.settings_dict["NAME"] = name
            # Django would find this out by creating a table, which the application role must not.
            connection.features.__dict__["supports_transactions"] = True


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any
) -> Iterator[WorkerDatabase]:
    """The databases of this worker, in place of pytest-django's, which asks for a superuser."""
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        database = WorkerDatabase()
        database.create()
    kept = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: database.empty()
    yield database
    TransactionTestCase._fixture_teardown = kept
    with django_db_blocker.unblock():
        database.drop()


# Redis ------------------------------------------------------------------------------------------
@pytest.fixture
def redis_url() -> str:
    """The address of this run's Redis, emptied."""
    url = os.environ.get("TEST_REDIS_URL", "")
    if not url:
        reason = "no redis-server on this machine"
        if _in_ci():
            pytest.fail(reason)
        pytest.skip(reason)
    import redis

    with redis.Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture
def stack(transactional_db: None, redis_url: str) -> Iterator[Stack]:
    """The processes of an installation on this worker's database; the test starts what it needs."""
    folder = Path(tempfile.mkdtemp(prefix="dxs-", dir="/tmp"))
    for name in ("var", "keys"):
        (folder / name).mkdir(mode=0o700)
    made = Stack(folder)
    made.start_redis()
    yield made
    made.stop()


# Browser ----------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """This machine's own Chromium; root needs it without its sandbox."""
    args = {**browser_type_launch_args, "executable_path": _chromium()}
    if os.geteuid() == 0:
        args["args"] = [*args.get("args", []), "--no-sandbox"]
    return args


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: Any) -> dict[str, Any]:
    """A Japanese desktop whose paths lead to the live server: `page.goto("/initiatives/")`."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "ja-JP",
        "timezone_id": "Asia/Tokyo",
        "viewport": {"width": 1280, "height": 800},
    }


class PageErrors:
    """What no page may do: break the content security policy, throw, or call another host."""

    def __init__(self) -> None:
        """Start without a complaint."""
        self.found: list[str] = []

    def watch(self, context: Any) -> None:
        """Listen to every page of a browser context."""
        context.on("console", self._on_console)
        context.on("request", self._on_request)
        context.on("weberror", lambda error: self.found.append(f"thrown: {error.error}"))

    def _on_console(self, message: Any) -> None:
        """Keep violations; an expected 4xx also appears in the console and is none."""
        if message.type == "error" and "Content Security Policy" in message.text:
            self.found.append(message.text)

    def _on_request(self, request: Any) -> None:
        """Keep requests that leave this machine."""
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in HERE:
            self.found.append(f"request to {request.url}")


@pytest.fixture(autouse=True)
def page_errors(request: pytest.FixtureRequest) -> Iterator[PageErrors]:
    """Fail a browser test whose pages broke a rule; `watch()` adds further contexts."""
    errors = PageErrors()
    if "context" in request.fixturenames:
        errors.watch(request.getfixturevalue("context"))
    yield errors
    assert not errors.found, "\n".join(errors.found)


@pytest.fixture
def sign_in(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Sign a user in to the browser of this test without the sign-in page."""
    from django.conf import settings
    from django.test import Client

    def _sign_in(user: Any) -> None:
        client = Client()
        client.force_login(user)
        base = request.getfixturevalue("live_server").url
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": base}
        request.getfixturevalue("context").add_cookies([cookie])

    return _sign_in
