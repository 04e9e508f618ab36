"""Both tables of the house style: apps stack one way, and so do the layers inside each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("dxportal.shared", "dxportal.accounts", "roadmap", "surveys", "dxportal.dashboards")
#: Each layer may know about those before it; the name is a file or a folder inside an app.
LAYERS = {
    "words": {"choices", "codes"},
    "models": {"models"},
    "meaning": {
        *("adoption", "aftercare"),
        *("anonymity", "answers", "certainty", "completeness", "conclusions", "counting"),
        *("department_rows", "effort"),
        *("department_rows", "reorganising"),
        *("department_cells", "department_tree", "design_checks", "figures", "followups", "groups"),
        *("import_plan", "import_rows", "import_words", "kinds", "measuring"),
        *("import_plan", "import_rows", "import_words", "kinds", "reminding"),
        *("painpoints", "partition", "search", "segments", "shares", "staff_rows", "staircase"),
        *(
            "disclosure",
            "known_municipalities",
            "launch_lines",
            "pasted",
            "plain_japanese",
            "promoter_lines",
            "promoting",
            "training",
        ),
        *("pack_format", "pack_safety", "pack_text"),
        *("next_steps", "round_calendar", "round_diff", "round_gaps"),
        *("sheet_columns", "sheet_rows", "sheet_rules"),
        *("sheet_columns", "sheet_names", "sheet_rows", "sheet_rules"),
        "sharing",
        *("sums", "tallies", "themes", "tickets", "timeliness", "voices", "workdays"),
        *("timeline", "variants"),
        *("portfolio", "reinvesting", "value_sums"),
        *("staircase_checks", "staircase_diff", "staircase_words", "thresholds"),
        *("feed_body", "initiative_counts", "reading_rows"),
    },
    "work": {
        "board",
        *("asking_again", "design_outlook", "comparing", "gap", "hours", "reminder_facts"),
        *("printing", "report", "trend"),
        *("import_drafts", "import_places", "replying", "results"),
        *("actions", "audit", "audits", "clock", "department_importer", "eligibility", "exporters"),
        *("history", "importers", "listing", "locks", "marks", "notifications", "opening"),
        "criterion_levels",
        *("measurements", "participation", "remembering"),
        *("codebook", "texts"),
        *("part_words", "posters", "public_rows", "setting_up"),
        *("burdens", "pack_facts", "pack_plan", "pack_sources", "pack_values"),
        *("as_of", "pictures", "round_files", "round_snapshots", "rounds"),
        *("staircase_names", "staircase_outlook", "staircase_sources", "staircase_versions"),
        *("sheet_facts", "sheet_plan", "sheet_tokens", "sheet_words", "workbooks"),
        *("participation", "remembering"),
        *("codebook", "texts", "handover", "organisation"),
        *("reorganisation_facts", "reorganisation_preview", "reorganisation_words"),
        *("finding", "promoter_plan", "trainings", "value_ledger"),
        *("cell_facts", "evidence_queue", "reading_importer", "reading_table"),
        *(
            "escalations",
            "talk",
            "talk_notices",
            "permissions",
            "rollup_sql",
            "rollups",
            "effort_counts",
            "shown_words",
            "signed_links",
            "staff_importer",
            "throttle",
            "vault",
            "wording",
        ),
    },
    "doorways": {
        *(
            "design_forms",
            "forms",
            "forms_import",
            "forms_promoters",
            "forms_setup",
            "management",
            "reply_forms",
            "urls",
            "views",
        ),
        *("survey_forms", "text_forms", "ticket_forms"),
    },
}
ORDER = tuple(LAYERS)
#: What meaning must not touch: rows, requests and the clock.
IMPURE = ("django.db", "django.http", "django.utils.timezone", "django.conf", "time")
SOURCES = sorted(
    path
    for app in APPS
    for path in (ROOT / app.replace(".", "/")).rglob("*.py")
    if "migrations" not in path.parts
)


def module_of(path: Path) -> str:
    """The dotted name of a source file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def app_of(module: str) -> str | None:
    """Which of our apps a module belongs to."""
    return next((app for app in APPS if f"{module}.".startswith(f"{app}.")), None)


def layer_of(module: str) -> int | None:
    """The row of the layer table that holds a module, if any does."""
    app = app_of(module)
    first = module.removeprefix(f"{app}.").split(".")[0] if app else ""
    if app == APPS[-1] and first not in LAYERS["doorways"]:
        return None  # the roof composes: its other files are named after the panels they fill
    return next((ORDER.index(layer) for layer, names in LAYERS.items() if first in names), None)


def imports(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Every module that a file imports; with `at_import` only what importing it runs."""
    tree = ast.parse(path.read_text("utf-8"))
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_app_imports_only_what_it_stands_on(path: Path) -> None:
    own = APPS.index(app_of(module_of(path)) or "")
    above = [name for name in imports(path) if (app := app_of(name)) and APPS.index(app) > own]
    assert above == []


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_layer_imports_only_what_is_before_it(path: Path) -> None:
    own = layer_of(module_of(path))
    if own is None:
        return
    later = [name for name in imports(path) if (layer_of(name) or 0) > own]
    assert later == []


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_meaning_knows_no_row_no_request_and_no_clock(path: Path) -> None:
    if layer_of(module_of(path)) != ORDER.index("meaning"):
        return
    known = [*imports(path)]
    impure = [name for name in known if any(f"{name}.".startswith(f"{bad}.") for bad in IMPURE)]
    models = [name for name in known if layer_of(name) == ORDER.index("models")]
    text = path.read_text("utf-8")
    clock = [call for call in (".now(", ".today(", "localdate(") if call in text]
    assert (impure, models, clock) == ([], [], [])


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem == "tasks"], ids=module_of)
def test_task_modules_import_nothing_of_ours_before_they_run(path: Path) -> None:
    ours = [name for name in imports(path, at_import=True) if app_of(name)]
    assert ours == []


def test_nothing_is_named_after_what_it_could_hold() -> None:
    vague = {"services.py", "helpers.py", "utils.py", "misc.py", "common.py"}
    assert [str(path) for path in SOURCES if path.name in vague] == []
