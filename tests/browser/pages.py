"""Which address is opened by whom: one entry for each address of the site, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

POST_ONLY = "is only posted to"
FILE = "is a file to download"
MOVES_ON = "moves on to another page"
PART = "is a part of a page"
MACHINE = "is read by machines"


@dataclass(frozen=True)
class Visit:
    """Somebody opens an address; `send`: and sends its form as it is, which is refused."""

    who: str
    thing: str = ""
    query: str = ""
    path: str = ""
    send: bool = False
    status: int = 200


#: Address → who opens it, in every state that looks different.
PAGES: dict[str, list[Visit]] = {
    "about": [Visit("nobody"), Visit("staff")],
    "accounts:sign_in": [Visit("nobody"), Visit("nobody", send=True)],
    "accounts:password_change": [Visit("staff"), Visit("staff", send=True)],
    "accounts:notice_list": [Visit("dx"), Visit("new_staff")],
    "accounts:role_table": [Visit("staff")],
    "accounts:people_list": [Visit("admin"), Visit("admin", query="?q=zzz")],
    "accounts:person_create": [Visit("admin"), Visit("admin", send=True)],
    "accounts:person_edit": [Visit("admin", "person")],
    "accounts:person_roles": [Visit("admin", "person"), Visit("admin", "promoter", send=True)],
    "accounts:post_list": [Visit("admin"), Visit("new_admin")],
    "accounts:post_create": [Visit("admin"), Visit("admin", send=True)],
    "accounts:post_edit": [Visit("admin", "post")],
    "accounts:department_list": [Visit("admin"), Visit("new_admin")],
    "accounts:department_create": [Visit("admin"), Visit("admin", send=True)],
    "accounts:department_edit": [Visit("admin", "department")],
    "accounts:municipality_edit": [Visit("admin")],
    "accounts:channel_list": [Visit("admin"), Visit("new_admin", send=True)],
    "accounts:event_list": [Visit("auditor"), Visit("new_dx")],
    "accounts:installation": [Visit("host")],
    "accounts:department_import": [Visit("dx"), Visit("dx", send=True)],
    "accounts:staff_import": [Visit("admin")],
    "accounts:import_detail": [Visit("dx", "import"), Visit("dx", "import_failed")],
    "roadmap:initiative_list": [
        Visit("dx"),
        Visit("dx", query="?queue=late"),
        Visit("dx", query="?q=zzz"),
        Visit("head"),
        Visit("staff"),
        Visit("new_dx"),
        Visit("new_staff"),
    ],
    "roadmap:initiative_create": [Visit("dx"), Visit("dx", send=True)],
    "roadmap:initiative_detail": [Visit("dx", "initiative"), Visit("staff", "initiative")],
    "roadmap:initiative_edit": [Visit("dx", "initiative")],
    "roadmap:initiative_import": [Visit("dx")],
    "roadmap:status_word_list": [Visit("dx"), Visit("new_dx")],
    # roadmap: reminders
    "roadmap:initiative_mine": [Visit("head"), Visit("dx"), Visit("new_staff")],
    "roadmap:snooze_list": [Visit("dx"), Visit("staff"), Visit("staff", send=True)],
    "roadmap:reminder_settings": [Visit("dx"), Visit("new_dx")],
    "surveys:survey_list": [Visit("dx"), Visit("staff"), Visit("new_dx"), Visit("new_staff")],
    "surveys:survey_create": [Visit("dx"), Visit("dx", send=True)],
    "surveys:survey_detail": [Visit("dx", "survey"), Visit("dx", "empty_survey")],
    "surveys:survey_edit": [Visit("dx", "survey")],
    "surveys:survey_copy": [Visit("dx", "survey")],
    "surveys:survey_delete": [Visit("dx", "survey"), Visit("dx", "empty_survey")],
    "surveys:survey_preview": [
        Visit("dx", "survey"),
        Visit("dx", "survey", send=True),
        Visit("dx", "empty_survey"),
    ],
    "surveys:survey_crosses": [Visit("dx", "survey"), Visit("dx", "survey", send=True)],
    "surveys:question_create": [Visit("dx", "survey"), Visit("dx", "survey", send=True)],
    "surveys:question_edit": [Visit("dx", "survey_question")],
    "surveys:wave_create": [Visit("dx", "survey"), Visit("dx", "survey", send=True)],
    "surveys:wave_detail": [
        Visit("dx", "open_wave"),
        Visit("dx", "closed_wave"),
        Visit("dx", "planned_wave"),
        Visit("dx", "scheduled_wave"),
        Visit("dx", "waiting_wave"),
    ],
    "surveys:wave_edit": [Visit("dx", "planned_wave"), Visit("dx", "planned_wave", send=True)],
    "surveys:wave_release": [Visit("cdo", "waiting_wave"), Visit("admin", "waiting_wave")],
    "surveys:wave_open": [Visit("dx", "planned_wave"), Visit("dx", "scheduled_wave")],
    "surveys:wave_extend": [Visit("dx", "open_wave")],
    "surveys:wave_cancel": [Visit("dx", "planned_wave"), Visit("dx", "open_wave")],
    "surveys:wave_receipts": [Visit("staff", "closed_wave")],
    "surveys:wave_results": [Visit("dx", "closed_wave"), Visit("head", "closed_wave")],
    "surveys:text_list": [
        Visit("dx", "closed_wave"),
        Visit("auditor", "closed_wave", query="?show=unsorted"),
        Visit("dx", "closed_wave", query="?q=zzz"),
        Visit("head", "closed_wave", status=403),
    ],
    "surveys:wording_list": [Visit("dx", "closed_wave"), Visit("auditor", "closed_wave")],
    "surveys:wording_create": [
        Visit("dx", "closed_wave", query="?theme={theme}"),
        Visit("dx", "closed_wave", send=True),
    ],
    "surveys:wording_edit": [Visit("dx", "wording")],
    "surveys:theme_list": [Visit("dx"), Visit("new_dx")],
    "surveys:theme_edit": [Visit("dx", "theme")],
    "surveys:theme_split": [Visit("dx", "theme"), Visit("dx", "theme", send=True)],
    "surveys:theme_merge": [Visit("dx", query="?theme={theme}&theme={second_theme}")],
    "surveys:voice_list": [
        Visit("dx"),
        Visit("dx", query="?tab=again"),
        Visit("staff"),
        Visit("staff", query="?tab=waiting"),
        Visit("staff", query="?q=zzz"),
        Visit("head", query="?tab=mine"),
        Visit("new_dx"),
        Visit("new_staff"),
    ],
    "surveys:reply_edit": [
        Visit("dx", "reply"),
        Visit("dx", "reply_changed"),
        Visit("dx", "reply", send=True),
    ],
    "surveys:theme_initiative": [Visit("dx", "reply"), Visit("dx", "reply", send=True)],
    "surveys:volunteer_list": [
        Visit("dx"),
        Visit("staff"),
        Visit("staff", send=True),
        Visit("new_staff"),
    ],
    "surveys:followup_list": [Visit("dx"), Visit("staff"), Visit("new_dx")],
    "surveys:followup_declare": [Visit("dx", "follow_up"), Visit("dx", "follow_up", send=True)],
    "surveys:ticket_list": [Visit("dx", "open_wave"), Visit("dx", "closed_wave")],
    "surveys:paper": [Visit("dx", "open_wave"), Visit("dx", "closed_wave")],
    "surveys:ticket_code": [
        Visit("nobody", "open_wave"),
        Visit("nobody", "open_wave", send=True),
        Visit("staff", "open_wave"),
    ],
    "surveys:ticket_scan": [
        Visit("nobody", "ticket"),
        Visit("nobody", "wrong_ticket", status=422),
        Visit("staff", "ticket"),
    ],
    "surveys:answer_start": [Visit("staff", "open_wave"), Visit("staff", "closed_wave")],
    "surveys:answer_question": [
        Visit("staff", "question"),
        Visit("staff", "question", send=True),
        Visit("staff", "text_question"),
    ],
    "surveys:answer_check": [Visit("staff", "open_wave"), Visit("staff", "open_wave", send=True)],
    "surveys:answer_thanks": [Visit("promoter", "open_wave")],
    "dashboards:dashboard": [
        Visit("cdo"),
        Visit("dx", query="?department={department}"),
        Visit("head"),
        Visit("staff"),
        Visit("new_dx"),
        Visit("new_cdo"),
    ],
    "dashboards:painpoint_list": [Visit("dx"), Visit("head"), Visit("new_dx")],
    "dashboards:department_list": [
        Visit("cdo"),
        Visit("head"),
        Visit("dx", query="?q=zzz"),
        Visit("new_dx"),
    ],
    "dashboards:department_detail": [
        Visit("head", "department"),
        Visit("dx", "department"),
        Visit("auditor", "department"),
        Visit("new_head", "new_department"),
    ],
    "dashboards:department_assess": [Visit("head", "department")],
    # what no address leads to
    "": [
        Visit("staff", path="/nowhere/", status=404),
        Visit("nobody", path="/nowhere/", status=404),
        Visit("staff", path="/accounts/people/", status=403),
    ],
}

LEFT_OUT: dict[str, str] = {
    "home": MOVES_ON,
    "set_language": MOVES_ON,
    "healthz": MACHINE,
    "readyz": MACHINE,
    "metrics": MACHINE,
    "accounts:sign_out": POST_ONLY,
    "surveys:reply_keep": POST_ONLY,
    "surveys:reply_undo": POST_ONLY,
    "surveys:volunteer_withdraw": POST_ONLY,
    "surveys:volunteer_restore": POST_ONLY,
    "accounts:notice_read_all": POST_ONLY,
    "accounts:notice_open": POST_ONLY,
    "accounts:person_reset_password": POST_ONLY,
    "accounts:role_end": POST_ONLY,
    "accounts:assignment_create": POST_ONLY,
    "accounts:assignment_end": POST_ONLY,
    "accounts:event_export": FILE,
    "accounts:department_import_template": FILE,
    "accounts:staff_import_template": FILE,
    "accounts:import_progress": PART,
    "accounts:import_columns": POST_ONLY,
    "accounts:import_confirm": POST_ONLY,
    "accounts:import_rejected": FILE,
    "roadmap:initiative_import_template": FILE,
    "roadmap:initiative_export": FILE,
    "roadmap:initiative_status": POST_ONLY,
    "roadmap:initiative_undo": POST_ONLY,
    "roadmap:remind_now": POST_ONLY,
    "roadmap:snooze_end": POST_ONLY,
    "accounts:channel_try": POST_ONLY,
    "accounts:webhook_secret": POST_ONLY,
    "surveys:text_theme": POST_ONLY,
    "surveys:text_move": POST_ONLY,
    "surveys:text_undo": POST_ONLY,
    "surveys:wording_decide": POST_ONLY,
    "surveys:theme_unmerge": POST_ONLY,
    "surveys:term_add": POST_ONLY,
    "surveys:term_remove": POST_ONLY,
    "surveys:theme_undo": POST_ONLY,
    "surveys:answer_send": POST_ONLY,
    "surveys:paper_question": MOVES_ON,
    "surveys:paper_check": MOVES_ON,
    "surveys:paper_send": POST_ONLY,
    "surveys:paper_drop": POST_ONLY,
    "surveys:wave_export": FILE,
    "surveys:question_move": POST_ONLY,
    "surveys:question_retire": POST_ONLY,
    "surveys:question_restore": POST_ONLY,
    "surveys:wave_schedule": POST_ONLY,
    "surveys:wave_progress": PART,
    "dashboards:department_unchanged": POST_ONLY,
}
