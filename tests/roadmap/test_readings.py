"""Figures of criteria: written once a day, corrected with history, by hand and by file."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.actions.import_jobs import confirm_import, read_again, start_import
from dxportal.accounts.choices import ImportKind, ImportState, Role
from dxportal.accounts.models import Department, Event, ImportJob, User
from dxportal.shared.fiscal import add_months
from roadmap.actions import readings as actions
from roadmap.actions.readings import ReadingConflict, Written, enter_readings
from roadmap.choices import CriterionSource, Level
from roadmap.models import Criterion, CriterionReading, DirtyMark
from roadmap.reading_rows import Figure
from tests import factories
from tests.roadmap.feeding import fed

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)
PAGE_QUERIES = 12


@pytest.fixture
def section() -> Department:
    return factories.department(factories.municipality(), "市民課")


@pytest.fixture
def asked(section: Department) -> Criterion:
    return fed(section.municipality)


@pytest.fixture
def office(section: Department) -> User:
    return factories.user(section.municipality, role=Role.DX_OFFICE, of=section)


@pytest.fixture
def screen(office: User) -> Client:
    client = Client()
    client.force_login(office)
    return client


def enter(section: Department, asked: Criterion, value: str, **more: Any) -> Written:
    figure = Figure(asked.pk, section.pk, more.pop("on", DAY), Decimal(value), more.pop("note", ""))
    more.setdefault("by", None)
    today = max(timezone.localdate(), add_months(DAY, 3))
    return enter_readings(section.municipality, [figure], today=today, **more)


def test_a_figure_holds_for_twelve_months_and_is_counted(
    section: Department, asked: Criterion
) -> None:
    assert enter(section, asked, "63.5") == Written(created=1)
    row = CriterionReading.objects.get()
    assert (row.value, row.expires_on) == (Decimal("63.5"), add_months(DAY, 12))
    assert DirtyMark.objects.filter(scope="department", scope_id=section.pk).exists()


def test_a_correction_replaces_and_keeps_both_values(section: Department, asked: Criterion) -> None:
    enter(section, asked, "63.5")
    assert enter(section, asked, "65") == Written(changed=1)
    assert enter(section, asked, "65") == Written(unchanged=1)
    assert CriterionReading.objects.get().value == 65
    event = Event.objects.get(action=actions.CORRECTED)
    assert (event.before["value"], event.after["value"]) == ("63.5", "65")
    assert Event.objects.filter(action=actions.ENTERED).count() == 1


@pytest.mark.parametrize("wrong", ["declared", "retired", "foreign", "tomorrow", "ended"])
def test_what_cannot_be_measured_is_refused(
    section: Department, asked: Criterion, wrong: str
) -> None:
    on = DAY
    if wrong == "declared":
        asked = Criterion.objects.get(stage__municipality=section.municipality, code="T1-1")
    elif wrong == "retired":
        Criterion.objects.filter(pk=asked.pk).update(retired=True)
    elif wrong == "foreign":
        asked = fed(factories.municipality("よそ市"))
    elif wrong == "tomorrow":
        on = max(timezone.localdate(), add_months(DAY, 3)) + dt.timedelta(days=1)
    else:
        section.valid_to = DAY
        section.save()
    with pytest.raises(ValidationError):
        enter(section, asked, "50", on=on)
    assert not CriterionReading.objects.exists()


def test_removing_can_be_taken_back_unless_the_day_has_another_figure(
    section: Department, asked: Criterion, office: User
) -> None:
    enter(section, asked, "63.5", note="月報")
    row = CriterionReading.objects.get()
    event = actions.remove_reading(row, by=office)
    assert event is not None
    assert actions.remove_reading(row, by=office) is None
    assert actions.restore_reading(event, by=office).note == "月報"
    enter(section, asked, "10")
    with pytest.raises(ReadingConflict):
        actions.restore_reading(event, by=office)
    assert CriterionReading.objects.get().value == 10


# By hand ------------------------------------------------------------------------------------------
def test_the_table_takes_numbers_as_people_type_them(
    screen: Client, section: Department, asked: Criterion
) -> None:
    other = factories.department(section.municipality, "税務課")
    day = timezone.localdate()
    data = {
        "criterion": asked.pk,
        "measured_on": day.isoformat(),
        f"value-{section.pk}": "６３．５％",
        f"note-{section.pk}": "月報",
        f"value-{other.pk}": "",
    }
    response = screen.post(reverse("roadmap:reading_list"), data)
    assert response.status_code == 302
    row = CriterionReading.objects.get()
    assert (row.department, row.value, row.note) == (section, Decimal("63.5"), "月報")
    page = screen.get(response.headers["Location"]).content.decode()
    assert "63.5%" in page
    assert str(Level.PARTLY.label) in page


def test_a_wrong_number_is_said_and_nothing_is_written(
    screen: Client, section: Department, asked: Criterion
) -> None:
    other = factories.department(section.municipality, "税務課")
    data = {"criterion": asked.pk, f"value-{section.pk}": "50", f"value-{other.pk}": "半分"}
    response = screen.post(reverse("roadmap:reading_list"), data)
    assert response.status_code == 422
    assert "半分" in response.content.decode()
    assert not CriterionReading.objects.exists()


def test_what_was_not_touched_does_not_overwrite_a_newer_figure(
    screen: Client, section: Department, asked: Criterion
) -> None:
    day = timezone.localdate()
    enter(section, asked, "50", on=day)
    data = {
        "criterion": asked.pk,
        "measured_on": day.isoformat(),
        f"value-{section.pk}": "40",
        f"seen-{section.pk}": "40",
    }
    screen.post(reverse("roadmap:reading_list"), data)
    assert CriterionReading.objects.get().value == 50


def shown(response: Any) -> dict[str, str]:
    """The fields of the table as a browser would send them."""
    found = {}
    for row in response.context["rows"]:
        for name in ("value", "note", "seen", "seen_note"):
            field = getattr(row.fields, name)
            value = field.value()
            found[field.html_name] = "" if value is None else str(value)
    return found


def test_two_people_at_one_table_lose_nothing(
    screen: Client, section: Department, asked: Criterion, office: User
) -> None:
    day = timezone.localdate()
    other = factories.department(section.municipality, "税務課")
    enter(section, asked, "5", on=day, note="月報")
    here = reverse("roadmap:reading_list")
    about = {"criterion": str(asked.pk), "measured_on": day.isoformat()}
    first = {**about, **shown(screen.get(here, about))}
    enter(section, asked, "7", on=day, note="訂正")

    first[f"value-{other.pk}"] = "9"
    assert screen.post(here, first).status_code == 302
    values = dict(CriterionReading.objects.values_list("department", "value"))
    assert values == {section.pk: 7, other.pk: 9}
    assert CriterionReading.objects.get(department=section).note == "訂正"

    first[f"value-{section.pk}"], first[f"seen-{other.pk}"] = "6", "9"
    first[f"value-{other.pk}"] = "10"
    response = screen.post(here, first)
    assert response.status_code == 409
    assert CriterionReading.objects.get(department=section).value == 7
    assert CriterionReading.objects.get(department=other).value == 9, "all or nothing"
    assert response.context["changed"] == ["市民課"]
    again = {**about, **shown(response)}
    assert (again[f"value-{section.pk}"], again[f"note-{section.pk}"]) == ("6", "月報")
    assert (again[f"seen-{section.pk}"], again[f"seen_note-{section.pk}"]) == ("7", "訂正")
    assert again[f"value-{other.pk}"] == "10"
    text = response.content.decode()
    assert "訂正" in text

    assert screen.post(here, again).status_code == 302
    assert CriterionReading.objects.get(department=section).value == 6


@pytest.mark.parametrize("there", [True, False])
def test_a_row_that_was_touched_is_refused_whatever_happened_to_it(
    screen: Client, section: Department, asked: Criterion, office: User, there: bool
) -> None:
    day = timezone.localdate()
    here = reverse("roadmap:reading_list")
    about = {"criterion": str(asked.pk), "measured_on": day.isoformat()}
    if not there:
        enter(section, asked, "5", on=day)
    first = {**about, **shown(screen.get(here, about)), f"value-{section.pk}": "6"}
    if there:
        enter(section, asked, "5", on=day)
    else:
        actions.remove_reading(CriterionReading.objects.get(), by=office)
    assert screen.post(here, first).status_code == 409
    enter(section, asked, "6", on=day)
    assert screen.post(here, first).status_code == 302, "the same as stands there"


def test_without_an_indicator_criterion_the_page_says_so(screen: Client) -> None:
    Criterion.objects.filter(source=CriterionSource.INDICATOR).update(retired=True)
    response = screen.get(reverse("roadmap:reading_list"))
    assert response.status_code == 200
    assert b"<table" not in response.content


def test_wrong_thresholds_are_a_clear_state(
    screen: Client, section: Department, asked: Criterion
) -> None:
    enter(section, asked, "50", on=timezone.localdate())
    Criterion.objects.filter(pk=asked.pk).update(threshold={"firm": "x"})
    page = screen.get(reverse("roadmap:reading_list")).content.decode()
    assert 'class="tag warn"' in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_table_costs_the_same_for_any_number(
    screen: Client,
    section: Department,
    asked: Criterion,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        enter(factories.department(section.municipality), asked, "50")
    screen.get(reverse("roadmap:reading_list"))
    with django_assert_num_queries(PAGE_QUERIES):
        screen.get(reverse("roadmap:reading_list"))


# By file ------------------------------------------------------------------------------------------
def imported(section: Department, office: User, text: str) -> ImportJob:
    return start_import(
        ImportKind.READINGS,
        name="値.csv",
        content=text.encode("cp932"),
        by=office,
        municipality=section.municipality,
        as_of=DAY,
    )


def apply(job: ImportJob, office: User) -> None:
    shown = job.preview["fingerprint"]
    assert confirm_import(job, sha256=job.sha256, fingerprint=shown, by=office)
    job.refresh_from_db()
    assert job.state == ImportState.DONE


def test_a_file_is_shown_first_then_written(
    section: Department, asked: Criterion, office: User
) -> None:
    enter(section, asked, "10")
    text = (
        "所属コード,測定日,基準,値,出典\n"
        f"{section.code},令和8年9月1日,Ｔ１－４,63.5％,月報\n"
        f"{section.code},2026/8/1,T1-4,50,\n"
        f"{section.code},2026/7/1,T1-4,,\n"
    )
    job = imported(section, office, text)
    assert (job.summary["changed"], job.summary["created"]) == (1, 1)
    assert CriterionReading.objects.get().value == 10
    apply(job, office)
    values = dict(CriterionReading.objects.values_list("measured_on", "value"))
    assert values == {DAY: Decimal("63.5"), dt.date(2026, 8, 1): Decimal(50)}
    again = imported(section, office, text)
    assert (again.summary["unchanged"], again.summary["created"]) == (2, 0)


def test_wrong_rows_name_row_column_and_remedy(
    section: Department, asked: Criterion, office: User
) -> None:
    text = (
        "所属名,測定日,基準,値\n"
        "市民課,2026-09-01,T1-4,50\n"
        "市民果,2026-09-01,T1-4,50\n"
        "市民課,きのう,T1-1,半分\n"
        "市民課,2026-09-01,T1-4,60\n"
    )
    job = imported(section, office, text)
    found = [(one["row"], one["column"]) for one in job.preview["problems"]]
    assert found == [(3, "所属名"), (4, "測定日"), (4, "基準"), (4, "値"), (5, "値")]
    assert all(one["what"] and one["remedy"] for one in job.preview["problems"])
    assert job.summary["created"] == 1


def test_chosen_rows_alone_are_written(section: Department, asked: Criterion, office: User) -> None:
    text = "所属名,測定日,基準,値\n" + "".join(
        f"市民課,2026-0{month}-01,T1-4,{month}\n" for month in range(1, 8)
    )
    job = imported(section, office, text)
    assert read_again(job, columns={}, origin=None, all_origins=False, rows="3、5〜6")
    job.refresh_from_db()
    assert job.summary["created"] == 3
    apply(job, office)
    assert sorted(CriterionReading.objects.values_list("value", flat=True)) == [2, 4, 5]
