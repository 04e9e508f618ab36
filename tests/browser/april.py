"""Reorganisations in every state that looks different, and a post that is handed over."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

from django.utils import timezone

from dxportal.accounts.actions.posts import assign, end_assignment
from dxportal.accounts.models import Assignment, Department, Municipality, User
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from dxportal.shared.tabular import read_tables
from roadmap.actions import reorganisations
from roadmap.actions.handovers import save_note
from roadmap.models import HandoverNote, Initiative, Reorganisation
from roadmap.reorganising.rows import read_changes


def reorganisations_of(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """Drafts that fit, do not fit and are empty; one for next April; one taken back."""
    now = timezone.now()
    april = fiscal_year_start(fiscal_year(timezone.localdate(now)) + 1)
    led = Department.objects.filter(
        municipality=town, stands=True, parts__role="lead", posts__is_head=True
    ).distinct()
    first, second, third, *_rest = (str(d) for d in led.order_by("order"))
    mover = User.objects.filter(municipality=town, department__name=third)[2].email
    lines = (
        f"統合,{first}、{second},{first}サービス課,",
        f"分割,{third},{third}企画課、{third}運用課,",
        f"異動,,{first}サービス課,{mover}",
    )
    texts = {
        "reorganisation": "\n".join(lines),
        "reorganisation_wrong": (
            "統合,どこか課、となり課,新しい課,\n異動,,市民課,nobody@mihon.example"
        ),
        "reorganisation_empty": "",
        "reorganisation_scheduled": f"名称変更,{third},{third}推進室,",
        "reorganisation_undone": f"名称変更,{third},{third}推進室,",
    }
    made: dict[str, Reorganisation] = {}
    for name, text in texts.items():
        table = f"種類,部署,あとの部署,メールアドレス\n{text}\n".encode("cp932")
        rows = read_changes(read_tables(BytesIO(table), "四月.csv")).changes if text else []
        made[name] = reorganisations.draft_reorganisation(
            town, by=office, effective_on=april, changes=rows, file_name="四月.csv" if text else ""
        )
    for name in ("reorganisation_undone", "reorganisation_scheduled"):
        seen = reorganisations.plan_of(made[name]).fingerprint
        reorganisations.confirm(made[name], fingerprint=seen, by=office, now=now)
        if name == "reorganisation_undone":
            reorganisations.undo(made[name], by=office, now=now)
    empty = made["reorganisation_empty"].pk
    owned = Initiative.objects.filter(municipality=town, accountable_post__isnull=False)
    return {
        **{name: (row.pk,) for name, row in made.items()},
        **{f"reorganisation_{kind}": (empty, kind) for kind in ("merge", "move", "split")},
        "handover_post": (_handed_over(owned.latest("pk").accountable_post_id or 0, office),),
    }


def _handed_over(post: int, office: User) -> int:
    """A post with a note and a new holder from next week."""
    seat = Assignment.objects.filter(post=post).select_related("post__department").latest("pk")
    text = "契約書は共有フォルダ「契約」にあります。\n業者の窓口は佐藤さんです。"
    kept = HandoverNote.objects.filter(post=post).first()
    save_note(seat.post, text, version=kept.version if kept else 0, by=office)
    day = timezone.localdate() + dt.timedelta(days=7)
    end_assignment(seat, on=day, by=office)
    assign(seat.post, office, valid_from=day, valid_to=None, by=office)
    return post
