"""Both message catalogues: complete, with equal placeholders, compiled from what they say."""

import ast
import os
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("ja", "en")
SOURCES = ("dxportal", "roadmap", "surveys", "templates", "static/js")
#: %(name)s, %s, %d, %%, with flags and width.
PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*[\d.]*([sdfr%])")
Key = tuple[str | None, str]


def path_of(language: str, root: Path = ROOT) -> Path:
    """Where a language's catalogue is."""
    return root / "dxportal" / "locale" / language / "LC_MESSAGES" / "django.po"


def catalogue(language: str, root: Path = ROOT) -> polib.POFile:
    """The entries of a language."""
    return polib.pofile(str(path_of(language, root)))


def key(entry: polib.POEntry) -> Key:
    """What makes an entry one: context and message."""
    return entry.msgctxt, entry.msgid


def translations(entry: polib.POEntry) -> list[str]:
    """All wordings of an entry."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str, *, braces: bool) -> list[str]:
    """What is filled in, in a stable order."""
    found = [f"%{match[1] or ''}{match[2]}" for match in PERCENT.finditer(text)]
    if braces:
        found += [
            f"{{{name}}}" for _text, name, _spec, _conv in string.Formatter().parse(text) if name
        ]
    return sorted(found)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> set[Key]:
    """Every message of the source, gathered in a copy so that the checkout stays as it is."""
    if shutil.which("xgettext") is None:
        reason = "gettext is not installed on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    copy = tmp_path_factory.mktemp("messages")
    leave_out = shutil.ignore_patterns("locale", "__pycache__", "vendor", "migrations")
    for name in SOURCES:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, copy / name, ignore=leave_out)
    shutil.copy(ROOT / "manage.py", copy)
    path_of("ja", copy).parent.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "ja", "--no-obsolete", "--no-wrap"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {key(entry) for entry in catalogue("ja", copy)}


def test_no_message_goes_by_a_name_that_is_not_collected() -> None:
    """xgettext knows gettext functions by their own names, and `_` as one with one message."""
    wrong = []
    for path in (path for name in SOURCES for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.module != "django.utils.translation":
                continue
            for alias in node.names:
                right = {None, "_"} if alias.name in {"gettext", "gettext_lazy"} else {None}
                if "gettext" in alias.name and alias.asname not in right:
                    wrong.append(f"{path.relative_to(ROOT)}: {alias.name} as {alias.asname}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_holds_every_message_of_the_source(collected: set[Key], language: str) -> None:
    missing = collected - {key(entry) for entry in catalogue(language)}
    assert sorted(missing, key=str) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_fuzzy(language: str) -> None:
    entries = catalogue(language)
    assert len(entries) > 100
    empty = [entry.msgid for entry in entries if not all(translations(entry) or [""])]
    fuzzy = [entry.msgid for entry in entries if entry.fuzzy]
    assert (empty, fuzzy) == ([], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_fills_in_what_the_message_does(language: str) -> None:
    for entry in catalogue(language):
        braces = "python-brace-format" in entry.flags
        allowed = {
            tuple(placeholders(text, braces=braces))
            for text in (entry.msgid, entry.msgid_plural)
            if text
        }
        for text in translations(entry):
            assert tuple(placeholders(text, braces=braces)) in allowed, entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_begins_and_ends_like_the_message(language: str) -> None:
    for entry in catalogue(language):
        for text in translations(entry):
            assert text.startswith("\n") == entry.msgid.startswith("\n"), entry.msgid
            assert text.endswith("\n") == entry.msgid.endswith("\n"), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_says_what_its_source_says(language: str) -> None:
    def words(entries: list[polib.POEntry]) -> dict[Key, list[str]]:
        return {key(entry): translations(entry) for entry in entries}

    compiled = polib.mofile(str(path_of(language).with_suffix(".mo")))
    assert words(list(compiled)) == words(list(catalogue(language)))


def test_japanese_is_japanese() -> None:
    """A sentence of English words that was left as it is would be no translation."""
    same = [
        entry.msgid
        for entry in catalogue("ja")
        if entry.msgstr == entry.msgid and re.search(r"[a-z]{3,} [a-z]{2,}", entry.msgid)
    ]
    assert same == []
