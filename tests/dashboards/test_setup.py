"""The wizard: five steps, each skippable and resumable, for whoever may do it."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from dxportal.accounts.access import roles_of
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Event, ImportJob, Municipality, Outbox, User
from roadmap.models import SetUp, Stage
from surveys.choices import WaveState
from surveys.models import Survey, Wave
from tests import factories

pytestmark = pytest.mark.django_db
CODE = "131121"
PASTE = "総務部\t総務課\t12\n総務部\t税務課\t\n市民部\t市民課\t3\n"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> None:
    settings.KEY_DIR = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def admin() -> User:
    """The first administrator of a municipality that was founded under a wrong name."""
    names = ("--admin-email", "admin@town.example", "--admin-name", "管理 花子")
    call_command("found_municipality", CODE, "せたがや", *names, stdout=StringIO())
    return User.objects.get(email="admin@town.example")


@pytest.fixture
def client(admin: User) -> Client:
    made = Client()
    made.force_login(admin)
    return made


def page(step: str) -> str:
    return reverse(f"dashboards:setup_{step}")


def paste(client: Client, step: str, text: str, **more: str) -> Any:
    return client.post(page(step), {"action": "paste", "text": text, **more})


def take_over(client: Client, response: Any, step: str) -> Any:
    """Confirm what the page after a paste shows."""
    shown = client.get(response.headers["Location"])
    pasted = shown.context["pasted"]
    sent = {"job": pasted.job.pk, "sha256": pasted.job.sha256, "fingerprint": pasted.fingerprint}
    return client.post(page(step), {"action": "apply", **sent})


def name_form(**more: str) -> dict[str, str]:
    fields = {"name": "世田谷区", "size_band": "ward", "calendar_style": "wareki"}
    return {**fields, **more}


def test_new_municipality_lands_on_the_wizard_until_it_is_put_off(client: Client) -> None:
    assert client.get("/").headers["Location"] == reverse("dashboards:setup")
    assert client.get(reverse("dashboards:setup")).headers["Location"] == page("municipality")
    for _twice in range(2):
        assert client.post(reverse("dashboards:setup_dismiss")).status_code == 302
    assert client.get("/").headers["Location"] == reverse("accounts:people_list")
    assert "準備 0/5" not in client.get(reverse("accounts:people_list")).content.decode()
    client.post(reverse("dashboards:setup_dismiss"), {"action": "again"})
    assert client.get("/").headers["Location"] == reverse("dashboards:setup")
    assert Event.objects.filter(action="set_up.dismissed").count() == 1


def test_municipality_that_nobody_asked_is_left_alone() -> None:
    town = factories.municipality()
    made = Client()
    made.force_login(factories.user(town, role=Role.ADMIN))
    assert made.get("/").headers["Location"] == reverse("accounts:people_list")
    assert made.get(reverse("dashboards:setup"), follow=True).status_code == 200
    assert not SetUp.objects.exists()


def test_code_proposes_name_and_size_and_the_picture_follows(client: Client) -> None:
    shown = client.get(page("municipality"))
    assert shown.context["form"]["name"].value() == "世田谷区"
    assert shown.context["form"]["size_band"].value() == "ward"
    typed = client.get(
        page("municipality"),
        {"name": "みほん区", "calendar_style": "seireki"},
        HTTP_HX_REQUEST="true",
    )
    text = typed.content.decode()
    assert text.lstrip().startswith("<section")
    assert "みほん区" in text
    assert "令和" not in text
    assert Municipality.objects.get().name == "せたがや"  # looking writes nothing
    sent = client.post(page("municipality"), name_form())
    assert sent.headers["Location"] == page("departments")
    assert Municipality.objects.get().name == "世田谷区"
    # Once it is settled, what the municipality chose stands.
    client.post(page("municipality"), name_form(name="世田谷"))
    assert client.get(page("municipality")).context["form"]["name"].value() == "世田谷"


def test_departments_are_shown_as_a_tree_before_they_are_written(client: Client) -> None:
    sent = paste(client, "departments", PASTE)
    assert sent.status_code == 302
    shown = client.get(sent.headers["Location"])
    assert not Department.objects.exists()
    leaves = [(leaf.depth, leaf.name, leaf.staff) for leaf in shown.context["tree"].leaves]
    assert leaves == [
        (0, "総務部", 0),
        (1, "総務課", 12),
        (1, "税務課", 0),
        (0, "市民部", 0),
        (1, "市民課", 3),
    ]
    done = take_over(client, sent, "departments")
    assert done.headers["Location"] == page("staircase")
    assert Department.objects.count() == 5
    assert Department.objects.get(name="総務課").without_account == 12
    # The same rows again: nothing is to be written, and nothing is.
    again = client.get(paste(client, "departments", PASTE).headers["Location"])
    assert again.context["pasted"].to_write == 0
    assert Department.objects.count() == 5


def test_trouble_names_its_cell_as_it_was_pasted(client: Client) -> None:
    rows = [f"総務部\t第{number}課\t{number}" for number in range(1, 12)]
    for first in ("", "部\t課\tアカウントのない職員数\n"):
        text = first + "\n".join([*rows, "総務部\t税務課\t9,99x"])
        sent = paste(client, "departments", text.replace("9,99x", "99999"))
        shown = client.get(sent.headers["Location"])
        (trouble,) = shown.context["pasted"].troubles
        assert trouble.cell == ("C13" if first else "C12")
        assert ("13" if first else "12") in trouble.what
        assert trouble.cell in shown.content.decode()


def test_paste_of_nothing_and_a_plan_that_changed_meanwhile_are_refused(
    client: Client, admin: User
) -> None:
    assert paste(client, "departments", " \n\t").status_code == 422
    sent = paste(client, "departments", PASTE)
    shown = client.get(sent.headers["Location"]).context["pasted"]
    wrong = {"job": shown.job.pk, "sha256": shown.job.sha256, "fingerprint": "else"}
    refused = client.post(page("departments"), {"action": "apply", **wrong})
    assert refused.status_code == 409
    assert not Department.objects.exists()
    away = factories.user(factories.municipality("余所市"), role=Role.ADMIN)
    stranger = Client()
    stranger.force_login(away)
    assert stranger.post(page("departments"), {"action": "apply", **wrong}).status_code == 404
    leaked = stranger.get(f"{page('departments')}?job={shown.job.pk}")
    assert leaked.context["pasted"] is None


def test_names_of_steps_are_kept_or_changed(client: Client) -> None:
    stages = list(Stage.objects.visible_to(User.objects.get()))
    names = {f"stage_{stage.pk}": stage.name for stage in stages}
    client.post(page("staircase"), names)
    assert not Event.objects.filter(action="staircase.renamed").exists()
    first = stages[0]
    client.post(page("staircase"), {**names, f"stage_{first.pk}": "紙をなくす"})
    first.refresh_from_db()
    assert (first.name, first.short_name, first.name_en) == ("紙をなくす", "紙をなくす", "")
    assert Event.objects.filter(action="staircase.renamed").count() == 1
    refused = client.post(page("staircase"), {**names, f"stage_{first.pk}": " "})
    assert refused.status_code == 422
    blank = client.get(page("staircase"), {"blank": "1"}).context["form"]
    assert all(not field.value() for field in blank)


def test_administrator_takes_the_role_of_the_office_so_that_a_survey_can_open(
    client: Client, admin: User
) -> None:
    take_over(client, paste(client, "departments", PASTE), "departments")
    assert (
        client.post(page("survey"), {"label": "一", "closes_on": "2030-01-07"}).status_code == 403
    )
    assert client.post(page("people"), {"action": "me", "office": "on"}).status_code == 422
    section = Department.objects.get(name="総務課")
    me = {"action": "me", "department": section.pk, "office": "on"}
    for _twice in range(2):
        assert client.post(page("people"), me).status_code == 302
    admin = User.objects.get(pk=admin.pk)
    assert admin.department == section
    assert Role.DX_OFFICE in roles_of(admin)
    assert Event.objects.filter(action="role.granted", after__role=Role.DX_OFFICE).count() == 1


def test_people_and_numbers_of_staff_come_in_the_same_step(client: Client) -> None:
    take_over(client, paste(client, "departments", PASTE), "departments")
    text = "山田 太郎\ttaro@town.example\t税務課\t事務局\n佐藤\tsato@town.example\t無い課\t職員"
    sent = paste(client, "people", text)
    (trouble,) = client.get(sent.headers["Location"]).context["pasted"].troubles
    assert trouble.cell == "C2"
    assert take_over(client, sent, "people").headers["Location"] == page("people")
    taro = User.objects.get(email="taro@town.example")
    assert Role.DX_OFFICE in roles_of(taro)
    units = Department.objects.all()
    counts = {f"count_{unit.pk}": 4 for unit in units}
    assert client.post(page("people"), {"action": "counts", **counts}).status_code == 302
    assert set(units.values_list("without_account", flat=True)) == {4}
    assert client.post(page("people"), {"action": "counts"}).status_code == 422


def test_wizard_ends_in_an_open_survey_that_is_opened_once(client: Client, admin: User) -> None:
    take_over(client, paste(client, "departments", PASTE), "departments")
    section = Department.objects.get(name="総務課")
    client.post(page("people"), {"action": "me", "department": section.pk, "office": "on"})
    form = client.get(page("survey")).context["form"]
    data = {"label": form["label"].value(), "closes_on": form["closes_on"].value().isoformat()}
    assert client.post(page("survey"), {**data, "closes_on": "2020-01-06"}).status_code == 422
    for _twice in range(2):
        assert client.post(page("survey"), data).status_code == 302
    assert (Survey.objects.count(), Wave.objects.count()) == (1, 1)
    shown = client.get(page("survey"))
    assert shown.context["outlook"].asked == 1 + 12 + 3
    for _twice in range(2):
        assert client.post(page("survey"), {"action": "open"}).status_code == 302
    wave = Wave.objects.get()
    assert wave.state == WaveState.OPEN
    poster = client.get(page("survey")).context["poster"]
    assert client.get(urlsplit(poster.url).path).status_code == 200
    assert Client().get(urlsplit(poster.ticket_url).path).status_code == 200
    printed = client.get(reverse("surveys:wave_poster", args=[wave.pk])).content.decode()
    assert poster.url in printed
    kept = SetUp.objects.get()
    assert kept.steps == {"departments": "done", "people": "done", "survey": "done"}
    # What was passed over is next; then nothing waits.
    assert client.get(reverse("dashboards:setup")).headers["Location"] == page("municipality")
    client.post(page("municipality"), name_form())
    client.post(reverse("dashboards:setup_skip", args=["staircase"]))
    assert client.get(reverse("dashboards:setup")).headers["Location"] == page("end")
    assert client.get("/").headers["Location"] == reverse("accounts:people_list")


def test_survey_that_cannot_open_says_why_and_stays_a_plan(client: Client, admin: User) -> None:
    take_over(client, paste(client, "departments", PASTE), "departments")
    section = Department.objects.get(name="総務課")
    client.post(page("people"), {"action": "me", "department": section.pk, "office": "on"})
    client.post(page("survey"), {"label": "第1回", "closes_on": "2030-01-07"})
    User.objects.filter(pk=admin.pk).update(department=None)
    Department.objects.update(without_account=0)
    refused = client.post(page("survey"), {"action": "open"})
    assert refused.status_code == 409
    assert Wave.objects.get().state == WaveState.DRAFT
    assert "survey" not in SetUp.objects.get().steps


def test_step_is_skipped_resumed_and_never_undone(client: Client) -> None:
    skip = reverse("dashboards:setup_skip", args=["municipality"])
    assert client.post(skip).headers["Location"] == page("departments")
    assert client.get(reverse("dashboards:setup")).headers["Location"] == page("departments")
    client.post(page("municipality"), name_form())
    client.post(skip)
    assert SetUp.objects.get().steps == {"municipality": "done"}
    assert client.post(reverse("dashboards:setup_skip", args=["nonsense"])).status_code == 404


def test_progress_belongs_to_the_municipality_not_to_the_session(client: Client) -> None:
    client.post(reverse("dashboards:setup_skip", args=["municipality"]))
    town = Municipality.objects.get()
    office = Client()
    office.force_login(factories.user(town, role=Role.DX_OFFICE))
    dashboard = office.get(reverse("dashboards:dashboard")).content.decode()
    assert "1/5" in dashboard
    assert page("departments") in dashboard
    assert office.get("/").headers["Location"] == reverse("dashboards:dashboard")
    employee = Client()
    employee.force_login(factories.user(town))
    assert "1/5" not in employee.get(reverse("dashboards:dashboard")).content.decode()


def test_step_of_somebody_else_says_who_and_is_handed_over_once_a_day(client: Client) -> None:
    town = Municipality.objects.get()
    office = factories.user(town, role=Role.DX_OFFICE, name="事務 局子")
    shown = client.get(page("survey"))
    assert [person.name for person in shown.context["helpers"]] == ["事務 局子"]
    url = reverse("dashboards:setup_hand_over", args=["survey"])
    for _twice in range(2):
        assert client.post(url).status_code == 302
    notice = Outbox.objects.get(recipient=office, channel="in_app")
    assert notice.path == page("survey")


def test_trial_mail_leads_back_into_the_wizard_and_nowhere_else(client: Client) -> None:
    trial = reverse("accounts:channel_try", args=["in_app"])
    back = client.post(trial, {"next": page("people")})
    assert back.headers["Location"] == page("people")
    away = client.post(trial, {"next": "https://elsewhere.example/"})
    assert away.headers["Location"] == reverse("accounts:channel_list")


@pytest.mark.parametrize(
    ("step", "most"),
    [("municipality", 8), ("departments", 8), ("staircase", 8), ("people", 12), ("survey", 9)],
)
def test_pages_ask_the_same_number_of_queries(
    client: Client, admin: User, step: str, most: int, django_assert_num_queries: Any
) -> None:
    town = Municipality.objects.get()
    client.get(page(step))
    for number in (1, 3):
        for _extra in range(number):
            section = factories.department(town)
            factories.user(town, of=section, role=Role.DX_OFFICE)
        with django_assert_num_queries(most):
            client.get(page(step))


def test_pasted_jobs_are_read_on_the_day_on_which_they_are_pasted(client: Client) -> None:
    paste(client, "departments", PASTE)
    job = ImportJob.objects.get()
    assert dt.date.fromisoformat(job.options["as_of"]) >= dt.date(2026, 1, 1)
    assert job.options["added_rows"] == 1
