"""Publication: only open records, without what is withheld; what is due comes up again."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions.initiatives import Withheld
from roadmap.actions.removal import remove_initiative
from roadmap.actions.updates import report
from roadmap.choices import Phase, Progress
from roadmap.disclosure import PUBLIC_FIELDS, WITHHOLDABLE, is_published, public_names
from roadmap.models import StatusWord
from roadmap.public_rows import public_lines
from roadmap.wording import LABELS
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import made

DAY = dt.date(2027, 4, 1)
PUBLIC_QUERIES = 9


def test_a_record_is_published_only_where_somebody_said_so() -> None:
    assert is_published("open")
    assert is_published("open", {"budget"})
    assert not is_published("")
    assert not is_published("withheld")
    assert not is_published("open", {""})


def test_withheld_fields_are_left_out() -> None:
    assert "budget" not in public_names({"budget"})
    assert public_names(set()) == list(PUBLIC_FIELDS)
    assert "title" not in WITHHOLDABLE
    assert set(PUBLIC_FIELDS) <= LABELS.keys()
    assert "contact" not in PUBLIC_FIELDS, "no person is ever published"


def table(client: Client) -> list[dict[str, str]]:
    """The file, row by row under its headings."""
    response = client.get("/initiatives/public.csv")
    assert response.status_code == 200
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def label(name: str) -> str:
    """The heading of a column; the file is Japanese in every language."""
    with override("ja"):
        return str(LABELS[name])


@pytest.mark.django_db
def test_file_holds_open_records_without_what_is_withheld() -> None:
    place = town()
    withheld = (Withheld("budget", "入札の前のため", DAY),)
    made(
        place,
        "公開する取組",
        disclosure="open",
        budget="100千円",
        risks="遅れ",
        contact=place.employee.pk,
        withholdings=withheld,
    )
    made(place, "未定の取組")
    made(place, "出さない取組", disclosure="withheld", withholdings=(Withheld("", "安全", DAY),))
    gone = made(place, "消した取組", disclosure="open")
    remove_initiative(gone, by=place.office)
    (row,) = table(signed_in(place.office))
    assert row[label("title")] == "公開する取組"
    assert row[label("budget")] == ""
    assert row[label("risks")] == "遅れ"
    assert list(row.values())[-1] == label("budget")
    text = "".join(row.values())
    assert place.employee.name not in text
    assert place.head.name not in text
    assert "入札の前のため" not in text


@pytest.mark.django_db
def test_file_speaks_the_words_of_the_municipality() -> None:
    place = town()
    initiative = made(place, "甲", disclosure="open")
    report(initiative, by=place.head, phase=Phase.TRIAL, progress=Progress.LATE, note="内緒の理由")
    StatusWord.objects.create(
        municipality=place.municipality, word="C", progress=Progress.LATE, shown=True
    )
    client = signed_in(place.office)
    client.cookies["django_language"] = "en"
    (row,) = table(client)
    assert row[label("progress")] == "C"
    assert "内緒の理由" not in "".join(row.values())


@pytest.mark.django_db
def test_file_is_safe_in_a_spreadsheet_and_its_saving_is_on_record() -> None:
    place = town()
    made(place, '=HYPERLINK("http://x")', disclosure="open")
    (row,) = table(signed_in(place.office))
    assert not row[label("title")].startswith("=")
    event = Event.objects.get(action="initiatives.published")
    assert (event.actor_id, event.after) == (place.office.pk, {"rows": 1})


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_file_costs_the_same_for_any_number_of_records(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place, day = town(), timezone.localdate()
    for index in range(number):
        made(place, f"甲{index}", disclosure="open", withholdings=(Withheld("risks", "一", DAY),))
    with django_assert_num_queries(PUBLIC_QUERIES):
        assert len(list(public_lines(place.municipality, place.office, day))) == number + 1


@pytest.mark.django_db
def test_page_counts_decisions_and_lists_what_is_due() -> None:
    place, elsewhere, today = town(), town("別の市"), timezone.localdate()
    later = today + dt.timedelta(days=1)
    rows = (Withheld("budget", "入札の前のため", today), Withheld("risks", "まだ先", later))
    made(place, "見直す取組", disclosure="open", withholdings=rows)
    made(elsewhere, "よその取組", withholdings=(Withheld("budget", "よそ", today),))
    response = signed_in(place.office).get("/settings/disclosure/")
    html = response.content.decode()
    assert "入札の前のため" in html
    assert "まだ先" not in html
    assert "よそ" not in html
    assert [count for _label, count in response.context["counts"]] == [1, 0, 0]


@pytest.mark.django_db
def test_page_of_the_initiative_names_what_is_withheld_and_why() -> None:
    place = town()
    rows = (Withheld("budget", "入札の前のため", timezone.localdate()),)
    initiative = made(place, "甲", disclosure="open", may_introduce=True, withholdings=rows)
    response = signed_in(place.employee).get(initiative.get_absolute_url())
    card = response.context["disclosure"]
    assert [due for _label, _row, due in card.withheld] == [True]
    assert "入札の前のため" in response.content.decode()
