"""Importing in the browser: look first, confirm once, explain what cannot be read."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from dxportal.accounts.actions import import_jobs
from dxportal.accounts.choices import ImportState, Role
from dxportal.accounts.import_progress import READING, Teller
from dxportal.accounts.models import (
    Department,
    Event,
    ImportJob,
    ImportMapping,
    Municipality,
    Outbox,
    User,
)
from dxportal.accounts.tasks import run_import_job, sweep_imports
from dxportal.shared.tabular import Sheet, write_xlsx
from roadmap.models import Initiative, StatusWord
from tests import factories

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[1] / "data"
INITIATIVES = "/initiatives/import/"
DEPARTMENTS = "/departments/import/"
STAFF = "/accounts/people/import/"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def town() -> Municipality:
    return factories.municipality(staircase=False)


@pytest.fixture
def dx(town, client) -> User:
    person = factories.user(town, role=Role.DX_OFFICE)
    client.force_login(person)
    return person


def upload(client: Client, path: str, content: bytes | str, name: str = "表.csv"):
    """Send a file; the job's page."""
    data = content.encode() if isinstance(content, str) else content
    return client.post(path, {"file": SimpleUploadedFile(name, data)}, follow=True)


def the_job() -> ImportJob:
    return ImportJob.objects.order_by("-created_at").first()


def confirm(client: Client, job: ImportJob, **changed: str):
    """Press the button of the preview."""
    sent = {"sha256": job.sha256, "fingerprint": job.preview["fingerprint"], **changed}
    return client.post(reverse("accounts:import_confirm", args=[job.pk]), sent, follow=True)


def choose(client: Client, job: ImportJob, **values: str):
    """Correct columns or choose a municipality."""
    return client.post(reverse("accounts:import_columns", args=[job.pk]), values, follow=True)


def columns_of(job: ImportJob) -> dict[str, str]:
    """The selects as they stand on the page."""
    fields = {heading: name for name, heading in job.preview["columns"].items()}
    return {f"column-{i}": fields.get(h, "") for i, h in enumerate(job.preview["header"])}


def test_published_files_come_into_an_empty_municipality(client, dx, town):
    upload(client, DEPARTMENTS, (DATA / "org_charts_published.csv").read_bytes())
    job = the_job()
    assert job.preview["asks_origin"]
    choose(client, job, **columns_of(job), origin="南富良野町")
    job.refresh_from_db()
    response = confirm(client, job)
    assert response.status_code == 200
    assert set(town.departments.sections().values_list("name", flat=True)) == {
        *("総務課", "企画課", "保健福祉課", "産業課", "建設課"),
    }

    page = upload(client, INITIATIVES, (DATA / "initiatives_published.csv").read_bytes())
    job = the_job()
    assert "大船渡市" in page.content.decode()
    choose(client, job, **columns_of(job), origin="*")
    job.refresh_from_db()
    assert job.summary["created"] == 45
    page = confirm(client, job).content.decode()
    assert Initiative.objects.count() == 45
    assert "?queue=incomplete" in page
    assert reverse("roadmap:status_word_list") in page
    assert StatusWord.objects.exists()

    upload(client, INITIATIVES, (DATA / "initiatives_published.csv").read_bytes())
    again = the_job()
    choose(client, again, **columns_of(again), origin="*")
    again.refresh_from_db()
    assert (again.summary["created"], again.summary["unchanged"]) == (0, 45)


def test_nothing_is_written_before_it_is_confirmed(client, dx):
    upload(client, INITIATIVES, "取組名\n窓口\n")
    assert the_job().state == ImportState.PREVIEW
    assert not Initiative.objects.exists()


def test_confirming_twice_writes_once(client, dx):
    upload(client, INITIATIVES, "取組名\n窓口\n")
    job = the_job()
    assert confirm(client, job).status_code == 200
    assert confirm(client, job).status_code == 200
    assert Initiative.objects.count() == 1
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (ImportState.DONE, b"")
    assert Event.objects.filter(action="import.applied").count() == 1


def test_another_file_than_the_one_shown_is_not_written(client, dx):
    upload(client, INITIATIVES, "取組名\n窓口\n")
    response = confirm(client, the_job(), sha256="0" * 64)
    assert response.status_code == 409
    assert not Initiative.objects.exists()


def test_what_changed_meanwhile_is_shown_before_it_is_written(client, dx, town):
    upload(client, INITIATIVES, "取組名\n窓口\n")
    job = the_job()
    factories.initiative(town, "窓口", reported_on=dt.date(2026, 9, 1))
    confirm(client, job)
    job.refresh_from_db()
    assert job.state == ImportState.PREVIEW
    assert job.preview["meanwhile"]
    assert Initiative.objects.count() == 1


def test_columns_are_corrected_and_remembered(client, dx, town):
    upload(client, INITIATIVES, "プロジェクト,いろ\n窓口,青\n")
    job = the_job()
    assert job.preview["broken"]
    page = choose(client, job, **{"column-0": "title", "column-1": ""})
    assert "窓口" in page.content.decode()
    job.refresh_from_db()
    confirm(client, job)
    assert ImportMapping.objects.get().columns == {"プロジェクト": "title", "いろ": ""}

    upload(client, INITIATIVES, "プロジェクト,いろ\n窓口,青\n")
    assert the_job().summary["unchanged"] == 1


def test_one_field_from_two_columns_is_refused(client, dx):
    upload(client, INITIATIVES, "取組名,別名\n窓口,青\n")
    response = choose(client, the_job(), **{"column-0": "title", "column-1": "title"})
    assert response.status_code == 422


def test_rejected_rows_are_named_with_row_column_and_remedy(client, dx, town):
    page = upload(client, DEPARTMENTS, "所属コード,所属名\n1,総務課\n1,企画課\n2,\n")
    text = page.content.decode()
    job = the_job()
    assert job.summary["rejected"] == 2
    assert "所属コード" in text
    rejected = client.get(reverse("accounts:import_rejected", args=[job.pk]))
    assert rejected.content.startswith(b"\xef\xbb\xbf")
    assert len(rejected.content.decode().strip().splitlines()) == 3
    confirm(client, job)
    assert [d.name for d in Department.objects.all()] == ["総務課"]


def bomb() -> bytes:
    """A small workbook that unpacks to a very large one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 80_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.csv", b""),
        ("文書.pdf", b"%PDF-1.7 ..."),
        ("古い.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000),
        ("鍵.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
        ("文字.csv", "取組名\n".encode() + b"\xff\xfe\xfd\x81\n"),
        ("壊れ.xlsx", b"PK\x03\x04broken"),
        ("爆弾.xlsx", bomb()),
    ],
    ids=["empty", "pdf", "xls", "encrypted", "encoding", "broken", "bomb"],
)
def test_a_file_nobody_can_read_is_answered_by_a_sentence(client, dx, name, content):
    response = upload(client, INITIATIVES, content, name)
    if ImportJob.objects.filter(state=ImportState.READING).exists():
        sweep_imports()
    job = the_job()
    assert response.status_code == 200
    assert (job.state, bytes(job.content)) == (ImportState.FAILED, b"")
    assert len(job.error) > 10
    page = client.get(reverse("accounts:import_detail", args=[job.pk])).content.decode()
    assert str(job.pk) in page
    assert not Initiative.objects.exists()


def test_a_file_over_the_limit_is_refused_on_the_page(client, dx, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    response = upload(client, INITIATIVES, b"x" * (1024 * 1024 + 1))
    assert response.status_code == 422
    assert "1 MB" in response.content.decode()
    assert not ImportJob.objects.exists()


def test_a_form_without_a_file_is_answered_on_the_page(client, dx):
    assert client.post(INITIATIVES, {}).status_code == 422


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_come_in_alike(client, dx, encoding):
    upload(client, INITIATIVES, "取組名\n髙﨑の窓口①\n".encode(encoding))
    confirm(client, the_job())
    assert Initiative.objects.get().title == "髙﨑の窓口①"


def test_workbooks_come_in_like_csv(client, dx):
    file = io.BytesIO()
    write_xlsx([Sheet("取組", ("取組名", "目標年度"), [["窓口", 2027], ["紙", "令和9年度"]])], file)
    upload(client, INITIATIVES, file.getvalue(), "取組.xlsx")
    confirm(client, the_job())
    assert dict(Initiative.objects.values_list("title", "target_fy")) == {"窓口": 2027, "紙": 2027}


def test_text_of_the_file_is_text(client, dx):
    page = upload(client, INITIATIVES, "取組名,担当課\n<b>x</b>,<script>alert(1)</script>\n,<i>\n")
    text = page.content.decode()
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
    assert "&lt;b&gt;x" in text


# Large files ------------------------------------------------------------------------------------
def large(rows: int) -> bytes:
    """Many initiatives."""
    return ("取組名,担当課\n" + "".join(f"取組{i},課\n" for i in range(rows))).encode()


def test_a_large_file_is_a_job_with_progress(client, dx, town):
    page = upload(client, INITIATIVES, large(2_500))
    job = the_job()
    assert job.state == ImportState.READING
    address = reverse("accounts:import_progress", args=[job.pk])
    assert address in page.content.decode()
    Teller(job.pk).tell(READING, 1_200, 2_500)
    polled = client.get(address, headers={"HX-Request": "true"})
    assert (polled.status_code, "1,200" in polled.content.decode()) == (200, True)

    run_import_job(town.pk, str(job.pk))

    polled = client.get(address, headers={"HX-Request": "true"})
    assert polled.status_code == 286
    assert reverse("accounts:import_detail", args=[job.pk]) in polled.content.decode()
    assert Outbox.objects.filter(recipient=dx).count() == 1
    job.refresh_from_db()
    confirm(client, job)
    job.refresh_from_db()
    assert job.state == ImportState.APPLYING
    confirm(client, job)
    sweep_imports()
    sweep_imports()
    job.refresh_from_db()
    assert job.state == ImportState.DONE
    assert Initiative.objects.count() == 2_500


def test_the_same_large_file_twice_is_one_job(client, dx):
    upload(client, INITIATIVES, large(2_500))
    upload(client, INITIATIVES, large(2_500))
    assert ImportJob.objects.count() == 1


def test_a_file_that_kills_its_worker_is_given_up(client, dx, town):
    upload(client, INITIATIVES, large(2_500))
    job = the_job()
    job.options["attempts"] = import_jobs.ATTEMPTS
    job.save()
    run_import_job(town.pk, str(job.pk))
    job.refresh_from_db()
    assert job.state == ImportState.FAILED
    assert job.error


def test_old_files_are_forgotten(client, dx):
    upload(client, INITIATIVES, "取組名\n窓口\n")
    week_ago = timezone.now() - dt.timedelta(days=8)
    ImportJob.objects.update(created_at=week_ago)
    sweep_imports()
    job = the_job()
    assert (bytes(job.content), job.preview, job.state) == (b"", {}, ImportState.FAILED)
    assert client.get(reverse("accounts:import_detail", args=[job.pk])).status_code == 200


@pytest.mark.slow
def test_twenty_thousand_rows_come_in_by_a_job(client, dx, town):
    upload(client, INITIATIVES, large(20_000))
    job = the_job()
    run_import_job.apply(args=[town.pk, str(job.pk)]).get()
    job.refresh_from_db()
    confirm(client, job)
    run_import_job.apply(args=[town.pk, str(job.pk)]).get()
    assert Initiative.objects.count() == 20_000


def test_the_preview_asks_the_database_as_often_for_many_rows(
    client, dx, django_assert_num_queries
):
    def queries_of(rows: int) -> str:
        upload(client, INITIATIVES, large(rows))
        return reverse("accounts:import_detail", args=[the_job().pk])

    few, many = queries_of(1), queries_of(60)
    client.get(few)
    for address in (few, many):
        with django_assert_num_queries(7):
            assert client.get(address).status_code == 200


# Access -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.DX_OFFICE, {INITIATIVES, DEPARTMENTS}),
        (Role.ADMIN, {DEPARTMENTS, STAFF}),
        (Role.CDO, set()),
        (Role.AUDITOR, set()),
        (Role.EMPLOYEE, set()),
    ],
)
def test_only_those_who_may_import_see_the_pages(client, town, role, allowed):
    client.force_login(factories.user(town, role=role))
    for path in (INITIATIVES, DEPARTMENTS, STAFF):
        expected = 200 if path in allowed else 403
        assert client.get(path).status_code == expected
        assert client.get(f"{path}template.csv").status_code == expected


def test_a_table_of_people_is_shown_to_administrators_only(client, town):
    client.force_login(factories.user(town, role=Role.ADMIN))
    upload(client, STAFF, "メールアドレス,氏名\na@c.jp,山田\n")
    address = reverse("accounts:import_detail", args=[the_job().pk])
    assert "a@c.jp" in client.get(address).content.decode()
    client.force_login(factories.user(town, role=Role.DX_OFFICE))
    assert client.get(address).status_code == 403
    stranger = factories.user(factories.municipality(staircase=False), role=Role.ADMIN)
    client.force_login(stranger)
    assert client.get(address).status_code == 404


# Commands ---------------------------------------------------------------------------------------
@pytest.fixture
def in_english():
    with override("en"):
        yield


def run(command: str, *arguments: object) -> tuple[str, str, int]:
    """Output, errors and exit code."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), int(end.code or 0)
    return out.getvalue(), err.getvalue(), 0


def test_commands_import_the_published_files(town, in_english):
    charts, initiatives = DATA / "org_charts_published.csv", DATA / "initiatives_published.csv"
    with pytest.raises(CommandError, match="--all-origins"):
        run("import_departments", charts)
    out, _err, code = run("import_departments", charts, "--origin", "南富良野町")
    assert (code, "created 24, changed 0, unchanged 0, rejected 0" in out) == (0, True)
    chosen = ("--municipality", town.code, "--all-origins", "--as-of", "R8.4.1")
    dry, _err, _code = run("import_initiatives", initiatives, *chosen, "--dry-run")
    assert "created 45" in dry
    assert not Initiative.objects.exists()
    run("import_initiatives", initiatives, *chosen)
    again, _err, code = run("import_initiatives", initiatives, *chosen)
    assert (code, "created 0, changed 0, unchanged 45, rejected 0" in again) == (0, True)


def test_a_command_names_each_rejected_row_and_ends_with_1(town, tmp_path):
    path = tmp_path / "所属.csv"
    path.write_bytes("所属コード,所属名\n1,総務課\n1,企画課\n".encode("cp932"))
    with override("ja"):
        _out, err, code = run("import_departments", path)
    assert code == 1
    assert "所属コード" in err
    assert "3" in err
    assert [d.name for d in Department.objects.all()] == ["総務課"]


def test_a_command_takes_a_mapping_and_refuses_fields_it_does_not_know(town, tmp_path, in_english):
    path, mapping = tmp_path / "表.csv", tmp_path / "map.json"
    path.write_text("プロジェクト,色\n窓口,青\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was imported"):
        run("import_initiatives", path)
    mapping.write_text('{"プロジェクト": "titel"}', encoding="utf-8")
    with pytest.raises(CommandError, match="title"):
        run("import_initiatives", path, "--map", mapping)
    mapping.write_text('{"プロジェクト": "title"}', encoding="utf-8")
    assert run("import_initiatives", path, "--map", mapping)[2] == 0
    assert Initiative.objects.get().extra == {"色": "青"}


def test_a_command_says_what_is_wrong_with_its_arguments(town, tmp_path, in_english):
    factories.municipality("隣の市", staircase=False)
    path = tmp_path / "表.pdf"
    path.write_bytes(b"%PDF-1.7")
    for arguments, words in [
        ((path,), "--municipality"),
        ((path, "--municipality", "000000"), "000000"),
        ((path, "--municipality", town.code), "PDF"),
        ((path, "--municipality", town.code, "--as-of", "soon"), "soon"),
        ((tmp_path / "nowhere.csv", "--municipality", town.code), "nowhere.csv"),
    ]:
        with pytest.raises(CommandError, match=words):
            run("import_staff", *arguments)
