"""Which column holds what: guessed from headings, remembered from last time; and 同上 resolved."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from .messages import Message
from .tables import Note, Row

#: Cells that mean "as in the row above".
DITTO = frozenset(
    {"同上", "〃", '"', "''", "″", "”", "“", "上に同じ", "上記に同じ", "上と同じ", "仝上", "仝"}
)
#: A remembered heading with this field is kept out of every field on purpose.
LEAVE_OUT = ""

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|「[^「」]*」|〔[^〔〕]*〕|<[^<>]*>")
_PUNCTUATION = re.compile(r"[\s_\-・/.,、。:;*※()\[\]【】「」〔〕<>]+")


def heading_key(text: str) -> str:
    """A heading without width, case, spaces, punctuation and what stands in brackets."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = _PUNCTUATION.sub("", _BRACKETED.sub("", plain))
    return bare or _PUNCTUATION.sub("", plain)


def guess_columns(
    header: Sequence[str],
    fields: Mapping[str, Sequence[str]],
    remembered: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Field → index of its column. Each column serves one field at most.

    ``remembered`` maps headings to fields and wins; then a heading equal to an alias; then one
    that contains an alias, the longest alias first.
    """
    keys = [heading_key(cell) for cell in header]
    chosen: dict[str, int] = {}
    taken: set[int] = set()
    known = {heading_key(heading): target for heading, target in (remembered or {}).items()}
    for index, key in enumerate(keys):
        target = known.get(key) if key else None
        if target is None or (target in chosen and target != LEAVE_OUT):
            continue
        taken.add(index)
        if target in fields:
            chosen[target] = index
    for _rank, field, index in sorted(_candidates(keys, fields)):
        if field not in chosen and index not in taken:
            chosen[field] = index
            taken.add(index)
    return {field: chosen[field] for field in fields if field in chosen}


def _candidates(
    keys: Sequence[str], fields: Mapping[str, Sequence[str]]
) -> Iterator[tuple[tuple[int, int, int], str, int]]:
    """Every possible pair, best rank first: exact by order of alias, then contained by length."""
    for position, (field, aliases) in enumerate(fields.items()):
        for order, alias in enumerate(heading_key(alias) for alias in aliases):
            for index, key in enumerate(keys):
                if key == alias:
                    yield (0, order, position), field, index
                elif len(alias) > 1 and alias in key and not (alias.isascii() and len(alias) < 4):
                    yield (1, -len(alias), position), field, index


def is_ditto(text: str) -> bool:
    """Whether a cell says "as above"."""
    return text in DITTO or unicodedata.normalize("NFKC", text).replace(" ", "") in DITTO


def fill_ditto(rows: Iterable[Row], columns: Mapping[int, str], notes: list[Note]) -> Iterator[Row]:
    """Rows with 同上, 〃 and the like replaced by the cell above; each is noted with its row.

    ``columns`` gives index and name of the columns to fill. Where nothing stands above, the cell
    becomes empty and the note says so.
    """
    above: Sequence[str] = ()
    for row in rows:
        cells = row.cells
        found = [i for i in columns if i < len(cells) and cells[i] and is_ditto(cells[i])]
        if found:
            cells = list(cells)
            for index in found:
                value = above[index] if index < len(above) else ""
                notes.append(_ditto_note(row.number, columns[index], cells[index], value))
                cells[index] = value
        above = cells
        yield Row(row.number, list(cells)) if found else row


def _ditto_note(row: int, column: str, written: str, value: str) -> Note:
    template = (
        _("Row %(row)s, column “%(column)s”: “%(written)s” was read as “%(value)s”.")
        if value
        else _("Row %(row)s, column “%(column)s”: “%(written)s” has nothing above it; left empty.")
    )
    values = {"row": row, "column": column, "written": written, "value": value}
    return Note(Message(template, values), row=row, column=column, value=value)
