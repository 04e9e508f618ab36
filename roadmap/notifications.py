"""The words of reminders: how many things wait, at most ten of them with why, how to pause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import get_resolver, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dxportal.accounts.actions.messages import Message
from roadmap.choices import ReminderReason, TaskChoice
from roadmap.reminding import RENEWED, Digest, Item, Level
from roadmap.signed_links import LINK_DAYS, token_for

#: So many initiatives stand in a message; the rest is counted.
LINES: Final = 10
#: Built beside this; until the address exists a message leads to the initiative itself.
_STATUS_LINK: Final = "status_link"
#: What a department owes about its criteria.
CELLS: Final = (ReminderReason.EVIDENCE, ReminderReason.ASKED_BACK, *RENEWED)


def digest_messages(
    digests: Iterable[Digest], *, names: Mapping[int, str], back: frozenset[int], day: date
) -> list[Message]:
    """One message a digest, in the language of the installation."""
    with translation.override(settings.LANGUAGE_CODE):
        return [_message(digest, names, day, digest.user in back) for digest in digests]


def _message(digest: Digest, names: Mapping[int, str], day: date, back: bool) -> Message:
    subjects = list(digest.by_subject.values())
    subject = ngettext(
        "%(count)s thing of your initiatives waits for you",
        "%(count)s things of your initiatives wait for you",
        len(subjects),
    ) % {"count": len(subjects)}
    first = [_("This includes what came up while your reminders were paused.")] if back else []
    shown = subjects[:LINES]
    lines = [line(items, names, day) for items in shown]
    rest = _rest(len(subjects) - len(shown))
    linked = [
        f"{words}\n  {settings.SITE_URL}{link_of(items[0], digest.user)}"
        for words, items in zip(lines, shown, strict=True)
    ]
    head = [subject + pgettext("end of sentence", "."), *first]
    return Message(
        recipient_id=digest.user,
        subject=subject,
        body="\n".join([*first, *lines, *rest]),
        path=reverse("roadmap:initiative_mine"),
        mail="\n\n".join(["\n".join(head), "\n".join([*linked, *rest]), *_end()]),
    )


def _rest(count: int) -> list[str]:
    """How many are not in the message, if any."""
    if not count:
        return []
    words = ngettext(
        "%(count)s more stands on the page “My initiatives”.",
        "%(count)s more stand on the page “My initiatives”.",
        count,
    )
    return [words % {"count": count}]


def _end() -> list[str]:
    """What the links do, how to pause; the address of all of them follows by itself."""
    ways = _("Behind each link “No change” is one press, without signing in, for %(days)s days.")
    pause = _("On leave? You can pause your reminders: %(url)s")
    return [
        *([ways % {"days": LINK_DAYS}] if has_address(_STATUS_LINK) else []),
        pause % {"url": settings.SITE_URL + reverse("roadmap:snooze_list")},
        _("All of them:"),
    ]


def line(items: list[Item], names: Mapping[int, str], day: date) -> str:
    """・Title (why, why), and whose it is where it is somebody else's."""
    first = items[0]
    whys = pgettext("between reasons", ", ").join(dict.fromkeys(why(item, day) for item in items))
    words = _("“%(title)s”: %(why)s") % {"title": first.title, "why": whys}
    if first.level != Level.OWNER:
        words += whose(first, names)
    return f"・{words}"


def whose(item: Item, names: Mapping[int, str]) -> str:
    """(山田さんに9月7日から知らせています)."""
    people = pgettext("between people", ", ").join(
        pgettext("person", "%(name)s") % {"name": names[user]}
        for user in item.whose
        if user in names
    )
    since = _short(item.since) if item.since else ""
    if not people:
        return _(" (waiting since %(day)s)") % {"day": since}
    return _(" (%(people)s: told since %(day)s)") % {"people": people, "day": since}


def why(item: Item, day: date) -> str:
    """Why somebody is reminded, in a few words with their numbers."""
    if item.reason in {ReminderReason.DUE, ReminderReason.STALE}:
        return _age(item.on, day)
    if item.reason == ReminderReason.ASKED:
        return str(item.reason.label)
    if item.reason == ReminderReason.BLOCKER and item.on:
        return _("a blocker has been open for %(days)s days: %(name)s") % {
            "days": (day - item.on).days,
            "name": item.name,
        }
    if item.on is None:
        return str(item.reason.label)
    if item.reason in RENEWED:
        return _renewed(item, item.on, day)
    return _dated(item, item.on, day)


def _age(last: date | None, day: date) -> str:
    if last is None:
        return _("no report yet")
    return _("no report for %(days)s days") % {"days": (day - last).days}


def _dated(item: Item, on: date, day: date) -> str:
    """A date that comes, is today or has passed."""
    what = _what(item)
    values = {"what": what, "day": _short(on), "days": (day - on).days}
    if on < day:
        return _("%(what)s was due on %(day)s (%(days)s days ago)") % values
    if on == day:
        return _("%(what)s is due today") % values
    return _("%(what)s is due on %(day)s") % values


def _renewed(item: Item, on: date, day: date) -> str:
    """Criteria that count until a day, or counted until it."""
    values = {"count": item.count, "day": _short(on)}
    if item.reason == ReminderReason.FIGURE:
        if on < day:
            words = ngettext(
                "the figure of %(count)s criterion counts no more since %(day)s",
                "the figures of %(count)s criteria count no more, the first since %(day)s",
                item.count,
            )
        else:
            words = ngettext(
                "the figure of %(count)s criterion counts until %(day)s",
                "the figures of %(count)s criteria are to be renewed, the first by %(day)s",
                item.count,
            )
    elif on < day:
        words = ngettext(
            "the confirmation of %(count)s criterion counts no more since %(day)s",
            "the confirmations of %(count)s criteria count no more, the first since %(day)s",
            item.count,
        )
    else:
        words = ngettext(
            "the confirmation of %(count)s criterion counts until %(day)s",
            "the confirmations of %(count)s criteria are to be renewed, the first by %(day)s",
            item.count,
        )
    return words % values


def _what(item: Item) -> str:
    values = {"name": item.name}
    if item.reason == ReminderReason.MILESTONE:
        return _("the milestone “%(name)s”") % values
    if item.reason == ReminderReason.MEASURE:
        return _("the measurement of “%(name)s”") % values
    if item.reason == ReminderReason.TASK:
        return _task(item.name)
    if item.reason == ReminderReason.ROUND and item.initiative is not None:
        return _("the report for “%(name)s”") % values
    plain = {
        ReminderReason.ROUND: _("the return of the department"),
        ReminderReason.TARGET: _("the target"),
        ReminderReason.NEXT_STEP: _("the next step"),
        ReminderReason.REVIEW: _("looking again at what is withheld"),
        ReminderReason.EVIDENCE: _("the evidence that the DX office asks for"),
        ReminderReason.ASKED_BACK: _("the answer to what the DX office asks back"),
    }
    return plain[item.reason]


def _task(choice: str) -> str:
    """What follows from a verdict, by the code of the care."""
    if not choice:
        return _("choosing what follows from the verdict")
    care = TaskChoice(choice).label
    return _("what follows from the verdict (%(choice)s)") % {"choice": care}


def _short(day: date) -> str:
    """9月7日: the year is plain."""
    return f"{day.month}月{day.day}日"


# Links --------------------------------------------------------------------------------------------
def has_address(name: str) -> bool:
    """Whether the roadmap has an address of that name: some are built beside this."""
    _prefix, resolver = get_resolver().namespace_dict["roadmap"]
    return name in resolver.reverse_dict


def page_of(item: Item) -> str:
    """The page behind a line for whoever is signed in."""
    if item.initiative is not None:
        return reverse("roadmap:initiative_detail", args=[item.initiative])
    if item.reason in CELLS and item.department is not None:
        if item.code:
            return reverse("dashboards:criterion_detail", args=[item.department, item.code])
        return reverse("dashboards:department_detail", args=[item.department])
    if item.round and has_address("round_detail"):
        return reverse("roadmap:round_detail", args=[item.round])
    return f"{reverse('roadmap:initiative_list')}?department={item.department}"


def link_of(item: Item, user: int) -> str:
    """The signed link of this person for owners and heads, else the page."""
    if item.initiative is not None and item.level <= Level.HEAD and has_address(_STATUS_LINK):
        return reverse(f"roadmap:{_STATUS_LINK}", args=[token_for(item.initiative, user)])
    return page_of(item)
