"""The pages of a reorganisation: by file, by hand, decided, confirmed, taken back."""

from __future__ import annotations

import datetime as dt
import threading
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from dxportal.accounts.models import Department, Event
from roadmap.actions import reorganisations as acts
from roadmap.choices import ReorganisationState
from roadmap.models import Reorganisation
from tests.roadmap import april
from tests.roadmap.april import Town

pytestmark = pytest.mark.django_db

MERGER = "種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n"


def office(town: Town) -> Client:
    client = Client()
    client.force_login(town.office)
    return client


def upload(client: Client, content: bytes, name: str = "四月.csv", day: str = "") -> Any:
    day = day or timezone.localdate().isoformat()
    file = SimpleUploadedFile(name, content)
    address = reverse("roadmap:reorganisation_create")
    return client.post(address, {"effective_on": day, "file": file})


def address(name: str, item: Reorganisation, *more: Any) -> str:
    return reverse(f"roadmap:reorganisation_{name}", args=[item.pk, *more])


def fingerprint(item: Reorganisation) -> dict[str, str]:
    return {"fingerprint": acts.plan_of(item).fingerprint}


def test_file_to_confirmation_and_back() -> None:
    town = april.build(staff=3, staircase=True)
    client, before = office(town), april.picture()
    response = upload(client, MERGER.encode("cp932"))
    item = Reorganisation.objects.get()
    assert response.url == item.get_absolute_url()
    page = client.get(item.get_absolute_url()).content.decode()
    for words in ("市民保険課", "国保年金課の様式", "国保年金課の長"):
        assert words in page
    assert april.picture() == before

    owners = {f"owner-{line.initiative}": line.suggested for line in acts.plan_of(item).undecided}
    if owners:
        assert "fingerprint" not in page
        refused = client.post(address("confirm", item), fingerprint(item))
        assert refused.status_code == 422
        client.post(address("owners", item), owners)
        item.refresh_from_db()
    assert client.post(address("confirm", item), fingerprint(item)).status_code == 302
    item.refresh_from_db()
    assert item.state == ReorganisationState.APPLIED
    ended = Department.objects.get(name="市民課")
    shown = client.get(ended.get_absolute_url()).content.decode()
    assert "市民保険課" in shown

    undo = client.get(address("undo", item))
    assert undo.status_code == 200
    assert client.post(address("undo", item)).status_code == 302
    assert april.picture() == before
    assert client.post(address("undo", item)).status_code == 302  # twice is once
    assert Event.objects.filter(action="reorganisation.undone").count() == 1


def test_workbook_with_two_sheets_and_the_template() -> None:
    town = april.build(staff=2)
    client = office(town)
    template = client.get(reverse("roadmap:reorganisation_template", args=["xlsx"]))
    book = load_workbook(BytesIO(template.content))
    assert book.sheetnames == ["組織", "人事"]
    assert (
        upload(client, template.content, "ひな形.xlsx").status_code == 422
    )  # examples are no rows
    book["組織"].append(["名称変更", "情報課", "デジタル推進課"])
    book["人事"].append(["異動", "", "福祉課", "", "", town.staff["税務課"][1].email, "", "主査"])
    out = BytesIO()
    book.save(out)
    assert upload(client, out.getvalue(), "四月.xlsx").status_code == 302
    changes = acts.changes_of(Reorganisation.objects.get())
    assert [(c.kind, c.sheet) for c in changes] == [("rename", "組織"), ("move", "人事")]


def test_sheet_named_after_a_kind_needs_no_column_for_it() -> None:
    town = april.build(staff=2)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "退職"
    sheet.append(["メールアドレス", "氏名"])
    sheet.append([town.staff["税務課"][1].email, "税務課1"])
    out = BytesIO()
    book.save(out)
    upload(office(town), out.getvalue(), "退職.xlsx")
    assert [c.kind for c in acts.changes_of(Reorganisation.objects.get())] == ["leave"]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"\x89PNG....", "a.png"), (b"", "a.csv"), ("名前,年\na,b\n".encode(), "a.csv")],
)
def test_file_that_says_nothing_is_refused_with_a_remedy(content: bytes, name: str) -> None:
    town = april.build(staff=2)
    response = upload(office(town), content, name)
    assert response.status_code == 422
    assert not Reorganisation.objects.exists()


def test_by_hand_row_by_row() -> None:
    town = april.build(staff=3)
    client = office(town)
    client.post(
        reverse("roadmap:reorganisation_create"),
        {"effective_on": timezone.localdate().isoformat()},
    )
    item = Reorganisation.objects.get()
    keys = {name: str(row.pk) for name, row in town.sections.items()}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("found", {"name": "危機管理課", "parent": str(town.bureau.pk)}),
        ("rename", {"department": keys["情報課"], "new_name": "デジタル推進課"}),
        (
            "merge",
            {
                "department": keys["市民課"],
                "second": keys["国保年金課"],
                "successors": "市民保険課",
            },
        ),
        (
            "split",
            {
                "department": keys["商工観光課"],
                "successors": "観光課\n商工課",
                "initiatives": [f"#{town.initiatives['商工観光課の様式'].pk}"],
            },
        ),
        ("end", {"department": keys["土木課"], "heir": keys["税務課"]}),
        (
            "move",
            {"email": town.staff["福祉課"][2].email, "to": keys["総務課"], "new_post": "主査"},
        ),
        ("also", {"email": town.heads["総務課"].email, "to": keys["税務課"], "new_post": "参事"}),
        ("leave", {"email": town.staff["総務課"][2].email}),
    ]
    for kind, data in rows:
        form = client.get(address("change_create", item, kind))
        assert form.status_code == 200
        token = form.context["form"].initial["token"]
        for _twice in range(2):  # a double click adds one row
            sent = client.post(address("change_create", item, kind), {**data, "token": token})
            assert sent.status_code == 302, (kind, sent.context["form"].errors)
    item.refresh_from_db()
    plan = acts.plan_of(item)
    assert len(acts.changes_of(item)) == len(rows)
    assert [str(problem) for _at, problem in plan.problems] == []
    names = {row["name"] for row in plan.draft.now["department"].values()}
    assert {"危機管理課", "デジタル推進課", "市民保険課", "観光課", "商工課"} <= names

    first, second = (change.id for change in acts.changes_of(item)[:2])
    client.post(address("change_raise", item, second))
    item.refresh_from_db()
    assert [change.id for change in acts.changes_of(item)][:2] == [second, first]
    for _twice in range(2):
        client.post(address("change_remove", item, first))
    item.refresh_from_db()
    assert len(acts.changes_of(item)) == len(rows) - 1
    client.post(address("day", item), {"effective_on": "2027-04-01"})
    item.refresh_from_db()
    assert item.effective_on == dt.date(2027, 4, 1)
    assert client.post(address("day", item), {"effective_on": "1999-04-01"}).status_code == 422
    assert client.post(address("discard", item)).status_code == 302
    assert client.post(address("confirm", item), {"fingerprint": "x"}).status_code == 404


def test_stale_page_is_told_and_drawn_anew() -> None:
    town = april.build(staff=2)
    client = office(town)
    upload(client, "種類,部署,あとの部署\n名称変更,情報課,デジタル推進課\n".encode())
    item = Reorganisation.objects.get()
    seen = fingerprint(item)
    acts.add_change(item, april.Change("rename", ("税務課",), ("収税課",), id="z"), by=town.office)
    response = client.post(address("confirm", item), seen)
    assert response.status_code == 409
    assert "収税課" in response.content.decode()
    assert Department.objects.filter(name="税務課").exists()


def test_scheduled_one_says_so_and_can_be_used_again() -> None:
    town = april.build(staff=2)
    client = office(town)
    day = (timezone.localdate() + dt.timedelta(days=90)).isoformat()
    upload(client, "種類,部署,あとの部署\n名称変更,情報課,デジタル推進課\n".encode(), day=day)
    item = Reorganisation.objects.get()
    client.post(address("confirm", item), fingerprint(item))
    item.refresh_from_db()
    assert item.state == ReorganisationState.SCHEDULED
    assert Department.objects.filter(name="情報課").exists()
    page = client.get(item.get_absolute_url()).content.decode()
    assert reverse("roadmap:reorganisation_undo", args=[item.pk]) in page
    gone = client.post(address("change_remove", item, "r1"))
    assert gone.url == item.get_absolute_url()  # no longer a draft: told, nothing changed
    client.post(address("copy", item))
    assert Reorganisation.objects.filter(state=ReorganisationState.PREVIEW).count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_a_fixed_number_of_queries(number: int, django_assert_num_queries: Any) -> None:
    town = april.build(staff=2)
    for _one in range(number):
        acts.draft_reorganisation(town.municipality, by=town.office, effective_on=april.DAY)
    client = office(town)
    with django_assert_num_queries(7):
        client.get(reverse("roadmap:reorganisation_list"))


@pytest.mark.django_db(transaction=True)
def test_two_people_confirm_at_once() -> None:
    town = april.build(staff=2)
    item = acts.draft_reorganisation(
        town.municipality,
        by=town.office,
        effective_on=april.DAY,
        changes=april.read("種類,部署,あとの部署\n新設,,危機管理課\n"),
    )
    seen = acts.plan_of(item).fingerprint
    now = dt.datetime.combine(april.DAY, dt.time(3), tzinfo=dt.UTC)
    outcomes: list[str] = []

    def run() -> None:
        try:
            acts.confirm(item, fingerprint=seen, by=town.office, now=now)
            outcomes.append("done")
        except (acts.NotADraft, acts.PlanMoved) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["NotADraft", "done"]
    assert Department.objects.filter(name="危機管理課").count() == 1
