"""The file of a pack: what is read, what is refused and where; held to the published schema."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

FORMAT: Final = "dxportal-pack"
VERSION: Final = 1
#: Bytes of a file; a pack of one initiative has about 5 KB.
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_INITIATIVES: Final = 20
#: Objects and lists inside each other; a pack of version 1 needs 7.
MAX_DEPTH: Final = 16
SCHEMA: Final = Path(__file__).parent / "content" / "pack-1.schema.json"
#: Licences that a sender can choose; the first is proposed.
LICENCES: Final = ("CC BY 4.0", "PDL 1.0", "CC0 1.0")
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
#: What no text may hold: control characters but tab and line ends, and halves of a letter.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class PackRefused(Exception):
    """The file cannot be taken over: where (`initiatives[2].milestones[0].days`) and what to do."""

    def __init__(self, sentence: str, place: str = "") -> None:
        """Keep both; `place` is empty where it is about the whole file."""
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.sentence, self.place = sentence, place


@cache
def schema() -> dict[str, Any]:
    """The published schema, which is also what the reader goes by."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return found


def read_pack(content: bytes) -> dict[str, Any]:
    """The pack as it stands in the file; raises PackRefused with the first place that is wrong."""
    if len(content) > MAX_BYTES:
        raise PackRefused(
            _("The file is larger than 2 MB. Ask the sender for fewer initiatives at a time.")
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PackRefused(
            _("The file is not UTF-8. Choose the file as it was received, without opening it.")
        ) from None
    pack = _parsed(text)
    _check_head(pack)
    for place, sentence in problems(pack, schema()):
        raise PackRefused(sentence, place)
    for place, sentence in _twice(pack):
        raise PackRefused(sentence, place)
    found: dict[str, Any] = pack
    return found


def _twice(pack: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Indicators of one name and kind in one initiative: only one of them could be kept."""
    for number, item in enumerate(pack["initiatives"]):
        known: set[tuple[str, str]] = set()
        for at, each in enumerate(item.get("indicators", ())):
            same = (" ".join(each["name"].split()), each["kind"])
            if same in known:
                place = f"initiatives[{number}].indicators[{at}].name"
                yield place, _("Another indicator of this name and kind stands above. Rename it.")
            known.add(same)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise PackRefused(
            _("This is no pack: it cannot be read from line %(line)s on. Choose another file.")
            % {"line": error.lineno}
        ) from None
    except ValueError:
        raise PackRefused(_("A number in the file is too long to be read.")) from None
    if _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def _too_deep() -> PackRefused:
    return PackRefused(_("This is no pack: it is nested too deeply. Choose another file."))


def _no_number(_text: str) -> Any:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice would be read differently by different programs."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PackRefused(_("A name stands twice in the file. Ask the sender to save it again."))
    return found


def _depth(value: Any) -> int:
    """Levels of objects and lists; without recursion."""
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        inside: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inside.extend(each.values())
            elif isinstance(each, list):
                inside.extend(each)
        level = inside
        depth += 1
    return depth


def _check_head(pack: Any) -> None:
    """Another format or another version is said before anything else."""
    if not isinstance(pack, dict) or pack.get("format") != FORMAT:
        raise PackRefused(
            _("This is not a pack of initiatives. Choose a file that ends in “pack.json”."),
            "format",
        )
    version = pack.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise PackRefused(
            _("Only version 1 of packs can be read here. Update dxportal, or ask for version 1."),
            "version",
        )


def problems(value: Any, rule: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """(place, sentence) of everything that breaks the schema, in the order of the file."""
    sentence = _type_problem(value, rule) or _value_problem(value, rule)
    if sentence:
        yield place, sentence
    elif isinstance(value, dict):
        yield from _object_problems(value, rule, place)
    elif isinstance(value, list):
        yield from _list_problems(value, rule, place)


def _type_problem(value: Any, rule: Mapping[str, Any]) -> str:
    wanted = rule.get("type")
    if wanted is None:
        return ""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    if any(_is_a(value, name) for name in names):
        return ""
    words = {
        "object": _("a group of values in { }"),
        "array": _("a list in [ ]"),
        "string": _("a text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "null": _("nothing (null)"),
    }
    return _("Here must stand %(what)s.") % {"what": _(" or ").join(words[n] for n in names)}


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _value_problem(value: Any, rule: Mapping[str, Any]) -> str:
    if "const" in rule and value != rule["const"]:
        return _("Here must stand “%(value)s”.") % {"value": rule["const"]}
    if "enum" in rule and value is not None and value not in rule["enum"]:
        known = _(", ").join(str(each) for each in rule["enum"] if each != "")
        return _("This value is not known here. Possible are: %(known)s.") % {"known": known}
    if isinstance(value, str):
        return _text_problem(value, rule)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_problem(value, rule)
    return ""


def _text_problem(value: str, rule: Mapping[str, Any]) -> str:
    if _UNWRITABLE.search(value):
        return _("The text holds a character that cannot be kept. Take it out.")
    longest = rule.get("maxLength")
    if longest is not None and len(value) > longest:
        return _("The text is longer than %(longest)s characters. Shorten it.") % {
            "longest": longest
        }
    if rule.get("minLength") and not value.strip():
        return _("A text is missing here. Fill it in, or leave the whole entry out.")
    if "pattern" in rule and not re.search(rule["pattern"], value):
        return _("The value is not written as it should be. See the description of packs.")
    if rule.get("format") == "date" and not _is_day(value):
        return _("This day does not exist. Write it as 2026-04-01.")
    return ""


def _is_day(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _number_problem(value: float, rule: Mapping[str, Any]) -> str:
    low, high = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
    if low <= value <= high and (isinstance(value, int) or math.isfinite(value)):
        return ""
    return _("The number must be between %(low)s and %(high)s.") % {"low": low, "high": high}


def _object_problems(
    value: dict[str, Any], rule: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    known = rule.get("properties")
    for name in rule.get("required", ()):
        if name not in value:
            yield _below(place, name), _("This is missing. Ask the sender to save the pack again.")
    for name, inner in value.items():
        below = _below(place, _UNWRITABLE.sub("?", name[:40]))
        if _UNWRITABLE.search(name):
            yield below, _("The text holds a character that cannot be kept. Take it out.")
        elif known is None:
            yield from problems(inner, {}, below)
        elif name in known:
            yield from problems(inner, known[name], below)
        else:
            yield below, _("Packs of version 1 know nothing of this name. Take it out.")


def _list_problems(
    value: list[Any], rule: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    if len(value) > rule.get("maxItems", math.inf):
        yield place, _("These are more than %(most)s entries.") % {"most": rule["maxItems"]}
        return
    if len(value) < rule.get("minItems", 0):
        yield place, _("There is nothing in this list.")
    for number, inner in enumerate(value):
        yield from problems(inner, rule.get("items", {}), f"{place}[{number}]")


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def written(pack: Mapping[str, Any]) -> bytes:
    """The bytes of the file: UTF-8, indented, so that it can be read with any editor."""
    return (json.dumps(pack, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def in_one_order(pack: Mapping[str, Any]) -> bytes:
    """The same bytes for the same content, however a file is indented or sorted."""
    return json.dumps(pack, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
