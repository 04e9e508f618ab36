"""The production file: valid by its schema, runs what exists, and keeps its promises."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands, load_command_class
from gunicorn.config import Config

ROOT = Path(__file__).resolve().parent.parent
APP_SERVICES = ("migrate", "web", "worker", "closer", "beat")
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
SETTINGS_KEYS = set(
    re.findall(r"env\.\w+\(\s*\"(\w+)\"", (ROOT / "dxportal/settings.py").read_text("utf-8"))
)
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")


def interpolated(text: str) -> str:
    """What compose reads when every required variable is `given`."""
    return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "given", text)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with anchors, merges and variables resolved."""
    loaded: dict[str, Any] = yaml.safe_load(interpolated(COMPOSE_TEXT))
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    """The services by name."""
    found: dict[str, Any] = compose["services"]
    return found


def schema() -> jsonschema.Draft7Validator:
    """The vendored schema of compose files."""
    return jsonschema.Draft7Validator(
        json.loads((ROOT / "tests/data/compose-spec.json").read_text("utf-8"))
    )


def test_compose_is_valid_by_the_schema(compose: dict[str, Any]) -> None:
    assert [error.message for error in schema().iter_errors(compose)] == []


def test_schema_refuses_a_misspelt_key(compose: dict[str, Any]) -> None:
    web = {**compose["services"]["web"], "healthchek": {}}
    assert list(schema().iter_errors({**compose, "services": {"web": web}}))


def test_environment_holds_only_what_somebody_reads(services: dict[str, Any]) -> None:
    for name in APP_SERVICES:
        assert set(services[name]["environment"]) <= SETTINGS_KEYS, name
    roles = (ROOT / "docs/deploy/roles.sh").read_text("utf-8")
    for key in services["db"]["environment"]:
        assert key in {"POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"} or f'"${key}"' in roles


def test_every_required_variable_has_no_default_and_stands_in_the_example() -> None:
    example = (ROOT / "docs/deploy/env.example").read_text("utf-8")
    found = {match[1]: match[2] for match in VARIABLE.finditer(COMPOSE_TEXT)}
    for name, kind in found.items():
        if name.endswith(("_PASSWORD", "SECRET_KEY", "HOSTS", "KEY_VOLUME")):
            assert kind == "?", name
        if kind == "?":
            assert re.search(rf"^{name}=", example, re.MULTILINE), name
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert named <= set(found), "the example names a variable that nothing reads"


def test_web_command_starts_the_site(services: dict[str, Any]) -> None:
    program, application, *options = services["web"]["command"]
    module, _, name = application.partition(":")
    assert program == "gunicorn"
    assert callable(getattr(import_module(module), name))
    given = vars(Config().parser().parse_args(options))
    assert given["accesslog"] is None, "an access log tells who answered"
    assert given["timeout"] <= 30


@pytest.mark.parametrize("name", ["worker", "closer", "beat"])
def test_celery_command_is_understood(services: dict[str, Any], name: str) -> None:
    program, app, command, *options = services[name]["command"]
    assert (program, app) == ("celery", "--app=dxportal.celery")
    known = celery.commands[command]
    parser = known.make_parser(known.context_class(known))
    assert parser.parse_args(options)[1] == []


def test_workers_serve_every_queue_and_only_the_closer_the_sealed_one(
    services: dict[str, Any],
) -> None:
    from dxportal.celery import SEALED, app

    queues = {
        name: next(part for part in services[name]["command"] if part.startswith("--queues="))
        for name in ("worker", "closer")
    }
    assert queues == {"worker": "--queues=celery", "closer": f"--queues={SEALED}"}
    routed = {route["queue"] for route in app.conf.task_routes.values()}
    assert routed == {SEALED}


def test_migrate_runs_once_before_everything(services: dict[str, Any]) -> None:
    _python, _manage, command, *options = services["migrate"]["command"]
    load_command_class(get_commands()[command], command).create_parser(
        "manage.py", command
    ).parse_args(options)
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "worker", "closer", "beat"):
        needed = services[name]["depends_on"]
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["db"] == needed["redis"] == {"condition": "service_healthy"}


def test_only_migrate_knows_the_owner(services: dict[str, Any]) -> None:
    knowing = {name for name in APP_SERVICES if "dxportal_owner" in str(services[name])}
    assert knowing == {"migrate"}


def test_there_is_exactly_one_beat(services: dict[str, Any]) -> None:
    beats = [name for name, found in services.items() if "beat" in found["command"]]
    assert beats == ["beat"]
    assert services["beat"]["deploy"] == {"replicas": 1}
    assert not any("--beat" in found["command"] for found in services.values())


def test_wave_keys_are_mounted_by_web_and_closer_only(services: dict[str, Any]) -> None:
    mounted = {
        name
        for name, found in services.items()
        if any(volume.startswith("wave-keys:") for volume in found.get("volumes", []))
    }
    assert mounted == {"web", "closer"}
    assert all(services[name]["environment"]["DXPORTAL_KEY_DIR"] == "/keys" for name in mounted)


def test_database_volume_is_where_version_18_keeps_its_data(services: dict[str, Any]) -> None:
    assert services["db"]["image"].startswith("postgres:18")
    assert "database:/var/lib/postgresql" in services["db"]["volumes"]


def test_only_web_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    ports = {name: found["ports"] for name, found in services.items() if "ports" in found}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}
    assert all(services[name]["networks"] == ["inside"] for name in ("db", "redis", "migrate"))


def test_services_are_confined(services: dict[str, Any]) -> None:
    for name, found in services.items():
        assert found["read_only"] is True, name
        assert found["cap_drop"] == ["ALL"], name
        if name not in APP_SERVICES:
            assert found["user"] in {"postgres", "redis"}
        if name != "migrate":
            assert found["healthcheck"]["test"][0] == "CMD", name


def test_containers_wait_longer_than_a_worker_takes_to_stop(services: dict[str, Any]) -> None:
    for name in APP_SERVICES:
        grace = int(services[name]["stop_grace_period"].removesuffix("s"))
        assert grace > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT


def test_health_checks_call_what_exists(services: dict[str, Any]) -> None:
    script = (ROOT / "docs/deploy/healthcheck.py").read_text("utf-8")
    for name in ("web", "worker", "closer", "beat"):
        _cmd, _python, path, what = services[name]["healthcheck"]["test"]
        assert (ROOT / path.removeprefix("/app/")).is_file()
        assert f"def {what}() -> bool:" in script


@pytest.mark.django_db
def test_database_knows_every_setting_and_logs_no_statement(services: dict[str, Any]) -> None:
    from django.db import connection

    given = dict(part[2:].split("=", 1) for part in services["db"]["command"][1:])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s)", [list(given)])
        assert {row[0] for row in cursor.fetchall()} == set(given)
    assert given["log_statement"] == "none"
    assert given["log_min_duration_statement"] == "-1"
    assert given["log_parameter_max_length"] == given["log_parameter_max_length_on_error"] == "0"
    assert given["track_commit_timestamp"] == "off"


def test_redis_never_throws_sessions_away(services: dict[str, Any]) -> None:
    command = services["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_image_runs_as_an_ordinary_user_with_static_files_inside() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001"]
    assert any("collectstatic" in line for line in lines)
    assert not any(re.search(r"https?://|--index", line) for line in lines)
    sources = [line.split()[1:-1] for line in lines if re.match(r"COPY (?!--from)", line)]
    assert all((ROOT / name).exists() for names in sources for name in names)


def test_image_holds_no_secret_and_no_data() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {".git", ".env", "var", "tests"} <= set(ignored)
