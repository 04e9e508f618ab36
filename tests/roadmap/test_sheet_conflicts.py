"""What somebody else changed meanwhile, what cannot be read, and taking an import back."""

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import ImportState
from dxportal.accounts.import_plan import Choices
from dxportal.accounts.models import Event, ImportMapping
from dxportal.shared.tabular import read_table
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.sheets import apply_sheet
from roadmap.actions.updates import report
from roadmap.choices import Progress
from roadmap.models import Initiative, StatusWord, Update
from roadmap.sheet_plan import plan_sheet
from tests import factories
from tests.roadmap.board import Town, latest, signed_in, town
from tests.roadmap.test_initiative_list import made
from tests.roadmap.test_round_trip import (
    applied,
    cells,
    edited,
    exported,
    full,
    opened,
    saved,
    sent,
)

pytestmark = pytest.mark.django_db

COMPARE_QUERIES = 20
WRITE_QUERIES = 15


def changed(initiative: Initiative, place: Town, **values: object) -> None:
    """Somebody else edits on the screen."""
    initiative.refresh_from_db()
    fields = replace(fields_of(initiative), **values)  # type: ignore[arg-type]
    edit_initiative(initiative, by=place.head, fields=fields, version=initiative.version)


def test_same_cell_is_a_conflict_and_stays_unless_chosen() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円", risks="なし")
    client = signed_in(place.office)
    file = edited(exported(client), {(initiative.pk, "予算"): "200千円"})
    changed(initiative, place, budget="300千円")
    job = sent(client, file)
    cell = cells(job)[str(initiative.pk), "予算"]
    assert (cell["state"], cell["base"], cell["old"], cell["new"], cell["who"]) == (
        *("conflict", "100千円", "300千円", "200千円", "鈴木"),
    )
    assert cell["when"]
    page = client.get(reverse("accounts:import_detail", args=[job.pk])).content.decode()
    assert "鈴木さん" in page
    applied(client, job)
    initiative.refresh_from_db()
    assert initiative.budget == "300千円"

    job = sent(client, file)
    key = cells(job)[str(initiative.pk), "予算"]["key"]
    applied(client, job, **{f"side-{key}": "mine"})
    initiative.refresh_from_db()
    assert initiative.budget == "200千円"


def test_another_cell_is_no_conflict_and_both_changes_stand() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円", risks="なし")
    client = signed_in(place.office)
    file = edited(exported(client), {(initiative.pk, "予算"): "200千円"})
    changed(initiative, place, risks="大きい", partners=(place.other.pk,))
    report(initiative, by=place.head, progress=Progress.LATE, note="遅れ気味")
    job = sent(client, file)
    assert [cell["state"] for cell in cells(job).values()] == ["change"]
    applied(client, job)
    initiative.refresh_from_db()
    assert (initiative.budget, initiative.risks) == ("200千円", "大きい")
    assert latest(initiative).progress == Progress.LATE
    assert fields_of(initiative).partners == (place.other.pk,)


def test_a_report_made_meanwhile_is_a_conflict_of_its_cells_only() -> None:
    place = town()
    initiative = made(place, "窓口")
    report(initiative, by=place.head, progress=Progress.ON_TRACK, note="順調")
    client = signed_in(place.office)
    file = edited(
        exported(client), {(initiative.pk, "進み具合"): "対象外", (initiative.pk, "備考"): "来年度"}
    )
    report(initiative, by=place.promoter, progress=Progress.AHEAD, note="順調")
    found = cells(sent(client, file))
    assert found[str(initiative.pk), "進み具合"]["state"] == "conflict"
    assert found[str(initiative.pk), "進み具合"]["who"] == "高橋"
    assert found[str(initiative.pk), "備考"]["state"] == "change"


def test_same_change_on_both_sides_is_nothing() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円")
    client = signed_in(place.office)
    file = edited(exported(client), {(initiative.pk, "予算"): "200千円"})
    changed(initiative, place, budget="200千円")
    assert sent(client, file).preview["groups"] == []


def test_change_between_preview_and_confirming_becomes_a_conflict() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円")
    client = signed_in(place.office)
    job = sent(client, edited(exported(client), {(initiative.pk, "予算"): "200千円"}))
    changed(initiative, place, budget="300千円")
    job = applied(client, job)
    assert (job.state, job.preview["meanwhile"]) == (ImportState.PREVIEW, True)
    assert cells(job)[str(initiative.pk), "予算"]["state"] == "conflict"
    initiative.refresh_from_db()
    assert initiative.budget == "300千円"
    changed(initiative, place, risks="別の欄")
    assert applied(client, job).state == ImportState.DONE


def test_choice_is_kept_and_forgotten_when_the_other_side_changes_again() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円")
    client = signed_in(place.office)
    file = edited(exported(client), {(initiative.pk, "予算"): "200千円"})
    changed(initiative, place, budget="300千円")
    job = sent(client, file)
    url = reverse("accounts:import_choices", args=[job.pk])
    assert client.post(url, {"all": "mine", "show": "conflicts", "page": "1"}).status_code == 302
    job.refresh_from_db()
    assert job.options["mine"] == [cells(job)[str(initiative.pk), "予算"]["key"]]
    changed(initiative, place, budget="400千円")
    job = applied(client, job)
    assert (job.state, job.options["mine"]) == (ImportState.PREVIEW, [])
    initiative.refresh_from_db()
    assert initiative.budget == "400千円"


def test_confirming_with_an_old_choice_on_the_page_is_refused() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円")
    client = signed_in(place.office)
    file = edited(exported(client), {(initiative.pk, "予算"): "200千円"})
    changed(initiative, place, budget="300千円")
    job = sent(client, file)
    old = {"sha256": job.sha256, "fingerprint": job.preview["fingerprint"]}
    client.post(reverse("accounts:import_choices", args=[job.pk]), {"all": "mine"})
    assert client.post(reverse("accounts:import_confirm", args=[job.pk]), old).status_code == 409


def test_emptied_cell_clears_and_says_so_and_missing_columns_stay() -> None:
    place = town()
    initiative = full(place)
    other = made(place, "ほか", budget="1円")
    client = signed_in(place.office)
    book, columns = opened(exported(client))
    sheet = book.worksheets[0]
    keep = {"整理番号", "予算", "リスク", "照合用（変えないでください）"}
    for heading, number in sorted(columns.items(), key=lambda item: -item[1]):
        if heading not in keep:
            sheet.delete_cols(number)
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    rows[initiative.pk][2].value = None
    sheet.delete_rows(rows[other.pk][0].row)
    before = fields_of(Initiative.objects.get(pk=initiative.pk))
    job = sent(client, saved(book))
    assert [c["state"] for c in cells(job).values()] == ["clear"]
    assert (job.summary["clear"], job.summary["missing"]) == (1, 1)
    applied(client, job)
    after = fields_of(Initiative.objects.get(pk=initiative.pk))
    assert (before.risks, after.risks) == ("－から始まる", "")
    assert before.plain() | {"risks": ""} == after.plain()
    assert Initiative.objects.get(pk=other.pk).budget == "1円"


def test_excerpt_without_check_marks_leaves_every_difference_to_choose() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円")
    client = signed_in(place.office)
    job = sent(client, f"整理番号,予算\n{initiative.pk},200千円\n".encode(), "表.csv")
    cell = cells(job)[str(initiative.pk), "予算"]
    assert (cell["state"], cell["base"]) == ("conflict", "")
    applied(client, job, **{f"side-{cell['key']}": "mine"})
    initiative.refresh_from_db()
    assert initiative.budget == "200千円"


def test_new_rows_become_initiatives_once() -> None:
    place = town()
    client = signed_in(place.office)
    made(place, "窓口")
    book, columns = opened(exported(client))
    sheet = book.worksheets[0]
    for heading, value in {
        "取組名": "新しい取組",
        "主管所属": "税務課",
        "フェーズ": "運用開始",
        "進み具合": "遅れている",
        "遅れの要因": "予算",
        "次の一手": "補正を待つ",
    }.items():
        sheet.cell(3, columns[heading]).value = value
    file = saved(book)
    job = applied(client, sent(client, file))
    assert job.summary["created"] == 1
    found = Initiative.objects.get(title="新しい取組")
    assert fields_of(found).lead == place.other.pk
    assert found.launched_on == latest(found).reported_on
    assert (latest(found).progress, latest(found).cause) == ("late", "budget")
    assert "税務課" in found.search_text
    job = sent(client, file)
    assert (job.summary["created"], job.summary["rejected"]) == (0, 1)
    assert str(found.pk) in job.preview["problems"][0]["remedy"]


def test_rows_that_cannot_be_read_name_row_column_and_remedy() -> None:
    place, elsewhere = town(), town("別の市")
    foreign = made(elsewhere, "よそ")
    a, b, c, d, e, f = (made(place, f"取組{name}") for name in "abcdef")
    client = signed_in(place.office)
    book, columns = opened(exported(client))
    sheet = book.worksheets[0]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=2)}

    def put(pk: int, heading: str, value: object) -> None:
        sheet.cell(rows[pk], columns[heading]).value = value

    put(a.pk, "整理番号", foreign.pk)
    put(
        b.pk,
        "照合用（変えないでください）",
        sheet.cell(rows[c.pk], columns["照合用（変えないでください）"]).value,
    )
    put(c.pk, "進み具合", "まあまあ")
    put(d.pk, "フェーズ", "中止")
    put(e.pk, "次の一手", "何かする")
    Initiative.objects.filter(pk=f.pk).update(removed_on=dt.date(2026, 1, 1))
    job = sent(client, saved(book))
    found = {problem["row"]: problem for problem in job.preview["problems"]}
    assert len(found) == 6
    assert found[rows[a.pk]]["column"] == "整理番号"
    assert found[rows[b.pk]]["column"].startswith("照合用")
    assert "予定どおり" in found[rows[c.pk]]["remedy"]
    assert "備考" in found[rows[d.pk]]["remedy"]
    assert "進み具合" in found[rows[e.pk]]["remedy"]
    assert job.summary["rejected"] == 6
    page = client.get(reverse("accounts:import_detail", args=[job.pk]) + "?show=rejected")
    assert "まあまあ" in page.content.decode()


def test_doubled_rows_are_both_left_out() -> None:
    place = town()
    initiative = made(place, "窓口")
    client = signed_in(place.office)
    book, columns = opened(exported(client))
    sheet = book.worksheets[0]
    for column in range(1, sheet.max_column + 1):
        sheet.cell(3, column).value = sheet.cell(2, column).value
    sheet.cell(3, columns["予算"]).value = "1円"
    job = sent(client, saved(book))
    assert {problem["row"] for problem in job.preview["problems"]} == {2, 3}
    assert not job.preview["groups"]
    assert initiative.budget == ""


def test_formula_without_a_result_empties_nothing() -> None:
    place = town()
    initiative = made(place, "窓口", budget="1円")
    client = signed_in(place.office)
    book, columns = opened(exported(client))
    book.worksheets[0].cell(2, columns["予算"]).value = "=1+1"
    job = sent(client, saved(book))
    assert job.preview["broken"]
    initiative.refresh_from_db()
    assert initiative.budget == "1円"


def test_own_words_stand_in_the_file_and_are_understood() -> None:
    place = town()
    StatusWord.objects.create(
        municipality=place.municipality, word="Ａ 順調", progress="on_track", shown=True
    )
    StatusWord.objects.create(
        municipality=place.municipality, word="Ｄ 判断できない", progress="not_applicable"
    )
    initiative = made(place, "窓口")
    report(initiative, by=place.head, progress=Progress.ON_TRACK)
    client = signed_in(place.office)
    file = exported(client)
    book, columns = opened(file)
    assert book.worksheets[0].cell(2, columns["進み具合"]).value == "Ａ 順調"
    assert sent(client, file).preview["groups"] == []
    for word, meaning in {
        "Ｄ 判断できない": "not_applicable",
        "a 順調": "on_track",
        "遅れている": "late",
    }.items():
        applied(client, sent(client, edited(exported(client), {(initiative.pk, "進み具合"): word})))
        assert latest(initiative).progress == meaning


def test_one_event_each_with_the_channel_and_a_new_version() -> None:
    place = town()
    initiative = made(place, "窓口")
    client = signed_in(place.office)
    changes = {(initiative.pk, "予算"): "1円", (initiative.pk, "進み具合"): "予定どおり"}
    version, last = initiative.version, Event.objects.order_by("-id").first()
    applied(client, sent(client, edited(exported(client), changes)))
    events = Event.objects.filter(id__gt=last.id if last else 0, object_type="initiative")
    assert sorted(events.values_list("action", "channel")) == [
        ("initiative.edited", "import"),
        ("initiative.reported", "import"),
    ]
    initiative.refresh_from_db()
    assert initiative.version == version + 1


def test_care_ends_with_the_delay_and_the_preview_says_so() -> None:
    place = town()
    initiative = full(place)
    client = signed_in(place.office)
    job = sent(client, edited(exported(client), {(initiative.pk, "進み具合"): "予定どおり"}))
    found = cells(job)
    assert found[str(initiative.pk), "遅れの要因"]["state"] == "follows"
    applied(client, job)
    assert (latest(initiative).cause, latest(initiative).next_due) == ("", None)


def test_undo_sets_back_what_nobody_touched_and_lists_the_rest() -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円", risks="なし")
    report(initiative, by=place.head, progress=Progress.ON_TRACK)
    client = signed_in(place.office)
    book, columns = opened(exported(client))
    sheet = book.worksheets[0]
    for heading, value in {
        "予算": "200千円",
        "リスク": "ある",
        "進み具合": "予定より進んでいる",
    }.items():
        sheet.cell(2, columns[heading]).value = value
    sheet.cell(3, columns["取組名"]).value = "新しい取組"
    job = applied(client, sent(client, saved(book)))
    new = Initiative.objects.get(title="新しい取組")
    changed(initiative, place, risks="とても大きい")
    url = reverse("accounts:import_undo", args=[job.pk])
    page = client.post(url, follow=True).content.decode()
    initiative.refresh_from_db()
    new.refresh_from_db()
    assert (initiative.budget, initiative.risks) == ("100千円", "とても大きい")
    assert latest(initiative).progress == Progress.ON_TRACK
    assert latest(initiative).undoes_id is not None
    assert new.removed_on is not None
    assert "とても大きい" in page
    count = (Event.objects.count(), Update.objects.count())
    assert "取り消" in client.post(url, follow=True).content.decode()
    assert count == (Event.objects.count(), Update.objects.count())
    assert Event.objects.filter(action="import.undone").count() == 1


def test_history_still_finds_the_base_after_an_import_and_its_undo() -> None:
    place = town()
    initiative = made(place, "窓口", partners=(place.other.pk,), budget="1円")
    client = signed_in(place.office)
    first = exported(client)
    job = applied(
        client, sent(client, edited(first, {(initiative.pk, "関係所属"): "市民課、税務課"}))
    )
    late = edited(first, {(initiative.pk, "予算"): "2円"})
    assert [c["state"] for c in cells(sent(client, late)).values()] == ["change"]
    client.post(reverse("accounts:import_undo", args=[job.pk]))
    applied(client, sent(client, late))
    initiative.refresh_from_db()
    assert initiative.budget == "2円"
    assert fields_of(initiative).partners == (place.other.pk,)


def test_own_table_teaches_no_mapping_and_a_foreign_one_does() -> None:
    place = town()
    initiative = made(place, "窓口")
    client = signed_in(place.office)
    applied(client, sent(client, edited(exported(client), {(initiative.pk, "予算"): "1円"})))
    assert not ImportMapping.objects.exists()
    job = sent(client, "番号,事業の名前,進捗\n1,電子申請,予定どおり\n".encode(), "表.csv")
    assert not job.preview["cellwise"]


def test_preview_as_csv_holds_every_cell() -> None:
    place = town()
    initiative = made(place, "窓口", budget="1円")
    client = signed_in(place.office)
    job = sent(client, edited(exported(client), {(initiative.pk, "予算"): "=2円"}))
    text = client.get(reverse("accounts:import_cells", args=[job.pk])).content.decode("utf-8-sig")
    assert '"\'=2円"' in text
    assert "1円" in text


def test_changed_column_that_only_informs_is_noted() -> None:
    place = town()
    initiative = made(place, "窓口")
    client = signed_in(place.office)
    job = sent(client, edited(exported(client), {(initiative.pk, "責任者氏名"): "だれか"}))
    assert job.preview["groups"] == []
    assert any("だれか" in text for group in job.preview["notes"] for text in group["texts"])


@pytest.mark.parametrize("number", [1, 3])
def test_comparing_and_writing_cost_the_same_for_any_number_of_rows(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    made_ones = [made(place, f"取組{index}", partners=(place.other.pk,)) for index in range(number)]
    client = signed_in(place.office)
    changes: dict[tuple[int, str], object] = {}
    for one in made_ones:
        changes |= {(one.pk, "予算"): "1円", (one.pk, "関係所属"): "", (one.pk, "備考"): "済み"}
    file = edited(exported(client), changes)
    for one in made_ones:
        changed(one, place, risks="その間に")
    table = read_table(io.BytesIO(file), "表")
    with django_assert_num_queries(COMPARE_QUERIES):
        plan = plan_sheet(table, place.municipality, Choices(dt.date(2026, 10, 1), writes=True))
    assert len(plan.changes) == number
    details = {"municipality": place.municipality, "as_of": dt.date(2026, 10, 1), "by": None}
    with django_assert_num_queries(WRITE_QUERIES):
        apply_sheet(plan, **details)


def test_command_reads_the_saved_list_and_names_what_it_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = town()
    initiative = made(place, "窓口", budget="100千円", risks="")
    client = signed_in(place.office)
    file = tmp_path / "取組.xlsx"
    file.write_bytes(
        edited(
            exported(client),
            {(initiative.pk, "予算"): "200千円", (initiative.pk, "リスク"): "ある"},
        )
    )
    changed(initiative, place, budget="300千円")
    call_command("import_initiatives", str(file), municipality=place.municipality.code)
    initiative.refresh_from_db()
    assert (initiative.budget, initiative.risks) == ("300千円", "ある")
    assert "300千円" in capsys.readouterr().out


def test_foreign_import_leaves_a_history_from_which_the_past_can_be_told() -> None:
    place = town()
    third = factories.department(place.municipality, "福祉課")
    initiative = made(place, "窓口", partners=(place.other.pk,))
    client = signed_in(place.office)
    file = exported(client)
    foreign = "取組名,担当課\n窓口,市民課、福祉課\n".encode()
    job = sent(client, foreign, "表.csv")
    data = {"sha256": job.sha256, "fingerprint": job.preview["fingerprint"]}
    client.post(reverse("accounts:import_confirm", args=[job.pk]), data)
    assert fields_of(initiative).partners == tuple(sorted((place.other.pk, third.pk)))
    assert sent(client, file).preview["groups"] == []
    again = sent(client, foreign, "表.csv")
    assert again.preview["remembered"] == ["取組名", "担当課"]
