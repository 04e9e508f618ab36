"""Templates, styles and scripts under a strict policy: nothing inline, nothing from elsewhere."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import plotly
import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
FILES = sorted(TEMPLATES.rglob("*.html"))
SOURCES = sorted(
    path
    for app in ("dxportal", "roadmap", "surveys")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
VOID |= {"circle", "line", "path", "rect", "use", "polygon", "polyline", "ellipse", "stop"}
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
COMMENTS = re.compile(r"{% comment.*?{% endcomment %}", re.DOTALL)
OTHER_BRANCH = re.compile(
    r"{% el(?:se|if)\b[^%]*%}(?:(?!{% (?:if|endif)).)*(?={% endif)", re.DOTALL
)


def name_of(path: Path) -> str:
    """A readable test id."""
    return str(path.relative_to(ROOT))


def plain(source: str) -> str:
    """The HTML of a template without Django's tags."""
    return TAGS.sub("", COMMENTS.sub("", source))


class Elements(HTMLParser):
    """Every start tag with its attributes; and those at depth 0."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.depth = 0
        self.found: list[tuple[str, dict[str, str]]] = []
        self.roots: list[dict[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count one element."""
        values = {key: value or "" for key, value in attrs}
        self.found.append((tag, values))
        if self.depth == 0:
            self.roots.append(values)
        self.depth += tag not in VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself opens nothing."""
        depth = self.depth
        self.handle_starttag(tag, attrs)
        self.depth = depth

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self.depth -= tag not in VOID


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_template_has_nothing_inline(path: Path) -> None:
    for tag, attributes in Elements(plain(path.read_text(encoding="utf-8"))).found:
        assert tag != "style"
        assert tag != "script" or "src" in attributes
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith(("on", "hx-on"))]
        assert "javascript:" not in " ".join(attributes.values())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_template_has_no_trigger_filter_and_no_script_values(path: Path) -> None:
    for _, attributes in Elements(plain(path.read_text(encoding="utf-8"))).found:
        assert "[" not in attributes.get("hx-trigger", "")
        assert not attributes.get("hx-vals", "").startswith(("js:", "javascript:"))


@pytest.mark.parametrize("path", [*FILES, *STYLES, *SCRIPTS], ids=name_of)
def test_nothing_comes_from_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
    assert not re.search(r"https?://|[\"'(]//\w", text)


def swapped() -> list[str]:
    """Partials that views name as the part to swap."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    return sorted(set(re.findall(r'partial="([^"]+)"', sources)))


@pytest.mark.parametrize("name", swapped())
def test_swapped_part_has_one_root_that_carries_its_name(name: str) -> None:
    path = TEMPLATES / name
    assert path.name.startswith("_")
    source = path.read_text(encoding="utf-8")
    assert "{% extends" not in source
    source = OTHER_BRANCH.sub("", COMMENTS.sub("", source))
    first, *others = Elements(TAGS.sub("", source)).roots
    assert first.get("id", "").startswith(path.stem.removeprefix("_").replace("_", "-"))
    assert all("hx-swap-oob" in other for other in others)


def test_styles_use_only_tokens_that_exist() -> None:
    vendored = (VENDOR / "digital-go-jp-design-tokens-1.1.9.css").read_text(encoding="utf-8")
    tokens = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    declared = dict(re.findall(r"(--[\w-]+): ([^;]+);", tokens))
    assert declared.items() <= dict(re.findall(r"(--[\w-]+): ([^;]+);", vendored)).items()
    for path in STYLES:
        text = path.read_text(encoding="utf-8")
        own = set(re.findall(r"(--[\w-]+):", text))
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= declared.keys() | own, path.name


def test_scripts_never_evaluate_or_write_markup() -> None:
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|document\.write", text)


def test_vendored_files_match_their_checksums_and_carry_a_licence() -> None:
    listed = dict(
        re.findall(
            r"^\| `([^`]+)` \|.*`?([0-9a-f]{64})`? \|$",
            (VENDOR / "README.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    files = {path.name for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}}
    assert listed.keys() == files
    for name, digest in listed.items():
        content = (VENDOR / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert b"sourceMappingURL" not in content
        licence = re.sub(r"(\.min)?\.(js|css)$", ".LICENSE.txt", name)
        assert (VENDOR / licence).is_file()


def test_plotly_bundle_is_the_one_that_the_figures_are_built_for() -> None:
    (bundle,) = VENDOR.glob("plotly-basic-*.min.js")
    version = bundle.name.removeprefix("plotly-basic-").removesuffix(".min.js")
    assert f"v{version}" in bundle.read_text(encoding="utf-8")[:200]
    wheel = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    with wheel.open(encoding="utf-8") as opened:
        assert f"v{version}" in opened.read(200)
    scripts = (TEMPLATES / "_chart_scripts.html").read_text(encoding="utf-8")
    assert bundle.name in scripts
    assert scripts.index("plotly.js-style-global") < scripts.index(bundle.name)


def test_charts_send_nothing_away() -> None:
    glue = (STATIC / "js" / "charts.js").read_text(encoding="utf-8")
    assert "showSendToCloud: false" in glue
    assert 'plotlyServerURL: ""' in glue


def test_answering_pages_load_no_script() -> None:
    source = (TEMPLATES / "base_survey.html").read_text(encoding="utf-8")
    assert "<script" not in source
    assert "htmx" not in source


def test_error_page_needs_no_context() -> None:
    for name in ("500.html", "503.html"):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        assert "{{" not in source
        assert "{% extends" not in source
