"""The pages of sheets: making one, who opens which, files in two clicks, a job where it is slow."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import Event, Municipality, User
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import making
from dxportal.dashboards.briefing.gather import Wish
from roadmap.actions import briefings
from roadmap.actions.blockers import BlockerFields, escalate_blocker, open_blocker
from roadmap.choices import FileState
from roadmap.models import Briefing, BriefingFile
from tests import factories
from tests.dashboards.briefings import bureau, content, count, office, stand

pytestmark = pytest.mark.django_db
LIST, NEW = "/briefings/", "/briefings/new/"


@pytest.fixture
def city() -> Municipality:
    found = factories.municipality("青空市")
    stand(found, "市民課", technology=1, culture=1)
    count(found)
    return found


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def kept(city: Municipality, kind: str, by: User, **changes: Any) -> Briefing:
    """A sheet with more in it than the town has."""
    plain = c.freeze(content(kind, **changes))
    return briefings.create_briefing(
        city,
        by=by,
        kind=kind,
        title="DXへの階段 2026-11",
        period=dt.date(2026, 11, 1),
        round=None,
        as_of=dt.date(2026, 11, 30),
        method="2026.3",
        asks=[],
        content=plain,
        sha256=c.checksum(plain),
    )


# Making ------------------------------------------------------------------------------------------
def test_what_is_asked_is_on_the_sheet_and_remembered_for_the_next(
    client: Client, city: Municipality
) -> None:
    signed_in(client, office(city))
    sent = {
        "kind": "mayor",
        "when": f"{timezone.localdate():%Y-%m}",
        "purpose": "補正予算の前に",
        "ask1_title": "庁内ポータルを作り直すか",
        "ask1_option1_text": "作り直す",
        "ask1_option1_cost": "1,200万円",
    }
    answer = client.post(NEW, sent)
    made = Briefing.objects.get()
    assert answer.headers["Location"] == made.get_absolute_url()
    page = client.get(made.get_absolute_url()).content.decode()
    for word in ("補正予算の前に", "庁内ポータルを作り直すか", "1,200万円", "取扱注意", "市民課"):
        assert word in page
    form = client.get(NEW, {"kind": "mayor"}).context["form"]
    assert form["ask1_title"].value() == "庁内ポータルを作り直すか"
    assert form["ask1_option1_cost"].value() == "1,200万円"
    assert form["purpose"].value() == "補正予算の前に"
    board = client.get(NEW, {"kind": "board"}).context["form"]
    assert board["ask1_title"].value() in (None, "")
    assert Event.objects.filter(action="briefing.created", object_id=str(made.pk)).count() == 1


def test_what_waits_is_suggested_on_the_first_sheet(client: Client, city: Municipality) -> None:
    by, today = office(city), timezone.localdate()
    initiative = factories.initiative(city, "台帳の統合")
    words = BlockerFields(category="law", text="条例が要る", wanted="条例を改正するか")
    blocker = open_blocker(initiative, fields=words, by=by, on=today)
    escalate_blocker(blocker, wanted="条例を改正するか", version=1, by=by, on=today)
    page = signed_in(client, by).get(NEW, {"kind": "mayor"})
    assert page.context["form"]["ask1_title"].value() == "条例を改正するか"
    assert "台帳の統合" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "text"),
    [("ask1_title", "あ" * 41), ("ask1_option1_risk", "あ" * 25), ("purpose", "あ" * 81)],
)
def test_what_does_not_fit_on_the_page_is_refused_at_the_field(
    client: Client, city: Municipality, field: str, text: str
) -> None:
    signed_in(client, office(city))
    sent = {"kind": "mayor", "when": f"{timezone.localdate():%Y-%m}", field: text}
    answer = client.post(NEW, sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert text in answer.content.decode(), "what was typed stays"
    assert not Briefing.objects.exists()


def test_an_option_without_a_name_and_options_without_a_question_are_refused(
    client: Client, city: Municipality
) -> None:
    signed_in(client, office(city))
    sent = {"kind": "mayor", "when": f"{timezone.localdate():%Y-%m}", "ask2_option1_cost": "0円"}
    errors = client.post(NEW, sent).context["form"].errors
    assert set(errors) == {"ask2_option1_text", "ask2_title"}


def test_before_the_first_count_the_form_says_so(client: Client) -> None:
    empty = factories.municipality("空市")
    signed_in(client, office(empty))
    page = client.get(NEW)
    assert not page.context["counted"]
    assert client.post(NEW, {"kind": "mayor", "when": "2026-11"}).status_code == 422
    back = client.post("/briefings/export/", {"wish": "mayor.pdf"})
    assert back.headers["Location"] == f"{NEW}?kind=mayor"


# Two clicks --------------------------------------------------------------------------------------
@pytest.mark.parametrize("file", ["pdf", "pptx", "xlsx", "csv"])
def test_from_the_menu_to_a_file_it_is_one_post(
    client: Client, city: Municipality, file: str
) -> None:
    signed_in(client, office(city))
    answer = client.post("/briefings/export/", {"wish": f"mayor.{file}", "period": ""}, follow=True)
    assert answer.status_code == 200
    name = unquote(answer.headers["Content-Disposition"])
    assert f"青空市_DX階段_{timezone.localdate():%Y-%m}_市長レク.{file}" in name
    made = BriefingFile.objects.get()
    assert (made.state, bytes(made.content)) == (FileState.READY, answer.content)
    told = Event.objects.get(action="briefing.downloaded")
    assert told.after["file"] == file


def test_a_file_is_the_same_bytes_for_whoever_comes_later(
    client: Client, city: Municipality, monkeypatch: Any
) -> None:
    by = office(city)
    sheet = making.make_briefing(by, Wish("board"), now=timezone.now())
    url = reverse("dashboards:briefing_file", args=[sheet.pk, "xlsx"])
    first = signed_in(client, by).get(url).content
    monkeypatch.setitem(making.MAKERS, "xlsx", lambda _sheet: b"another version of the program")
    auditor = factories.user(city, role="auditor")
    assert signed_in(Client(), auditor).get(url).content == first
    assert not Event.objects.filter(action="briefing.downloaded").exists(), "the mayor's alone"


def test_without_pango_the_page_says_what_to_install_and_excel_works(
    client: Client, city: Municipality, monkeypatch: Any
) -> None:
    by = office(city)
    sheet = making.make_briefing(by, Wish("mayor"), now=timezone.now())
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    signed_in(client, by)
    answer = client.get(reverse("dashboards:briefing_file", args=[sheet.pk, "pdf"]))
    assert answer.status_code == 503
    assert "libpango-1.0-0" in answer.content.decode()
    excel = client.get(reverse("dashboards:briefing_file", args=[sheet.pk, "xlsx"]))
    assert excel.status_code == 200


# Who opens which ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("dx_office", {"mayor", "board", "assembly"}),
        ("cdo", {"mayor", "board", "assembly"}),
        ("head", {"board", "assembly"}),
        ("auditor", {"board", "assembly"}),
        ("employee", set()),
        ("promoter", set()),
        ("admin", set()),
    ],
)
def test_each_audience_opens_its_own(
    client: Client, city: Municipality, role: Any, opens: set[str]
) -> None:
    by = office(city)
    made = {kind: kept(city, kind, by) for kind in ("mayor", "board", "assembly")}
    of = factories.department(city, "自分の課")
    signed_in(client, factories.user(city, role=role, of=of))
    for kind, sheet in made.items():
        expected = 200 if kind in opens else 403
        assert client.get(sheet.get_absolute_url()).status_code == expected
        file = reverse("dashboards:briefing_file", args=[sheet.pk, "csv"])
        assert client.get(file).status_code == expected
    listed = client.get(LIST)
    assert listed.status_code == (200 if opens else 403)
    if opens:
        assert {row.kind for row in listed.context["page"].object_list} == opens


def test_another_municipality_finds_nothing(client: Client, city: Municipality) -> None:
    sheet = kept(city, "board", office(city))
    signed_in(client, office(factories.municipality("よそ市")))
    for name, args in (
        ("briefing_detail", [sheet.pk]),
        ("briefing_file", [sheet.pk, "csv"]),
        ("briefing_progress", [sheet.pk, "pdf"]),
    ):
        assert client.get(reverse(f"dashboards:{name}", args=args)).status_code == 404
    post = client.post(reverse("dashboards:briefing_make", args=[sheet.pk, "pdf"]))
    assert post.status_code == 404


@pytest.mark.parametrize("role", ["head", "auditor", "employee", "admin"])
def test_only_office_and_cdo_make_them(client: Client, city: Municipality, role: Any) -> None:
    of = factories.department(city, "自分の課")
    signed_in(client, factories.user(city, role=role, of=of))
    assert client.get(NEW).status_code == 403
    assert client.post("/briefings/export/", {"wish": "assembly.csv"}).status_code == 403
    assert not Briefing.objects.exists()


# The list and the page ---------------------------------------------------------------------------
@pytest.mark.parametrize("sheets", [1, 3])
def test_list_takes_a_fixed_number_of_statements(
    client: Client, city: Municipality, sheets: int
) -> None:
    by = office(city)
    for number in range(sheets):
        kept(city, "board", by, purpose=f"目的{number}")
    signed_in(client, by)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    assert len(queries) == 8


def test_an_older_sheet_says_that_it_is_not_the_newest(client: Client, city: Municipality) -> None:
    by = office(city)
    old, new = kept(city, "board", by), kept(city, "board", by, purpose="新しい")
    signed_in(client, by)
    page = client.get(old.get_absolute_url()).content.decode()
    assert "これは最新ではありません" in page
    assert new.get_absolute_url() in page
    assert "これは最新ではありません" not in client.get(new.get_absolute_url()).content.decode()


def test_a_sheet_stays_in_its_language(client: Client, city: Municipality) -> None:
    by = office(city)
    sheet = kept(city, "mayor", by)
    client.cookies["language"] = "en"
    page = signed_in(client, by).get(sheet.get_absolute_url(), headers={"Accept-Language": "en"})
    text = page.content.decode()
    drawn = text[text.index('<article class="sheet') : text.index("</article>")]
    assert "市長に決めていただきたいこと" in drawn
    assert re.search(r'lang="ja"[^>]*class="card paper"', text)


# Jobs --------------------------------------------------------------------------------------------
@pytest.fixture
def large(city: Municipality) -> Briefing:
    """A board's sheet of 21 bureaus."""
    return kept(city, "board", office(city), bureaus=tuple(bureau(n) for n in range(21)))


def test_a_board_of_many_bureaus_is_made_by_a_job(
    client: Client, large: Briefing, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(making, "_hint", lambda *args: asked.append(args))
    signed_in(client, large.created_by)
    direct = client.get(reverse("dashboards:briefing_file", args=[large.pk, "pdf"]))
    assert direct.status_code == 302, "nothing to download yet"
    make = reverse("dashboards:briefing_make", args=[large.pk, "pdf"])
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(make)
    file = BriefingFile.objects.get()
    assert asked == [(large.municipality_id, file.pk)], "a second press starts no second job"
    page = client.get(large.get_absolute_url()).content.decode()
    assert 'role="progressbar"' in page
    assert "順番を待っています" in page
    assert making.make_file(large.municipality_id, file.pk) == "made"
    last = client.get(reverse("dashboards:briefing_progress", args=[large.pk, "pdf"]))
    assert last.status_code == 286
    got = client.get(reverse("dashboards:briefing_file", args=[large.pk, "pdf"]))
    assert got.content.startswith(b"%PDF")
    assert making.make_file(large.municipality_id, file.pk) == "left", "once made it never changes"


def test_progress_is_told_in_words_while_it_is_made(
    client: Client, large: Briefing, monkeypatch: Any
) -> None:
    signed_in(client, large.created_by)
    url = reverse("dashboards:briefing_progress", args=[large.pk, "xlsx"])
    file = making.start_file(large, "xlsx", by=large.created_by, now=timezone.now())
    seen: list[str] = []

    def look(_sheet: Any) -> bytes:
        seen.append(client.get(url).content.decode())
        return b"made"

    monkeypatch.setitem(making.MAKERS, "xlsx", look)
    making.make_file(large.municipality_id, file.pk)
    assert "ページを組んでいます（2/3）" in seen[0]
    assert 'aria-valuenow="50"' in seen[0]
    assert "every 2s" in seen[0]


def test_what_failed_says_why_and_can_be_tried_again(
    client: Client, large: Briefing, monkeypatch: Any, caplog: Any
) -> None:
    def broken(_sheet: Any) -> bytes:
        raise RuntimeError("out of ink")

    signed_in(client, large.created_by)
    file = making.start_file(large, "pdf", by=large.created_by, now=timezone.now())
    monkeypatch.setitem(making.MAKERS, "pdf", broken)
    assert making.make_file(large.municipality_id, file.pk) == "failed"
    assert "out of ink" in caplog.text
    page = client.get(large.get_absolute_url()).content.decode()
    assert "ファイルを作れませんでした" in page
    assert "もう一度" in page
    again, starts = briefings.ask_for_file(large, "pdf", by=large.created_by, now=timezone.now())
    assert (again.pk, again.state, again.problem, starts) == (file.pk, FileState.WAITING, "", True)


def test_a_killed_worker_leaves_no_stuck_row(large: Briefing) -> None:
    now, by = timezone.now(), large.created_by
    file, _starts = briefings.ask_for_file(large, "pdf", by=by, now=now)
    dead = briefings.claim_file(file.pk, steps=3, now=now)
    assert dead is not None
    soon, later = now + dt.timedelta(minutes=4), now + dt.timedelta(minutes=6)
    assert briefings.claim_file(file.pk, steps=3, now=soon) is None
    assert briefings.ask_for_file(large, "pdf", by=by, now=soon)[1] is False
    assert briefings.left_over(soon) == []
    assert briefings.left_over(later) == [(large.municipality_id, file.pk)]
    living = briefings.claim_file(file.pk, steps=3, now=later)
    assert living is not None
    assert not briefings.keep_file(dead, name="x", content=b"late", now=later), "taken over"
    assert briefings.keep_file(living, name="x.pdf", content=b"made", now=later)
    briefings.fail_file(living, "too late", now=later)
    file.refresh_from_db()
    assert (file.state, bytes(file.content), file.problem) == (FileState.READY, b"made", "")
