"""The handover page of one post: who held it and who follows, what it answers for, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import Assignment, Post, User
from roadmap.adoption import Adoption
from roadmap.board import adoption_of
from roadmap.choices import CriterionSource, Phase, TaskChoice
from roadmap.listing import with_status
from roadmap.models import (
    AdoptionTask,
    Assessment,
    Blocker,
    Handover,
    HandoverNote,
    Initiative,
    Milestone,
    PostSuccession,
    Update,
)
from roadmap.shown_words import shown_words
from roadmap.timeliness import target_end

#: Relations of `with_status`.
_JOINED: tuple[str, ...] = ("latest", "told")
#: How far ahead the page looks, and how long a former holder still reads it; our own proposal.
AHEAD, AFTER = dt.timedelta(days=90), dt.timedelta(days=90)
#: How many days before and after today the overview shows new holders.
AROUND = dt.timedelta(days=60)


@dataclass(frozen=True)
class Line:
    """One thing of the page: what, a sentence about it, its day, and where it stands."""

    title: str
    text: str = ""
    day: dt.date | None = None
    url: str = ""
    late: bool = False


#: Called with posts and the day: replies to voices that these posts answer for.
REPLIES: list[Callable[[Iterable[int], dt.date], list[Line]]] = []


@dataclass(frozen=True)
class InitiativeRow:
    """One initiative of the post with its latest report, in the municipality's words."""

    initiative: Initiative
    phase: str
    progress: str
    code: str
    update: Update | None
    adoption: Adoption


@dataclass
class Page:
    """Everything on the handover page of one post."""

    post: Post
    before: list[Assignment] = field(default_factory=list)
    now: list[Assignment] = field(default_factory=list)
    coming: list[Assignment] = field(default_factory=list)
    earlier: list[PostSuccession] = field(default_factory=list)
    later: list[PostSuccession] = field(default_factory=list)
    initiatives: list[InitiativeRow] = field(default_factory=list)
    tasks: list[Line] = field(default_factory=list)
    milestones: list[Line] = field(default_factory=list)
    blockers: list[Line] = field(default_factory=list)
    criteria: list[Line] = field(default_factory=list)
    replies: list[Line] = field(default_factory=list)
    days: list[Line] = field(default_factory=list)
    note: HandoverNote | None = None
    mine: Assignment | None = None


def may_read(user: User, post: Post, day: dt.date) -> bool:
    """The office; the head; whoever holds the post, will, or did until 90 days ago."""
    if can(user, Permission.REORGANISE):
        return True
    posts = _chain(post)
    departments = set(Post.objects.filter(pk__in=posts).values_list("department", flat=True))
    if departments & departments_for(user, Permission.SEE_OWN_DEPARTMENT):
        return True
    return _near(day).filter(post__in=posts, user=user).exists()


def may_note(user: User, post: Post, day: dt.date) -> bool:
    """The office, and whoever holds the post or did: what the next one should know."""
    if can(user, Permission.REORGANISE):
        return True
    return _near(day).filter(post=post, user=user, valid_from__lte=day).exists()


def _near(day: dt.date) -> QuerySet[Assignment]:
    return Assignment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day - AFTER))


def _chain(post: Post) -> set[int]:
    """The post with those that went on as it and those that go on with it."""
    rows = PostSuccession.objects.filter(Q(successor=post) | Q(predecessor=post))
    found = {post.pk}
    for old, new in rows.values_list("predecessor", "successor"):
        found |= {old, new}
    return found


def page_of(post: Post, user: User, day: dt.date) -> Page:
    """The whole page: a fixed number of queries."""
    page = Page(post)
    _people(page, user, day)
    posts = {post.pk, *(row.predecessor_id for row in page.earlier)}
    _initiatives(page, posts, day)
    keys = [row.initiative.pk for row in page.initiatives]
    page.tasks = _tasks(keys, day)
    page.milestones = _milestones(keys, day)
    page.blockers = _blockers(keys)
    page.criteria = _criteria(post, day)
    page.replies = [line for ask in REPLIES for line in ask(posts, day)]
    page.days = _days(page, day)
    page.note = HandoverNote.objects.filter(post=post).select_related("edited_by").first()
    return page


def _people(page: Page, user: User, day: dt.date) -> None:
    rows = PostSuccession.objects.filter(Q(successor=page.post) | Q(predecessor=page.post))
    rows = rows.select_related("predecessor__department", "successor__department")
    found = list(rows.order_by("-on", "pk"))
    page.earlier = [row for row in found if row.successor_id == page.post.pk]
    page.later = [row for row in found if row.predecessor_id == page.post.pk]
    posts = {page.post.pk, *(row.predecessor_id for row in page.earlier)}
    seats = Assignment.objects.filter(post__in=posts).select_related(
        "user__department", "post__department", "handover"
    )
    for seat in seats.order_by("-valid_from", "-pk"):
        ended = seat.valid_to is not None and seat.valid_to <= day
        if seat.post_id != page.post.pk or ended:
            if ended or seat.valid_to is not None:
                page.before.append(seat)
        elif seat.valid_from > day:
            page.coming.append(seat)
        else:
            page.now.append(seat)
    page.mine = next((s for s in [*page.now, *page.coming] if s.user_id == user.pk), None)


def _initiatives(page: Page, posts: set[int], day: dt.date) -> None:
    words = shown_words(page.post.department.municipality_id)
    rows = Initiative.objects.standing().filter(accountable_post__in=posts).order_by("title")
    for row in with_status(rows, day).select_related(*_JOINED):
        update: Update | None = getattr(row, "latest", None)
        page.initiatives.append(
            InitiativeRow(
                row,
                words.phase(update.phase) if update else "",
                words.progress(update.progress) if update else "",
                update.progress if update else "",
                update,
                adoption_of(row, update.phase if update else Phase.IDEA, day),
            )
        )


def _tasks(keys: list[int], day: dt.date) -> list[Line]:
    rows = AdoptionTask.objects.unfinished().filter(initiative__in=keys)
    return [
        Line(
            str(row),
            row.initiative.title,
            row.due_on,
            f"{row.initiative.get_absolute_url()}#aftercare",
            row.due_on < day and row.choice != TaskChoice.ASK_AGAIN,
        )
        for row in rows.select_related("initiative").order_by("due_on", "pk")
    ]


def _milestones(keys: list[int], day: dt.date) -> list[Line]:
    rows = Milestone.objects.filter(initiative__in=keys, done_on__isnull=True)
    return [
        Line(
            row.title,
            row.initiative.title,
            row.due_on,
            row.initiative.get_absolute_url(),
            row.due_on < day,
        )
        for row in rows.select_related("initiative").order_by("due_on", "pk")
    ]


def _blockers(keys: list[int]) -> list[Line]:
    rows = Blocker.objects.unsolved().filter(initiative__in=keys).select_related("initiative")
    return [
        Line(
            row.text,
            f"{row.initiative.title}　{row.get_category_display()}",
            row.opened_on,
            row.initiative.get_absolute_url(),
            row.escalated_on is not None,
        )
        for row in rows.order_by("opened_on", "pk")
    ]


def _criteria(post: Post, day: dt.date) -> list[Line]:
    """Confirmed criteria of the department that lapse within the time ahead; for heads alone."""
    if not post.is_head:
        return []
    latest = Assessment.objects.latest_on(day).filter(department=post.department_id)
    rows = Assessment.objects.filter(pk__in=[row.pk for row in latest])
    rows = rows.filter(expires_on__gt=day, expires_on__lte=day + AHEAD, level__gt=0)
    rows = rows.filter(criterion__retired=False, criterion__source=CriterionSource.DECLARED)
    url = post.department.get_absolute_url()
    return [
        Line(f"{row.criterion.code} {row.criterion}", row.evidence, row.expires_on, url)
        for row in rows.select_related("criterion").order_by("expires_on", "criterion__order")
    ]


def _days(page: Page, day: dt.date) -> list[Line]:
    """Every date within the time ahead, in order; what has passed stands with the milestones."""
    found = [*page.tasks, *page.milestones, *page.criteria, *(r for r in page.replies if r.day)]
    for row in page.initiatives:
        found += _own_days(row)
    lines = [line for line in found if line.day and day <= line.day <= day + AHEAD]
    return sorted(lines, key=lambda line: (line.day or day, line.title))


def _own_days(row: InitiativeRow) -> list[Line]:
    one, url = row.initiative, row.initiative.get_absolute_url()
    found = [
        (_("Target"), target_end(one.target_fy, one.target_quarter)),
        (_("The old way ends"), one.old_way_ends_on),
        (_("Asked again"), one.ask_again_on),
    ]
    if row.update is not None and row.update.next_due:
        found.append((row.update.next_step or _("Next step"), row.update.next_due))
    return [Line(title, one.title, day, url) for title, day in found if day]


def changes_around(user: User, day: dt.date) -> QuerySet[Assignment]:
    """New holders of posts about this time: the office sees all, a head the own department's.

    Everybody else sees the posts that are handed over to or by them.
    """
    rows = Assignment.objects.visible_to(user).filter(
        valid_from__gte=day - AROUND, valid_from__lte=day + AROUND * 6
    )
    if not can(user, Permission.REORGANISE):
        own = departments_for(user, Permission.SEE_OWN_DEPARTMENT)
        mine = Assignment.objects.filter(user=user)
        left = PostSuccession.objects.filter(predecessor__in=mine.values("post"))
        rows = rows.filter(
            Q(user=user)
            | Q(post__department__in=own)
            | Q(post__in=mine.values("post"))
            | Q(post__in=left.values("successor"))
        )
    noted = HandoverNote.objects.filter(post=OuterRef("post")).exclude(text="")
    taken = Handover.objects.filter(assignment=OuterRef("pk"))
    return (
        rows.annotate(noted=Exists(noted), taken=Exists(taken))
        .select_related("user", "post__department__bureau")
        .order_by("taken", "valid_from", "post__department__order", "post__name", "pk")
    )


def answers_for_something(posts: Iterable[int]) -> dict[int, int]:
    """Post → how many initiatives it answers for."""
    counts: dict[int, Any] = {}
    rows = Initiative.objects.standing().filter(accountable_post__in=list(posts))
    for post in rows.values_list("accountable_post", flat=True):
        counts[post] = counts.get(post, 0) + 1
    return counts
