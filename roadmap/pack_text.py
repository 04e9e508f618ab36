"""The texts of a pack while it is put together: each can be edited before it is handed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Text(str):
    """A text that somebody wrote, with the key under which the form of the pack edits it.

    `drops`: where it is emptied, the entry of the list in which it stands goes with it.
    """

    key: str
    label: str
    longest: int
    drops: bool

    def __new__(
        cls, text: str, key: str = "", label: str = "", longest: int = 4000, drops: bool = False
    ) -> Text:
        """Unix line ends: a form sends others."""
        made = super().__new__(cls, text.replace("\r\n", "\n").replace("\r", "\n"))
        made.key, made.label, made.longest, made.drops = key, label, longest, drops
        return made

    @property
    def is_short(self) -> bool:
        """Whether one line is enough."""
        return self.longest <= 200


def texts(content: Any) -> Iterator[Text]:
    """Every text of a draft that is not empty, in order."""
    if isinstance(content, Text):
        if content:
            yield content
    elif isinstance(content, Mapping):
        for inner in content.values():
            yield from texts(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from texts(inner)


def edited(content: Any, typed: Mapping[str, str]) -> Any:
    """The same draft with what was typed; entries whose text was emptied are gone."""
    if isinstance(content, Text):
        text = typed.get(content.key, content).strip()
        return Text(text, content.key, content.label, content.longest, content.drops)
    if isinstance(content, Mapping):
        return {name: edited(inner, typed) for name, inner in content.items()}
    if isinstance(content, list):
        done = [edited(inner, typed) for inner in content]
        return [inner for inner in done if not _is_dropped(inner)]
    return content


def _is_dropped(entry: Any) -> bool:
    return isinstance(entry, Mapping) and any(
        isinstance(value, Text) and value.drops and not value for value in entry.values()
    )
