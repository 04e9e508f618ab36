"""What opening a wave will do, worked out from what is planned: for the page and for opening."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.shared.plain_japanese import EVERYTHING, TYPED, Hint, Rule, check
from surveys.actions.definitions import definition_of
from surveys.actions.tickets import frozen_tickets
from surveys.choices import Audience, Repeat
from surveys.content.notice import notice
from surveys.design_checks import Finding, check_attributes
from surveys.design_outlook import codes_of, to_repair
from surveys.eligibility import frame, sitting_frame
from surveys.models import CrossPair, Wave
from surveys.notifications import deadline_of
from surveys.partition import Node, partition
from surveys.segments import OrgNode, Placed
from surveys.sittings import BlockDraw, SittingDraw, joined
from surveys.workdays import is_workday


@dataclass(frozen=True)
class Draw:
    """Who would be asked, where each would be counted, what they would be asked and told.

    `tickets`: segment → staff there without an account, as it will be frozen. `blocks`: where
    initiatives are asked about, each with its own organisation; `asks`: segment → its blocks;
    `own`: the questions of one block alone.
    """

    nodes: list[OrgNode]
    placed: list[Placed]
    tickets: dict[str, int]
    definition: dict[str, Any]
    notice_ja: str
    notice_en: str
    blocks: list[BlockDraw] = field(default_factory=list)
    asks: dict[str, list[int]] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def alone(self) -> dict[str, Any]:
        """The questions without those of further blocks."""
        return self.own or self.definition


@dataclass(frozen=True)
class Outlook:
    """What the opening page says. `together`: places that only show as part of a larger one."""

    asked: int
    places: int
    together: int
    notice: str
    obstacles: Sequence[str]
    findings: Sequence[str]
    hints: Sequence[Hint] = ()

    @property
    def too_few(self) -> bool:
        """Whether nothing could ever be shown, even if everybody answered."""
        return self.places > 0 and self.together == self.places


def draw_up(wave: Wave, now: dt.datetime) -> Draw:
    """Read organisation and survey as they are now; nothing is written."""
    survey, day = wave.survey, timezone.localdate(now)
    heads = survey.audience == Audience.HEADS
    definition = {**definition_of(survey), "crosses": codes_of(_pairs(wave))}
    if planned := wave.frozen_org.get("blocks"):
        return _draw_sitting(wave, planned, definition, day)
    only = wave.frozen_org.get("departments")
    nodes, placed = frame(survey.municipality, day, only=only, heads_only=heads)
    tickets = frozen_tickets(wave, nodes, day)
    ja, en = _notice(wave, definition, tickets)
    return Draw(nodes, placed, tickets, definition, ja, en)


def _draw_sitting(
    wave: Wave, planned: Sequence[Mapping[str, Any]], definition: dict[str, Any], day: dt.date
) -> Draw:
    """What asks about initiatives: their blocks, and the questions of all of them in a row."""
    asked = [(block["departments"], block["left_out"]) for block in planned]
    drawn = sitting_frame(wave.survey.municipality, day, asked)
    told = [{name: block[name] for name in ("initiative", "title", "why")} for block in planned]
    ja, en = _notice(wave, definition, drawn.tickets)
    if len(told) == 1:
        whole, asks = {**definition, "blocks": told}, {}
    else:
        whole, asks = joined(definition, told), drawn.asks
    nodes = _told_apart(drawn, [block["title"] for block in planned])
    return Draw(
        nodes,
        drawn.placed,
        drawn.tickets,
        whole,
        ja,
        en,
        drawn.blocks,
        asks,
        definition,
    )


def _told_apart(drawn: SittingDraw, titles: Sequence[str]) -> list[OrgNode]:
    """Segments of one place bear the names of what is asked there: 総務課（電子決裁・チャット）."""
    by_key = {node["key"]: node for node in drawn.nodes}
    nodes = []
    for node in drawn.nodes:
        parent, asks = by_key.get(node["parent"] or 0), drawn.asks.get(str(node["key"]))
        names = "・".join(titles[number - 1][:20] for number in asks or ())
        split = bool(names) and parent is not None and parent["label"] == node["label"]
        label = f"{node['label']}（{names}）" if split else node["label"]
        nodes.append(OrgNode(**{**node, "label": label}))
    return nodes


def _notice(
    wave: Wave, definition: Mapping[str, Any], tickets: Mapping[str, int]
) -> tuple[str, str]:
    """What those asked agree to, in Japanese and English."""
    return notice(
        closes=deadline_of(wave),
        k=wave.k_cell,
        k_text=wave.k_text,
        heads=wave.survey.audience == Audience.HEADS,
        two_person=wave.two_person,
        readers=[reader.user.name for reader in wave.readers.select_related("user")],
        tickets=bool(tickets),
        has_text=_has_text(definition),
        repeats=wave.survey.repeat == Repeat.MONTHLY,
    )


def outlook(wave: Wave, now: dt.datetime) -> Outlook:
    """Everything that the opening page tells before anybody presses the button."""
    drawn = draw_up(wave, now)
    places, together = _counted_together(drawn, wave.k_cell)
    return Outlook(
        asked=len(drawn.placed) + sum(drawn.tickets.values()),
        places=places,
        together=together,
        notice=drawn.notice_ja,
        obstacles=obstacles(wave, drawn, now),
        findings=_findings(wave, drawn),
        hints=_hard_to_read(wave, drawn),
    )


#: The notice is our own text: days and names in it are meant.
_OF_NOTICE = EVERYTHING - {Rule.WEEKDAY, Rule.NAME, Rule.MANY, Rule.LONG, Rule.DEADLINE}


def _hard_to_read(wave: Wave, drawn: Draw) -> list[Hint]:
    """What those who are asked may find hard to read: notice, name of the round, questions."""
    hints = check(drawn.notice_ja, rules=_OF_NOTICE)
    typed = [wave.label, *(question["text_ja"] for question in drawn.definition["questions"])]
    rules = TYPED - {Rule.WEEKDAY}
    return hints + [hint for text in typed for hint in check(text, rules=rules)]


def obstacles(wave: Wave, drawn: Draw, now: dt.datetime) -> list[str]:
    """Why the wave cannot be opened now; none where it can."""
    found = []
    if wave.closes_at <= now:
        found.append(_("The deadline has passed. Choose a later one."))
    repairs = to_repair(drawn.alone, _pairs(wave))
    found += [_at(drawn, finding) for finding in repairs if finding.level == "error"]
    if not drawn.placed and not drawn.tickets:
        found.append(
            _("Nobody would be asked: no head of these departments has an account.")
            if wave.survey.audience == Audience.HEADS
            else _("Nobody would be asked: no active person has a department.")
        )
    if not _key_folder_is_ready():
        found.append(_("The key folder cannot be written to. Ask the operator to mount it."))
    return found


def _findings(wave: Wave, drawn: Draw) -> list[str]:
    """What is allowed but worth a second look."""
    found = []
    asked = len(drawn.placed) + sum(drawn.tickets.values())
    if asked and asked < wave.k_cell:
        found.append(
            _("Fewer than %(k)s people would be asked, so no result could ever be shown.")
            % {"k": wave.k_cell}
        )
    has_text = _has_text(drawn.definition)
    readers = [reader.user for reader in wave.readers.select_related("user")]
    if has_text and not readers:
        found.append(
            _("Nobody is named to read the free texts: only the themes will be published.")
        )
    if has_text and len(readers) == 1:
        found.append(_("One reader alone cannot publish any wording: a second one approves it."))
    found += [
        _("%s is named as a reader but has left.") % reader.name
        for reader in readers
        if not reader.is_active
    ]
    if not is_workday(timezone.localdate(wave.closes_at)):
        found.append(_("The deadline is on a day on which the town hall is closed."))
    return found + _warnings(wave, drawn)


def _warnings(wave: Wave, drawn: Draw) -> list[str]:
    """What the design of the questions makes of these people: numbers that will stay hidden."""
    pairs = _pairs(wave)
    sizes = _sizes(drawn)
    expected = check_attributes(
        drawn.alone,
        codes_of(pairs),
        asked=sum(sizes.values()),
        segment_sizes=list(sizes.values()),
        k=wave.k_cell,
    )
    all_of_them = [*to_repair(drawn.alone, pairs), *expected]
    return [_at(drawn, finding) for finding in all_of_them if finding.level == "warning"]


def _at(drawn: Draw, finding: Finding) -> str:
    """The sentence, with the question that it is about."""
    asked = {question["code"]: question["text_ja"] for question in drawn.definition["questions"]}
    words = asked.get(finding.question)
    return f"{finding.question}「{words}」　{finding.sentence}" if words else finding.sentence


def _pairs(wave: Wave) -> list[CrossPair]:
    return list(wave.survey.cross_pairs.select_related("rows", "columns").order_by("id"))


def _has_text(definition: Mapping[str, Any]) -> bool:
    return any(question["kind"] == "text" for question in definition["questions"])


def _sizes(drawn: Draw) -> Counter[int]:
    """Segment → people asked there, those with a ticket too."""
    counts = Counter(place.segment for place in drawn.placed)
    counts.update({int(segment): n for segment, n in drawn.tickets.items()})
    return counts


def _counted_together(drawn: Draw, k: int) -> tuple[int, int]:
    """How many places there are, and how many never show by themselves even if all answer."""
    counts = _sizes(drawn)
    tree = [Node(node["key"], node["parent"], node["label"]) for node in drawn.nodes]
    alone = {group.node for group in partition(tree, counts, k)}
    return len(counts), sum(segment not in alone for segment in counts)


def _key_folder_is_ready() -> bool:
    """Whether a key could be written: the folder, or where it is still to be made, its parent."""
    folder = settings.KEY_DIR
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def as_frozen(drawn: Draw, thresholds: Mapping[str, int]) -> dict[str, Any]:
    """The definition in the shape in which a wave keeps it."""
    return {**drawn.definition, "thresholds": dict(thresholds), "notice_en": drawn.notice_en}


def as_frozen_block(
    drawn: Draw, number: int, thresholds: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Definition and organisation of one block of a sitting, as its own wave keeps them."""
    block, about = drawn.blocks[number - 1], drawn.definition["blocks"][number - 1]
    definition = {
        **drawn.own,
        "blocks": [about],
        "thresholds": dict(thresholds),
        "notice_en": drawn.notice_en,
    }
    org = {
        "nodes": block.nodes,
        "tickets": block.tickets,
        "leaf_of": block.leaf_of,
        "number": number,
    }
    return definition, org
