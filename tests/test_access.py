"""The access matrix: one row per address, one column per role; own, other department, elsewhere."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from dxportal.accounts.access import ROLE_PERMISSIONS, SENTENCES, Permission
from dxportal.accounts.choices import Role
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.choices import Axis
from roadmap.models import Criterion, PositionSnapshot, RollupRun, Stage
from tests.access_world import CANARY, LETTERS, World, build

pytestmark = pytest.mark.django_db

REFUSED = {403, 404}
#: Everybody who is signed in; everybody in a municipality; everybody there but the auditor.
ALL, TOWN, STAFF = "ephdcamo", "ephdcam", "ephdcm"


@dataclass(frozen=True)
class Row:
    """Expected statuses of one address, as "letters:status …"; whoever is not named is refused.

    `get` None: the address is not read. `post` None: nothing is posted to it. `other_…`: where the
    thing belongs to another department (default: as for the own one). Things of another
    municipality are never found. `sees`: text → letters of those whose page has it, nobody else's.
    """

    get: str | None = None
    post: str | None = None
    thing: str = ""
    args: tuple[Any, ...] = ()
    other_get: str | None = None
    other_post: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    htmx_post: str | None = None
    sees: dict[str, str] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """Whether strangers reach it."""
        return "x" in f"{self.get}{self.post}"

    def expected(self, method: str, variant: str, *, htmx: bool) -> dict[str, int] | None:
        """Letter → status; None where the method is not for this address."""
        spec = self.get if method == "get" else self.post
        if method == "post" and htmx and self.htmx_post is not None:
            spec = self.htmx_post
        elif variant == "other":
            wish = self.other_get if method == "get" else self.other_post
            spec = spec if wish is None else wish
        if spec is None:
            return None
        groups = (group.split(":") for group in spec.split())
        return {letter: int(status) for letters, status in groups for letter in letters}


#: A post with something in it, for forms that take an empty one for none.
SENT = {"sent": "1"}

TABLE: dict[str, Row] = {
    # the frame
    "home": Row(get=f"{ALL}:302"),
    "about": Row(get=f"x{ALL}:200"),
    "set_language": Row(get=f"x{ALL}:302", post=f"x{ALL}:302"),
    "healthz": Row(get=f"x{ALL}:200"),
    "readyz": Row(get=f"x{ALL}:200"),
    "metrics": Row(get=f"x{ALL}:200"),
    # accounts: one's own
    "accounts:sign_in": Row(get=f"x:200 {ALL}:302", post=f"x{ALL}:422"),
    "accounts:sign_out": Row(post=f"x{ALL}:302"),
    "accounts:password_change": Row(get=f"{ALL}:200", post=f"{ALL}:422"),
    "accounts:notice_list": Row(get=f"{ALL}:200"),
    "accounts:notice_read_all": Row(post=f"{ALL}:302"),
    "accounts:notice_open": Row(post=f"{TOWN}:302", thing="notice", other_post=""),
    "accounts:role_table": Row(get=f"{ALL}:200"),
    # accounts: the administrator's
    "accounts:people_list": Row(get="m:200", sees={"対象 0": "m", "対象 1": "m"}),
    "accounts:person_create": Row(get="m:200", post="m:422"),
    "accounts:person_edit": Row(get="m:200", post="m:422", thing="person", sees={"対象": "m"}),
    "accounts:person_roles": Row(get="m:200", post="m:422", thing="person", sees={"対象": "m"}),
    "accounts:person_reset_password": Row(post="m:200", thing="person"),
    "accounts:role_end": Row(post="m:302", thing="grant", data={"on": "2026-07-01"}),
    "accounts:post_list": Row(get="m:200", sees={"係長": "m"}),
    "accounts:post_create": Row(get="m:200", post="m:422"),
    "accounts:post_edit": Row(get="m:200", post="m:422", thing="post", sees={"係長": "m"}),
    "accounts:assignment_create": Row(post="m:422", thing="post"),
    "accounts:assignment_end": Row(post="m:302", thing="assignment", data={"on": "2026-07-01"}),
    "accounts:department_list": Row(get="m:200"),
    "accounts:department_create": Row(get="m:200", post="m:422"),
    "accounts:department_edit": Row(get="m:200", post="m:422", thing="department"),
    "accounts:municipality_edit": Row(get="m:200", post="m:422"),
    # accounts: promoters, by the office; a head names somebody of the own department
    "accounts:promoter_create": Row(get="dm:200", post="dm:422"),
    "accounts:promoter_import": Row(get="dm:200", post="dm:422"),
    "accounts:promoter_edit": Row(get="dm:200", post="dm:422", thing="grant", sees={"対象": "dm"}),
    "accounts:promoter_extend": Row(post="dm:302", thing="grant"),
    "accounts:promoter_remove": Row(post="dm:302", thing="grant"),
    "accounts:promoter_ask": Row(post="dm:302", thing="department"),
    "accounts:promoter_suggest": Row(
        get="h:200", post="h:422", thing="department", other_get="", other_post=""
    ),
    # nobody left behind
    "roadmap:care_list": Row(get=f"{TOWN}:200"),
    "roadmap:initiative_care": Row(
        get="phd:200", post="phd:302", thing="initiative", other_get="d:200", other_post="d:302"
    ),
    "roadmap:training_list": Row(get=f"{TOWN}:200", sees={"端末の研修": TOWN}),
    "roadmap:training_create": Row(get="d:200", post="d:422"),
    "roadmap:training_edit": Row(get="d:200", post="d:422", thing="training"),
    "roadmap:training_numbers": Row(get="phd:200", post="phd:302", thing="training"),
    "roadmap:training_remove": Row(post="d:302", thing="training"),
    "roadmap:training_bring_back": Row(post="d:302", thing="training"),
    # accounts: audit and installation
    "accounts:event_list": Row(get="dam:200"),
    "accounts:event_export": Row(get="dam:200"),
    "accounts:installation": Row(get="o:200", sees={f"{CANARY}市": "o"}),
    # accounts: tables; the office imports organisation and initiatives, the administrator people
    "accounts:department_import": Row(get="dm:200", post="dm:422"),
    "accounts:department_import_template": Row(get="dm:200"),
    "accounts:staff_import": Row(get="m:200", post="m:422"),
    "accounts:staff_import_template": Row(get="m:200"),
    "accounts:import_detail": Row(get="dm:200", thing="import", sees={"総務課": "dm"}),
    "accounts:import_progress": Row(get="dm:286", thing="import"),
    "accounts:import_columns": Row(post="dm:302", thing="import"),
    "accounts:import_confirm": Row(post="dm:409", thing="import"),
    "accounts:import_rejected": Row(get="dm:200", thing="import"),
    # roadmap
    "roadmap:initiative_import": Row(get="d:200", post="d:422"),
    "roadmap:initiative_import_template": Row(get="d:200"),
    "roadmap:initiative_list": Row(get=f"{TOWN}:200", sees={"電子申請0": TOWN, "電子申請1": TOWN}),
    "roadmap:initiative_create": Row(get="d:200", post="d:422", data=SENT),
    "roadmap:initiative_export": Row(get=f"{TOWN}:200", args=("csv",), sees={"電子申請1": TOWN}),
    "roadmap:initiative_detail": Row(
        get=f"{TOWN}:200", thing="initiative", sees={"電子申請": TOWN}
    ),
    "roadmap:initiative_edit": Row(get="d:200", post="d:422", thing="initiative"),
    "roadmap:initiative_status": Row(
        post="phd:302", htmx_post="phd:200", thing="initiative", other_post="d:302"
    ),
    "roadmap:initiative_undo": Row(post="d:302", thing="update"),
    "roadmap:status_word_list": Row(get="d:200", post="d:302"),
    # roadmap: blockers, decisions, comments, links
    "roadmap:escalation_list": Row(get="dc:200", sees={"条例の改正が要る": "dc"}),
    "roadmap:blocker_create": Row(
        get="phdc:200",
        post="phdc:422",
        data=SENT,
        thing="initiative",
        other_get="dc:200",
        other_post="dc:422",
    ),
    "roadmap:blocker_edit": Row(
        get="phdc:200",
        post="phdc:422",
        data=SENT,
        thing="blocker",
        other_get="dc:200",
        other_post="dc:422",
    ),
    "roadmap:blocker_escalate": Row(post="phdc:302", thing="blocker", other_post="dc:302"),
    "roadmap:blocker_withdraw": Row(post="phdc:302", thing="blocker", other_post="dc:302"),
    "roadmap:blocker_close": Row(post="phdc:302", thing="blocker", other_post="dc:302"),
    "roadmap:blocker_reopen": Row(post="phdc:302", thing="blocker", other_post="dc:302"),
    "roadmap:decision_create": Row(get="dc:200", post="dc:422", data=SENT, thing="initiative"),
    "roadmap:decision_edit": Row(get="dc:200", post="dc:422", data=SENT, thing="decision"),
    "roadmap:decision_remove": Row(post="dc:302", thing="decision"),
    "roadmap:decision_restore": Row(post="dc:302", thing="decision_event"),
    "roadmap:comment_create": Row(get="phdc:200", post="phdc:422", thing="initiative"),
    "roadmap:comment_remove": Row(post="hd:302", thing="comment", other_post="hd:302"),
    "roadmap:link_create": Row(
        get="phd:200", post="phd:422", thing="initiative", other_get="d:200", other_post="d:422"
    ),
    "roadmap:link_remove": Row(post="phd:302", thing="link", other_post="d:302"),
    "roadmap:link_restore": Row(post="phd:302", thing="link_event", other_post="d:302"),
    # fields
    "roadmap:initiative_history": Row(get=f"{TOWN}:200", thing="initiative"),
    "roadmap:initiative_set_back": Row(get="d:200", post="d:302", thing="edit"),
    "roadmap:initiative_launch_plan": Row(
        get="phd:200", post="phd:302", thing="initiative", other_get="d:200", other_post="d:302"
    ),
    "roadmap:initiative_remove": Row(get="d:200", post="d:302", thing="initiative"),
    "roadmap:initiative_bring_back": Row(post="d:302", thing="removed"),
    "roadmap:removed_list": Row(get="d:200", sees={"消した取組": "d"}),
    "roadmap:sample_list": Row(get="d:200"),
    "roadmap:sample_add": Row(post="d:302"),
    "roadmap:sample_remove": Row(post="d:302"),
    "roadmap:disclosure_list": Row(get="d:200"),
    "roadmap:disclosure_export": Row(get="d:200"),
    "roadmap:pack_export": Row(get="d:200", post="d:422"),
    "roadmap:pack_import": Row(get="d:200", post="d:422"),
    "roadmap:pack_preview": Row(
        get="d:200", post="d:422", thing="pack", data=SENT, sees={"隣の取組": "d"}
    ),
    "roadmap:pack_undo": Row(post="d:302", thing="pack"),
    # versions of the staircase
    "roadmap:staircase_list": Row(get="dc:200", sees={"見直しのわけ": "dc"}),
    "roadmap:staircase_begin": Row(post="d:302"),
    "roadmap:staircase_detail": Row(
        get="dc:200", thing="staircase", sees={"見直しのわけ": "dc", "下書きを取り下げる": "d"}
    ),
    "roadmap:staircase_changes": Row(get="dc:200", thing="staircase"),
    "roadmap:staircase_outlook": Row(get="dc:200", thing="staircase"),
    "roadmap:staircase_edit": Row(get="d:200", post="d:422", thing="staircase", data=SENT),
    "roadmap:staircase_criterion_create": Row(
        get="d:200", post="d:422", thing="staircase", data=SENT
    ),
    "roadmap:staircase_criterion_edit": Row(
        get="d:200", post="d:422", thing="staircase_line", data=SENT
    ),
    "roadmap:staircase_criterion_move": Row(post="d:302", thing="staircase_line"),
    "roadmap:staircase_criterion_take_out": Row(post="d:302", thing="staircase_line"),
    "roadmap:staircase_criterion_put_back": Row(post="d:302", thing="staircase_out"),
    "roadmap:staircase_plan": Row(get="d:200", post="d:422", thing="staircase", data=SENT),
    "roadmap:staircase_cancel": Row(post="d:409", thing="staircase_planned"),
    "roadmap:staircase_withdraw": Row(get="d:200", post="d:302", thing="staircase"),
    "roadmap:tag_list": Row(get="d:200", post="d:422", data=SENT, sees={"待たせない窓口": "d"}),
    "roadmap:tag_bundle": Row(post="d:302"),
    "roadmap:tag_edit": Row(get="d:200", post="d:422", thing="tag", data=SENT),
    "roadmap:tag_move": Row(post="d:302", thing="tag"),
    "roadmap:tag_end": Row(post="d:302", thing="tag"),
    "roadmap:tag_restore": Row(post="d:302", thing="tag"),
    # what follows from a verdict
    "roadmap:adoption_task_choose": Row(post="phd:422", thing="task", other_post="d:422"),
    "roadmap:adoption_task_done": Row(post="phd:409", thing="task", other_post="d:409"),
    "roadmap:adoption_task_restore": Row(
        post="phd:302", htmx_post="phd:200", thing="task_event", other_post="d:302"
    ),
    # effects
    "roadmap:value_create": Row(
        get="phd:200",
        post="phd:422",
        thing="hours",
        other_get="d:200",
        other_post="d:422",
        data=SENT,
    ),
    "roadmap:value_edit": Row(
        get="phd:200",
        post="phd:422",
        thing="effect",
        other_get="d:200",
        other_post="d:422",
        data=SENT,
    ),
    "roadmap:value_check": Row(get="d:200", post="d:422", thing="effect", data=SENT),
    "roadmap:value_remove": Row(post="phd:302", thing="effect", other_post="d:302"),
    "roadmap:value_restore": Row(post="phd:302", thing="removed_effect", other_post="d:302"),
    "roadmap:reinvestment_create": Row(
        get="phd:200",
        post="phd:422",
        thing="initiative",
        other_get="d:200",
        other_post="d:422",
        data=SENT,
    ),
    "roadmap:reinvestment_remove": Row(post="phd:302", thing="use", other_post="d:302"),
    "roadmap:reinvestment_restore": Row(post="phd:302", thing="removed_use", other_post="d:302"),
    # parts
    "roadmap:milestone_create": Row(post="phd:422", thing="initiative", other_post="d:422"),
    "roadmap:milestone_edit": Row(post="phd:422", thing="milestone", other_post="d:422"),
    "roadmap:milestone_done": Row(
        post="phd:302", htmx_post="phd:200", thing="milestone", other_post="d:302"
    ),
    "roadmap:milestone_remove": Row(post="phd:409", thing="milestone", other_post="d:409"),
    "roadmap:milestone_restore": Row(
        post="phd:302", htmx_post="phd:200", thing="removed_milestone", other_post="d:302"
    ),
    "roadmap:dependency_create": Row(
        get="phd:200", post="phd:422", thing="first", other_get="d:200", other_post="d:422"
    ),
    "roadmap:dependency_remove": Row(
        post="phd:302", htmx_post="phd:200", thing="dependency", other_post="d:302"
    ),
    "roadmap:dependency_restore": Row(
        post="phd:302", htmx_post="phd:200", thing="removed_dependency", other_post="d:302"
    ),
    "roadmap:indicator_create": Row(
        get="phd:200", post="phd:422", thing="initiative", other_get="d:200", other_post="d:422"
    ),
    "roadmap:indicator_edit": Row(
        get="phd:200", post="phd:422", thing="indicator", other_get="d:200", other_post="d:422"
    ),
    "roadmap:indicator_measure": Row(post="phd:422", thing="indicator", other_post="d:422"),
    "roadmap:indicator_remove": Row(post="phd:409", thing="indicator", other_post="d:409"),
    "roadmap:indicator_restore": Row(
        post="phd:302", htmx_post="phd:200", thing="removed_indicator", other_post="d:302"
    ),
    "roadmap:measurement_remove": Row(
        post="phd:302", htmx_post="phd:200", thing="measurement", other_post="d:302"
    ),
    "roadmap:measurement_restore": Row(
        post="phd:302", htmx_post="phd:200", thing="removed_measurement", other_post="d:302"
    ),
    # status
    "roadmap:status_word_add": Row(post="d:422"),
    "roadmap:status_word_remove": Row(post="d:302", thing="status_word"),
    "roadmap:status_word_set": Row(get="d:200", post="d:302", args=("kawasaki",)),
    "roadmap:status_word_undo": Row(post="d:302", args=("0" * 32,)),
    "roadmap:initiative_bulk": Row(post=f"{TOWN}:302"),
    "roadmap:initiative_bulk_undo": Row(post=f"{TOWN}:302", args=("0" * 32,)),
    "roadmap:initiative_effort": Row(get="d:200"),
    "roadmap:status_link": Row(
        get="xp:200 ehdcamo:403",
        post="xp:302 ehdcamo:403",
        thing="status_link",
        data={"unchanged": "1"},
        sees={"電子申請0": "xp"},
    ),
    "roadmap:status_link_undo": Row(post="xp:422 ehdcamo:403", thing="link_update"),
    # remind
    "accounts:channel_list": Row(get="m:200", post="m:422", sees={"hooks.example": "m"}),
    "accounts:channel_try": Row(post="m:302", args=("in_app",)),
    "accounts:webhook_secret": Row(post="m:200"),
    "roadmap:initiative_mine": Row(get=f"{TOWN}:200", sees={"係の取組": "e"}),
    "roadmap:remind_now": Row(post="d:422"),
    "roadmap:snooze_list": Row(get=f"{TOWN}:200", post=f"{TOWN}:422", sees={"対象 1": "d"}),
    "roadmap:snooze_end": Row(post=f"{TOWN}:302", thing="snooze", other_post="d:302"),
    "roadmap:reminder_settings": Row(get="d:200", post="d:422", sees={"係の取組": ""}),
    # rounds
    "roadmap:round_list": Row(get=f"{TOWN}:200", sees={"第3四半期": TOWN, "第1四半期": "dca"}),
    "roadmap:round_create": Row(get="d:200", post="d:422", data=SENT),
    "roadmap:round_detail": Row(
        get=f"{TOWN}:200", thing="open_round", sees={"四半期の報告": TOWN, "税務課": "edca"}
    ),
    "roadmap:round_edit": Row(get="d:200", post="d:422", thing="planned_round", data=SENT),
    "roadmap:round_open": Row(post="d:302", thing="open_round"),
    "roadmap:round_drop": Row(post="d:302", thing="planned_round"),
    "roadmap:round_missing": Row(get="dca:200", thing="open_round", sees={"税務課": "dca"}),
    "roadmap:round_tell": Row(post="d:302", thing="open_round"),
    "roadmap:round_close": Row(get="d:200", post="d:409", thing="open_round"),
    "roadmap:round_file": Row(get=f"{TOWN}:200", thing="round_file", sees={"電子申請1": TOWN}),
    "roadmap:round_diff": Row(get=f"{TOWN}:200"),
    "roadmap:round_diff_export": Row(get=f"{TOWN}:200", args=("csv",)),
    "roadmap:return_detail": Row(get="ephdca:200", thing="return", other_get="edca:200"),
    "roadmap:return_submit": Row(
        post="h:422", thing="return", other_post="", data={"version": "1"}
    ),
    "roadmap:return_take_back": Row(
        post="h:302", thing="return", other_post="", data={"version": "1"}
    ),
    "roadmap:return_decide": Row(
        post="d:409", thing="return", data={"version": "1", "answer": "accept"}
    ),
    # april
    "roadmap:reorganisation_list": Row(get="dm:200"),
    "roadmap:reorganisation_create": Row(get="dm:200", post="dm:422"),
    "roadmap:reorganisation_template": Row(get="dm:200", args=("xlsx",)),
    "roadmap:reorganisation_detail": Row(
        get="dm:200", thing="reorganisation", sees={"新しい課": "dm"}
    ),
    "roadmap:reorganisation_change_create": Row(
        get="dm:200", post="dm:422", thing="reorganisation_kind", data=SENT
    ),
    "roadmap:reorganisation_change_remove": Row(post="dm:302", thing="reorganisation_row"),
    "roadmap:reorganisation_change_raise": Row(post="dm:302", thing="reorganisation_row"),
    "roadmap:reorganisation_day": Row(post="dm:422", thing="reorganisation"),
    "roadmap:reorganisation_owners": Row(post="dm:302", thing="reorganisation"),
    "roadmap:reorganisation_confirm": Row(post="dm:409", thing="reorganisation"),
    "roadmap:reorganisation_discard": Row(post="dm:302", thing="reorganisation"),
    "roadmap:reorganisation_copy": Row(post="dm:302", thing="reorganisation"),
    "roadmap:reorganisation_undo": Row(get="dm:200", post="dm:302", thing="reorganisation_done"),
    "roadmap:handover_list": Row(get=f"{TOWN}:200"),
    "roadmap:handover_detail": Row(get="hdm:200", thing="post", other_get="dm:200"),
    "roadmap:handover_note": Row(post="dm:422", thing="post"),
    "roadmap:handover_take": Row(post="", thing="post"),
    # list
    "roadmap:saved_view_list": Row(
        get=f"{TOWN}:200", post=f"{TOWN}:422", sees={"みんなの一覧": TOWN, "所属長だけの一覧": "h"}
    ),
    "roadmap:saved_view_edit": Row(post=f"{TOWN}:422", thing="saved_view", other_post=""),
    "roadmap:saved_view_delete": Row(post=f"{TOWN}:302", thing="saved_view", other_post=""),
    "roadmap:saved_view_restore": Row(post=f"{TOWN}:302", thing="deleted_view", other_post=""),
    "roadmap:initiative_move": Row(post="d:302", thing="initiative_move"),
    # excel
    "accounts:import_choices": Row(post="dm:302", thing="import"),
    "accounts:import_cells": Row(get="dm:200", thing="import"),
    "accounts:import_undo": Row(post="dm:302", thing="import"),
    # surveys: the office's
    "surveys:survey_list": Row(get=f"{TOWN}:200"),
    "surveys:survey_create": Row(get="d:200", post="d:422", data=SENT),
    "surveys:survey_detail": Row(get="d:200", thing="survey", sees={"手間の調査": "d"}),
    "surveys:survey_edit": Row(get="d:200", post="d:422", thing="survey"),
    "surveys:survey_copy": Row(get="d:200", post="d:422", thing="survey"),
    "surveys:survey_delete": Row(get="d:200", post="d:409", thing="survey"),
    "surveys:survey_preview": Row(get="d:200", post="d:200", thing="survey"),
    "surveys:survey_crosses": Row(get="d:200", post="d:422", thing="survey"),
    "surveys:question_create": Row(get="d:200", post="d:422", thing="survey"),
    "surveys:question_edit": Row(get="d:200", post="d:422", thing="survey_question"),
    "surveys:question_move": Row(post="d:409", thing="survey_question"),
    "surveys:question_retire": Row(post="d:302", thing="survey_question"),
    "surveys:question_restore": Row(post="d:302", thing="survey_question"),
    "surveys:wave_create": Row(get="d:200", post="d:422", thing="survey"),
    "surveys:wave_detail": Row(get="d:200", thing="open_wave"),
    "surveys:wave_edit": Row(get="d:200", post="d:422", thing="planned_wave", data=SENT),
    "surveys:wave_schedule": Row(post="d:302", thing="planned_wave"),
    "surveys:wave_progress": Row(get="dcm:200", thing="open_wave"),
    "surveys:wave_release": Row(get="dcm:200", post="dcm:302", thing="waiting_wave"),
    "surveys:wave_open": Row(get="d:200", post="d:302", thing="planned_wave"),
    "surveys:wave_extend": Row(get="d:200", post="d:422", thing="open_wave", data=SENT),
    "surveys:wave_cancel": Row(get="d:200", post="d:302", thing="planned_wave"),
    # surveys: tickets and paper; whoever has an account is kindly refused at the code
    "surveys:wave_poster": Row(get="d:200", thing="open_wave"),
    "surveys:ticket_list": Row(get="d:200", post="d:422", thing="open_wave"),
    "surveys:paper": Row(get="d:200", post="d:422", thing="open_wave"),
    "surveys:paper_question": Row(get="d:302", thing="question"),
    "surveys:paper_check": Row(get="d:302", thing="open_wave"),
    "surveys:paper_send": Row(post="d:409", thing="open_wave"),
    "surveys:paper_drop": Row(post="d:302", thing="open_wave"),
    "surveys:ticket_code": Row(get="x:200", post="x:422", args=(0,), data={"code": "0" * 26}),
    "surveys:ticket_scan": Row(get=f"x:422 {ALL}:302", args=(0, "0" * 26)),
    # surveys: answering; the auditor is not asked and reads so
    "surveys:answer_start": Row(get=f"{TOWN}:200", thing="open_wave"),
    "surveys:answer_question": Row(get=f"{TOWN}:200", thing="question"),
    "surveys:answer_check": Row(get=f"{TOWN}:200", thing="open_wave"),
    "surveys:answer_thanks": Row(get=f"{STAFF}:302 a:200", thing="open_wave"),
    "surveys:answer_send": Row(post=f"{STAFF}:302 a:409", thing="open_wave"),
    # surveys: results, replies, asking again
    "surveys:wave_results": Row(get="hdca:200", thing="closed_wave"),
    "surveys:wave_receipts": Row(get=f"{TOWN}:200", thing="closed_wave"),
    "surveys:wave_export": Row(get="hdca:200", thing="wave_file"),
    "surveys:voice_list": Row(get=f"{TOWN}:200"),
    "surveys:reply_edit": Row(get="d:200", post="d:422", thing="reply"),
    "surveys:theme_initiative": Row(get="d:200", post="d:422", thing="reply", data=SENT),
    "surveys:reply_keep": Row(post="d:302", thing="reply_change"),
    "surveys:reply_undo": Row(post="d:302", thing="reply_change"),
    "surveys:volunteer_list": Row(
        get=f"{STAFF}:200", post=f"{STAFF}:422", data=SENT, sees={"推進 員の申し出": "pd"}
    ),
    "surveys:volunteer_withdraw": Row(post=f"{STAFF}:302", thing="volunteer", other_post=""),
    "surveys:volunteer_restore": Row(post=f"{STAFF}:302", thing="volunteer", other_post=""),
    "surveys:followup_list": Row(get=f"{TOWN}:200"),
    "surveys:followup_detail": Row(get=f"{TOWN}:200", thing="follow_up"),
    "surveys:followup_edit": Row(get="d:200", post="d:422", thing="follow_up", data=SENT),
    "surveys:followup_skip": Row(post="d:422", thing="follow_up"),
    "surveys:followup_plan": Row(post="d:302", thing="follow_up"),
    "surveys:ask_limit": Row(get="d:200", post="d:422", data=SENT),
    "surveys:followup_declare": Row(
        get="phd:200", post="phd:422", thing="follow_up", other_get="d:200", other_post="d:422"
    ),
    # surveys: free texts, for their two readers (here the employee and the promoter) alone
    "surveys:text_list": Row(get="ep:200", thing="closed_wave", sees={"紙を運ぶ": "ep"}),
    "surveys:text_theme": Row(post="ep:302", htmx_post="ep:422", thing="text"),
    "surveys:text_move": Row(post="ep:302", thing="closed_wave"),
    "surveys:text_undo": Row(post="ep:302", thing="text_undo"),
    "surveys:wording_list": Row(get="ep:200", thing="closed_wave", sees={"運ばずに": "ep"}),
    "surveys:wording_create": Row(
        get="ep:200", post="ep:422", thing="closed_wave", sees={"紙を運ぶ": "ep"}
    ),
    "surveys:wording_edit": Row(get="ep:200", post="ep:422", thing="wording"),
    "surveys:wording_decide": Row(post="ep:302", thing="wording"),
    # surveys: the codebook
    "surveys:theme_list": Row(get="d:200", sees={"見本の言葉": "d"}),
    "surveys:theme_edit": Row(get="d:200", post="d:422", thing="theme"),
    "surveys:theme_split": Row(get="d:200", post="d:422", thing="theme"),
    "surveys:theme_merge": Row(get="d:302", post="d:302"),
    "surveys:theme_unmerge": Row(post="d:302", thing="theme"),
    "surveys:term_add": Row(post="d:302", thing="theme"),
    "surveys:term_remove": Row(post="d:302", thing="term"),
    "surveys:theme_undo": Row(post="d:302", thing="theme_change"),
    # setting up: the administrator and the DX office, each the steps of their own
    "dashboards:setup": Row(get="dm:302"),
    "dashboards:setup_end": Row(get="dm:200"),
    "dashboards:setup_municipality": Row(get="dm:200", post="m:422"),
    "dashboards:setup_departments": Row(get="dm:200", post="dm:422"),
    "dashboards:setup_staircase": Row(get="dm:200", post="dm:422"),
    "dashboards:setup_people": Row(get="dm:200", post="m:422"),
    "dashboards:setup_survey": Row(get="dm:200", post="d:422"),
    "dashboards:setup_skip": Row(post="dm:302", args=("people",)),
    "dashboards:setup_hand_over": Row(post="dm:302", args=("people",)),
    "dashboards:setup_dismiss": Row(post="dm:302"),
    "dashboards:procedure": Row(get=f"{TOWN}:200", post="d:422", sees={"見本の全体方針": TOWN}),
    "dashboards:procedure_undo": Row(post="d:302", thing="procedure"),
    # dashboards
    "dashboards:plain_japanese": Row(get=f"{ALL}:200", post=f"{ALL}:422"),
    "dashboards:promoter_list": Row(
        get=f"{TOWN}:200", sees={"対象 0": TOWN, "promoters/new/": "dm"}
    ),
    # sheets for meetings: culture by name is for the office and the CDO alone
    "dashboards:briefing_list": Row(get="hdca:200", sees={"市長レク": "dc", "推進本部": "hdca"}),
    "dashboards:briefing_create": Row(get="dc:200", post="dc:422"),
    "dashboards:briefing_export": Row(post="dc:302"),
    "dashboards:briefing_detail": Row(get="dc:200", thing="sheet", sees={"会議の目的": "dc"}),
    "dashboards:briefing_file": Row(get="dc:200", thing="sheet_file", sees={"01課": "dc"}),
    "dashboards:briefing_make": Row(post="hdca:302", thing="board_job"),
    "dashboards:briefing_progress": Row(get="hdca:200", thing="board_job"),
    "dashboards:painpoint_list": Row(get="hdca:200"),
    "dashboards:explore": Row(get="hdca:200"),
    "dashboards:explore_export": Row(get="hdca:200", args=("spread",)),
    # a shared picture: kept by CDO and office, opened by whoever has the address
    "dashboards:shared_picture_list": Row(get="dc:200", sees={"見本の図": "dc"}),
    "dashboards:shared_picture_create": Row(get="dc:200", post="dc:422"),
    "dashboards:shared_picture_renew": Row(get="dc:200", post="dc:422", thing="shared"),
    "dashboards:shared_picture_withdraw": Row(post="dc:302", thing="shared"),
    "dashboards:shared_picture": Row(
        get=f"x{ALL}:200", thing="shared_token", sees={"見本の図": f"x{ALL}"}
    ),
    "dashboards:shared_picture_svg": Row(
        get=f"x{ALL}:200", thing="shared_token", sees={"見本の図": f"x{ALL}"}
    ),
    "dashboards:shared_picture_json": Row(
        get=f"x{ALL}:200", thing="shared_token", sees={"見本の図": f"x{ALL}"}
    ),
    "dashboards:dashboard": Row(get=f"{TOWN}:200"),
    "dashboards:figure_detail": Row(
        get=f"{TOWN}:200", args=("initiatives",), sees={"電子申請0": TOWN, "電子申請1": TOWN}
    ),
    "dashboards:stage_detail": Row(
        get=f"{TOWN}:200", args=("technology", 1), sees={"税務課": "hdca"}
    ),
    "dashboards:rule_list": Row(get=f"{TOWN}:200"),
    "dashboards:department_export": Row(get="hdca:200", args=("csv",), sees={"税務課": "hdca"}),
    "dashboards:peer_list": Row(get=f"{TOWN}:200", sees={"同じ規模の半数以上": TOWN}),
    "dashboards:peer_bands": Row(get=f"{TOWN}:200"),
    "dashboards:peer_export": Row(get=f"{TOWN}:200"),
    "dashboards:value": Row(get=f"{TOWN}:200", sees={"電子申請0": TOWN, "電子申請1": TOWN}),
    "dashboards:value_export": Row(get=f"{TOWN}:200", args=("csv",), sees={"電子申請1": TOWN}),
    "dashboards:department_list": Row(get="hdca:200", sees={"税務課": "hdca"}),
    "dashboards:department_detail": Row(get="hdca:200", thing="department"),
    "dashboards:department_assess": Row(
        get="h:200", post="h:302", thing="department", other_get="", other_post="", data=SENT
    ),
    # evidence and figures of criteria
    "dashboards:criterion_detail": Row(get="hdca:200", thing="cell", sees={"台帳": "hdca"}),
    "dashboards:criterion_confirm": Row(post="h:422", thing="cell", other_post=""),
    "dashboards:criterion_reading": Row(post="hd:422", thing="fed_cell", other_post="d:422"),
    "roadmap:evidence_list": Row(get="d:200", sees={"台帳": "d", "根拠を": "d"}),
    "roadmap:evidence_accept": Row(post="d:302"),
    "roadmap:evidence_accept_undo": Row(post="d:302", thing="acceptance"),
    "roadmap:evidence_ask": Row(get="d:200", post="d:422", data=SENT),
    "roadmap:evidence_ask_back": Row(get="d:200", post="d:422", thing="assessment", data=SENT),
    "roadmap:evidence_withdraw": Row(post="d:302", thing="evidence_request"),
    "roadmap:reading_list": Row(get="d:200", post="d:302", sees={"月報": "d"}),
    "roadmap:reading_import": Row(get="d:200", post="d:422"),
    "roadmap:reading_import_template": Row(get="d:200"),
    "roadmap:reading_remove": Row(post="hd:302", thing="reading", other_post="d:302"),
    "roadmap:reading_restore": Row(post="hd:302", thing="reading_event", other_post="d:302"),
    "roadmap:reading_feed": Row(post=f"x{ALL}:401"),
    "roadmap:feed_key_list": Row(get="dm:200", post="dm:422", sees={"電子申請": "dm"}),
    "roadmap:feed_key_end": Row(post="dm:302", thing="feed_key"),
    "dashboards:department_unchanged": Row(post="h:302", thing="department", other_post=""),
    "dashboards:department_unchanged_undo": Row(post="h:302", thing="renewal", other_post=""),
    "dashboards:gap": Row(get="hdca:200"),
}


def named(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The full name of every address of the site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


@pytest.fixture(scope="module")
def built(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world of all tests of this file: what each of them writes is undone around it."""
    keys = tmp_path_factory.mktemp("keys")
    around = transaction.atomic()
    around._from_testcase = True  # as Django marks the one around a test: durable ones fit in
    with django_db_blocker.unblock(), override_settings(KEY_DIR=keys), around:
        cache.clear()
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, tmp_path: Path, settings: Any) -> World:
    """A copy of one's own, with its keys: no database undoes what is set on a person or a file."""
    settings.KEY_DIR = shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    cache.clear()
    return deepcopy(built)


def ask(world: World, letter: str, method: str, url: str, *, data: Any, htmx: bool) -> Any:
    """One request of one person, undone afterwards."""
    client = Client(raise_request_exception=False)
    person = world.people[letter]
    if person is not None:
        client.force_login(person)
    headers = {"HX-Request": "true"} if htmx else {}
    with transaction.atomic():
        response = getattr(client, method)(url, data, headers=headers)
        transaction.set_rollback(True)
    return response


def allowed(
    row: Row, expected: dict[str, int] | None, letter: str, method: str, *, htmx: bool
) -> set[int]:
    """Statuses that are right for a person of that letter."""
    if expected is not None and letter in expected:
        return {expected[letter]}
    if letter == "x" and not row.public:
        return {401} if htmx or method == "post" else {302}
    return {405, *REFUSED} if expected is None else REFUSED


def variants(row: Row, world: World) -> list[str]:
    """Which owners a thing of this row can have."""
    return list(world.things[row.thing]) if row.thing else [""]


def text_of(response: Any) -> str:
    """What the reader gets, headers included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace") + str(dict(response.headers))


def mismatches(name: str, row: Row, world: World) -> Iterator[str]:
    """Every cell of a row that is not as written."""
    for variant in variants(row, world):
        for method in ("get", "post"):
            for htmx in (False, True):
                expected = row.expected(method, variant, htmx=htmx)
                if (expected is None or variant == "other") and htmx:
                    continue
                if expected is None and variant in ("other", "foreign"):
                    continue
                if variant == "foreign" and expected is not None:
                    expected = {k: 404 for k, v in expected.items() if v not in REFUSED}
                for letter in LETTERS:
                    yield from _cell(
                        world,
                        name,
                        row,
                        variant=variant,
                        method=method,
                        htmx=htmx,
                        letter=letter,
                        expected=expected,
                    )


def _cell(
    world: World,
    name: str,
    row: Row,
    *,
    variant: str,
    method: str,
    htmx: bool,
    letter: str,
    expected: dict[str, int] | None,
) -> Iterator[str]:
    """What is wrong with one person's answer."""
    args = world.args(row.thing, variant, letter) if row.thing else list(row.args)
    data = row.data if method == "post" else {}
    response = ask(world, letter, method, reverse(name, args=args), data=data, htmx=htmx)
    cell = f"{method}{' htmx' if htmx else ''} {variant} {LETTERS[letter]}"
    right = allowed(row, expected, letter, method, htmx=htmx)
    if response.status_code not in right:
        yield f"{cell}: {response.status_code}, not {sorted(right)}"
    text = text_of(response)
    if CANARY in text and letter != "o":
        yield f"{cell}: shows another municipality"
    if method == "get" and not htmx and variant != "foreign":
        for word, readers in row.sees.items():
            if (word in text) != (letter in readers):
                yield f"{cell}: {'shows' if word in text else 'lacks'} {word}"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_address_answers_as_written(name: str, world: World) -> None:
    assert list(mismatches(name, TABLE[name], world)) == []


def test_every_address_has_a_row() -> None:
    names = set(named())
    assert names - TABLE.keys() == set()
    assert TABLE.keys() - names == set()


def test_a_flipped_cell_is_caught(world: World) -> None:
    wrong = Row(get="em:200")
    assert any("employee" in found for found in mismatches("accounts:people_list", wrong, world))


def test_absent_and_foreign_things_look_the_same(world: World) -> None:
    foreign = world.args("person", "foreign", "m")[0]
    pages = [
        ask(world, "m", "get", reverse("accounts:person_edit", args=[pk]), data={}, htmx=False)
        for pk in (foreign, 999_999_999)
    ]
    assert pages[0].status_code == pages[1].status_code == 404
    texts = [
        text_of(page).replace(f"/{pk}/", "/").split("csrfmiddlewaretoken")[0]
        for page, pk in zip(pages, (foreign, 999_999_999), strict=True)
    ]
    assert texts[0] == texts[1]


def test_host_sees_names_and_codes_only(world: World) -> None:
    text = text_of(ask(world, "o", "get", reverse("accounts:installation"), data={}, htmx=False))
    assert world.town.code in text
    for inside in ("市民課", "電子申請", "対象", "手間の調査"):
        assert inside not in text


# The written table --------------------------------------------------------------------------------
def test_every_permission_has_a_sentence_and_every_role_a_line() -> None:
    assert SENTENCES.keys() == set(Permission)
    assert ROLE_PERMISSIONS.keys() == set(Role)


def test_culture_names_are_for_cdo_and_office_alone() -> None:
    holders = {r for r, held in ROLE_PERMISSIONS.items() if Permission.SEE_CULTURE_NAMES in held}
    assert holders == {Role.CDO, Role.DX_OFFICE}


def test_auditor_and_host_change_nothing() -> None:
    changing = {
        Permission.ANSWER,
        Permission.CONFIRM_CRITERIA,
        Permission.UPDATE_OWN_INITIATIVES,
        Permission.UPDATE_ALL_INITIATIVES,
        Permission.EDIT_INITIATIVES,
        Permission.IMPORT_DATA,
        Permission.RUN_SURVEYS,
        Permission.RELEASE_WAVES,
        Permission.REPLY_TO_THEMES,
        Permission.EDIT_WORDS,
        Permission.MANAGE_PEOPLE,
    }
    for role in (Role.AUDITOR, Role.HOST):
        assert not ROLE_PERMISSIONS[role] & changing


# Culture positions by name ------------------------------------------------------------------------
def count_month(world: World, months_ago: int, *, technology: int, culture: int) -> None:
    """What a full roll-up of that month would have left for both departments."""
    first = timezone.localdate().replace(day=1)
    period = (first - dt.timedelta(days=28 * months_ago)).replace(day=1)
    counted = {"municipality": world.town, "period": period, "as_of": period}
    RollupRun.objects.create(**counted, full=True, marks=0, rows=0, statements=0, seconds=0)
    PositionSnapshot.objects.filter(municipality=world.town, period=period).delete()
    for department in (world.own, world.other):
        for axis, current in ((Axis.TECHNOLOGY, technology), (Axis.CULTURE, culture)):
            PositionSnapshot.objects.create(
                **counted,
                department=department,
                axis=axis,
                current=current,
                reached=current - 1,
                method="1",
                input_hash="x",
            )


def rows_of(text: str) -> list[str]:
    """The rows and list entries of a page."""
    return [row for tag in ("tr", "li") for row in re.findall(rf"<{tag}\b.*?</{tag}>", text, re.S)]


@pytest.mark.parametrize("name", ["dashboards:dashboard", "dashboards:department_list"])
def test_culture_of_a_department_is_told_to_cdo_and_office_alone(name: str, world: World) -> None:
    """Only culture moved: nothing in a row of that department may say so to anybody else."""
    count_month(world, 0, technology=2, culture=2)
    count_month(world, 1, technology=2, culture=1)
    stages = Stage.objects.filter(municipality=world.town, axis=Axis.CULTURE)
    words = {"風土", "Culture", *stages.values_list("name", flat=True)}
    for letter in "ephdcam":
        text = text_of(ask(world, letter, "get", reverse(name), data={}, htmx=False))
        told = [
            row for row in rows_of(text) if "市民課" in row and any(word in row for word in words)
        ]
        assert bool(told) == (letter in "dc"), (LETTERS[letter], told)


def test_culture_of_another_department_is_not_on_its_page_for_heads_and_auditors(
    world: World,
) -> None:
    stages = Stage.objects.filter(municipality=world.town, axis=Axis.CULTURE)
    criterion = Criterion.objects.get(stage__in=stages, code="C1-3")
    office = world.people["d"]
    assert office is not None
    confirm_criteria(
        world.other, {criterion.pk: Claim(3, "根拠")}, by=office, on=timezone.localdate()
    )
    url = reverse("dashboards:department_detail", args=[world.other.pk])
    for letter in "hdca":
        text = text_of(ask(world, letter, "get", url, data={}, htmx=False))
        shown = any(name in text for name in stages.values_list("name", flat=True))
        assert shown == (letter in "dc"), LETTERS[letter]
