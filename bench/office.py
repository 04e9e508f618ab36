"""The slide and the sheets as LibreOffice opens them, as pictures for somebody to look at.

Installs nothing: says which Debian packages are missing, and ends with an error.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench import harness, pack
from bench.town import Town

PICTURES = harness.ROOT / "test-results" / "office"
#: Program or, with a colon, a font's language → the Debian package that brings it.
NEEDED = {
    "soffice": "libreoffice-impress libreoffice-calc",
    "pdftoppm": "poppler-utils",
    "fc-list": "fontconfig",
}
#: What one slide and one page of a workbook may need.
LONGEST = 180
#: An empty picture of A4 at 80 dots an inch is smaller.
LEAST_BYTES = 8_000


def run(*, quick: bool) -> None:
    """The mayor's files, usual and longest, and (not quick) the board's: written, opened, kept."""
    if missing := [package for program, package in NEEDED.items() if not shutil.which(program)]:
        raise SystemExit(f"Please install as root: apt-get install {' '.join(missing)}")
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with harness.database(), harness.plain_static():
        town = Town("99990", "測定市", pack.DEPARTMENTS, pack.BALLOTS, waves=(("pain", 20),))
        sheets = [("mayor", "mayor", False), ("mayor-longest", "mayor", True)]
        for name, kind, long in sheets if quick else [*sheets, ("board", "board", False)]:
            _written(town, name, kind, long=long)
    for file in sorted(PICTURES.glob("*.*")):
        print(_opened(file), flush=True)


def _written(town: Town, name: str, kind: str, *, long: bool) -> None:
    from dxportal.dashboards.briefing.making import drawn

    briefing = pack.made(town, kind, long=long)
    for ending in ("pptx", "xlsx"):
        (PICTURES / f"{name}.{ending}").write_bytes(drawn(briefing, ending)[1])


def _opened(file: Path) -> str:
    """Convert, count the pages, draw them; an error where LibreOffice shows nothing."""
    here = PICTURES / f"{file.stem}-{file.suffix[1:]}"
    here.mkdir()
    profile = f"-env:UserInstallation=file://{PICTURES}/profile"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", here, file)
    _run("pdftoppm", "-png", "-r", "80", here / f"{file.stem}.pdf", here / "page")
    pages = sorted(here.glob("page*.png"))
    blank = [page.name for page in pages if page.stat().st_size < LEAST_BYTES]
    if not pages or blank:
        raise SystemExit(f"{file.name}: {blank or 'nothing'} was drawn")
    if file.suffix == ".pptx" and len(pages) != 1:
        raise SystemExit(f"{file.name}: {len(pages)} slides instead of one")
    return f"{file.name:<22} {len(pages)} pages in {here}"


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False,
        timeout=LONGEST,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stdout}\n{done.stderr}")
