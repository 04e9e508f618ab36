"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import (
    adoption_tasks,
    blockers,
    bulk,
    care,
    comments,
    decisions,
    dependencies,
    diff,
    disclosure,
    effort,
    evidence,
    exports,
    feed,
    handovers,
    history,
    indicators,
    initiatives,
    launch_plan,
    milestones,
    mine,
    moves,
    pack_export,
    pack_import,
    readings,
    reinvestments,
    reminders,
    removal,
    reorganisations,
    returns,
    round_files,
    rounds,
    samples,
    saved_views,
    staircase,
    staircase_edit,
    staircase_plan,
    status,
    status_links,
    tags,
    trainings,
    value,
    words,
)

app_name = "roadmap"

urlpatterns = [
    path("initiatives/", initiatives.initiative_list, name="initiative_list"),
    path("initiatives/new/", initiatives.initiative_create, name="initiative_create"),
    path(
        "initiatives/import/",
        imports.import_upload,
        {"kind": "initiatives"},
        name="initiative_import",
    ),
    path(
        "initiatives/import/template.csv",
        imports.import_template,
        {"kind": "initiatives"},
        name="initiative_import_template",
    ),
    re_path(
        r"^initiatives/export\.(?P<kind>xlsx|csv)$",
        exports.initiative_export,
        name="initiative_export",
    ),
    path("initiatives/<int:pk>/", initiatives.initiative_detail, name="initiative_detail"),
    path("initiatives/<int:pk>/edit/", initiatives.initiative_edit, name="initiative_edit"),
    path("initiatives/<int:pk>/status/", status.initiative_status, name="initiative_status"),
    path(
        "initiatives/<int:pk>/undo/<int:update_pk>/",
        status.initiative_undo,
        name="initiative_undo",
    ),
    # what follows from a verdict
    path(
        "initiatives/<int:pk>/tasks/<int:part_pk>/",
        adoption_tasks.adoption_task_choose,
        name="adoption_task_choose",
    ),
    path(
        "initiatives/<int:pk>/tasks/<int:part_pk>/done/",
        adoption_tasks.adoption_task_done,
        name="adoption_task_done",
    ),
    path(
        "initiatives/<int:pk>/tasks/restore/<int:event_pk>/",
        adoption_tasks.adoption_task_restore,
        name="adoption_task_restore",
    ),
    # blockers, decisions, comments, links
    path("initiatives/escalations/", blockers.escalation_list, name="escalation_list"),
    path("initiatives/<int:pk>/blockers/new/", blockers.blocker_create, name="blocker_create"),
    path(
        "initiatives/<int:pk>/blockers/<int:blocker_pk>/",
        blockers.blocker_edit,
        name="blocker_edit",
    ),
    path(
        "initiatives/<int:pk>/blockers/<int:blocker_pk>/escalate/",
        blockers.blocker_escalate,
        name="blocker_escalate",
    ),
    path(
        "initiatives/<int:pk>/blockers/<int:blocker_pk>/withdraw/",
        blockers.blocker_withdraw,
        name="blocker_withdraw",
    ),
    path(
        "initiatives/<int:pk>/blockers/<int:blocker_pk>/close/",
        blockers.blocker_close,
        name="blocker_close",
    ),
    path(
        "initiatives/<int:pk>/blockers/<int:blocker_pk>/reopen/",
        blockers.blocker_reopen,
        name="blocker_reopen",
    ),
    path("initiatives/<int:pk>/decisions/new/", decisions.decision_create, name="decision_create"),
    path(
        "initiatives/<int:pk>/decisions/<int:decision_pk>/",
        decisions.decision_edit,
        name="decision_edit",
    ),
    path(
        "initiatives/<int:pk>/decisions/<int:decision_pk>/remove/",
        decisions.decision_remove,
        name="decision_remove",
    ),
    path(
        "initiatives/<int:pk>/decisions/restore/<int:event_pk>/",
        decisions.decision_restore,
        name="decision_restore",
    ),
    path("initiatives/<int:pk>/comments/new/", comments.comment_create, name="comment_create"),
    path(
        "initiatives/<int:pk>/comments/<int:comment_pk>/remove/",
        comments.comment_remove,
        name="comment_remove",
    ),
    path("initiatives/<int:pk>/links/new/", comments.link_create, name="link_create"),
    path(
        "initiatives/<int:pk>/links/<int:link_pk>/remove/",
        comments.link_remove,
        name="link_remove",
    ),
    path(
        "initiatives/<int:pk>/links/restore/<int:event_pk>/",
        comments.link_restore,
        name="link_restore",
    ),
    path("settings/status-words/", words.status_word_list, name="status_word_list"),
    # versions of the staircase
    path("settings/staircase/", staircase.staircase_list, name="staircase_list"),
    path("settings/staircase/begin/", staircase_edit.staircase_begin, name="staircase_begin"),
    path("settings/staircase/<int:pk>/", staircase.staircase_detail, name="staircase_detail"),
    path("settings/staircase/<int:pk>/edit/", staircase_edit.staircase_edit, name="staircase_edit"),
    path(
        "settings/staircase/<int:pk>/criteria/new/",
        staircase_edit.staircase_criterion_create,
        name="staircase_criterion_create",
    ),
    path(
        "settings/staircase/<int:pk>/criteria/<int:row_pk>/",
        staircase_edit.staircase_criterion_edit,
        name="staircase_criterion_edit",
    ),
    path(
        "settings/staircase/<int:pk>/criteria/<int:row_pk>/move/",
        staircase_edit.staircase_criterion_move,
        name="staircase_criterion_move",
    ),
    path(
        "settings/staircase/<int:pk>/criteria/<int:row_pk>/take-out/",
        staircase_edit.staircase_criterion_take_out,
        name="staircase_criterion_take_out",
    ),
    path(
        "settings/staircase/<int:pk>/put-back/<str:code>/",
        staircase_edit.staircase_criterion_put_back,
        name="staircase_criterion_put_back",
    ),
    path(
        "settings/staircase/<int:pk>/changes/",
        staircase.staircase_changes,
        name="staircase_changes",
    ),
    path(
        "settings/staircase/<int:pk>/outlook/",
        staircase.staircase_outlook,
        name="staircase_outlook",
    ),
    path("settings/staircase/<int:pk>/plan/", staircase_plan.staircase_plan, name="staircase_plan"),
    path(
        "settings/staircase/<int:pk>/cancel/",
        staircase_plan.staircase_cancel,
        name="staircase_cancel",
    ),
    path(
        "settings/staircase/<int:pk>/withdraw/",
        staircase_plan.staircase_withdraw,
        name="staircase_withdraw",
    ),
    # nobody left behind
    path("alternatives/", care.care_list, name="care_list"),
    path("initiatives/<int:pk>/care/", care.initiative_care, name="initiative_care"),
    path("trainings/", trainings.training_list, name="training_list"),
    path("trainings/new/", trainings.training_create, name="training_create"),
    path("trainings/<int:pk>/", trainings.training_edit, name="training_edit"),
    path("trainings/<int:pk>/numbers/", trainings.training_numbers, name="training_numbers"),
    path("trainings/<int:pk>/remove/", trainings.training_remove, name="training_remove"),
    path(
        "trainings/<int:pk>/bring-back/",
        trainings.training_bring_back,
        name="training_bring_back",
    ),
    # fields
    path("initiatives/<int:pk>/history/", history.initiative_history, name="initiative_history"),
    path(
        "initiatives/<int:pk>/history/<int:event_pk>/set-back/",
        history.initiative_set_back,
        name="initiative_set_back",
    ),
    path(
        "initiatives/<int:pk>/launch-plan/",
        launch_plan.initiative_launch_plan,
        name="initiative_launch_plan",
    ),
    path("initiatives/<int:pk>/remove/", removal.initiative_remove, name="initiative_remove"),
    path(
        "initiatives/<int:pk>/bring-back/",
        removal.initiative_bring_back,
        name="initiative_bring_back",
    ),
    path("initiatives/public.csv", disclosure.disclosure_export, name="disclosure_export"),
    path("settings/removed-initiatives/", removal.removed_list, name="removed_list"),
    path("settings/samples/", samples.sample_list, name="sample_list"),
    path("settings/samples/add/", samples.sample_add, name="sample_add"),
    path("settings/samples/take-away/", samples.sample_remove, name="sample_remove"),
    path("settings/disclosure/", disclosure.disclosure_list, name="disclosure_list"),
    path("settings/tags/", tags.tag_list, name="tag_list"),
    path("settings/tags/bundle/", tags.tag_bundle, name="tag_bundle"),
    path("settings/tags/<int:pk>/", tags.tag_edit, name="tag_edit"),
    path("settings/tags/<int:pk>/move/", tags.tag_move, name="tag_move"),
    path("settings/tags/<int:pk>/end/", tags.tag_end, name="tag_end"),
    path("settings/tags/<int:pk>/restore/", tags.tag_restore, name="tag_restore"),
    # effects and their use
    path(
        "initiatives/<int:pk>/effects/<str:measure>/new/",
        value.value_create,
        name="value_create",
    ),
    path("initiatives/<int:pk>/effects/<int:part_pk>/", value.value_edit, name="value_edit"),
    path(
        "initiatives/<int:pk>/effects/<int:part_pk>/check/",
        value.value_check,
        name="value_check",
    ),
    path(
        "initiatives/<int:pk>/effects/<int:part_pk>/remove/",
        value.value_remove,
        name="value_remove",
    ),
    path(
        "initiatives/<int:pk>/effects/restore/<int:event_pk>/",
        value.value_restore,
        name="value_restore",
    ),
    path(
        "initiatives/<int:pk>/uses/new/",
        reinvestments.reinvestment_create,
        name="reinvestment_create",
    ),
    path(
        "initiatives/<int:pk>/uses/<int:part_pk>/remove/",
        reinvestments.reinvestment_remove,
        name="reinvestment_remove",
    ),
    path(
        "initiatives/<int:pk>/uses/restore/<int:event_pk>/",
        reinvestments.reinvestment_restore,
        name="reinvestment_restore",
    ),
    # parts
    path(
        "initiatives/<int:pk>/milestones/",
        milestones.milestone_create,
        name="milestone_create",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/",
        milestones.milestone_edit,
        name="milestone_edit",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/done/",
        milestones.milestone_done,
        name="milestone_done",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/remove/",
        milestones.milestone_remove,
        name="milestone_remove",
    ),
    path(
        "initiatives/<int:pk>/milestones/restore/<int:event_pk>/",
        milestones.milestone_restore,
        name="milestone_restore",
    ),
    path(
        "initiatives/<int:pk>/dependencies/<slug:side>/new/",
        dependencies.dependency_create,
        name="dependency_create",
    ),
    path(
        "initiatives/<int:pk>/dependencies/<int:part_pk>/remove/",
        dependencies.dependency_remove,
        name="dependency_remove",
    ),
    path(
        "initiatives/<int:pk>/dependencies/restore/<int:event_pk>/",
        dependencies.dependency_restore,
        name="dependency_restore",
    ),
    path(
        "initiatives/<int:pk>/indicators/new/",
        indicators.indicator_create,
        name="indicator_create",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/",
        indicators.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/measure/",
        indicators.indicator_measure,
        name="indicator_measure",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/remove/",
        indicators.indicator_remove,
        name="indicator_remove",
    ),
    path(
        "initiatives/<int:pk>/indicators/restore/<int:event_pk>/",
        indicators.indicator_restore,
        name="indicator_restore",
    ),
    path(
        "initiatives/<int:pk>/measurements/<int:part_pk>/remove/",
        indicators.measurement_remove,
        name="measurement_remove",
    ),
    path(
        "initiatives/<int:pk>/measurements/restore/<int:event_pk>/",
        indicators.measurement_restore,
        name="measurement_restore",
    ),
    # status
    path("settings/status-words/add/", words.status_word_add, name="status_word_add"),
    path(
        "settings/status-words/<int:pk>/remove/",
        words.status_word_remove,
        name="status_word_remove",
    ),
    path("settings/status-words/sets/<slug:code>/", words.status_word_set, name="status_word_set"),
    path(
        "settings/status-words/undo/<slug:batch>/", words.status_word_undo, name="status_word_undo"
    ),
    path("initiatives/bulk/", bulk.initiative_bulk, name="initiative_bulk"),
    path(
        "initiatives/bulk/undo/<slug:batch>/",
        bulk.initiative_bulk_undo,
        name="initiative_bulk_undo",
    ),
    path("initiatives/effort/", effort.initiative_effort, name="initiative_effort"),
    path("u/<str:token>/", status_links.status_link, name="status_link"),
    path(
        "u/<str:token>/undo/<int:update_pk>/",
        status_links.status_link_undo,
        name="status_link_undo",
    ),
    # rounds
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/new/", rounds.round_create, name="round_create"),
    path("rounds/diff/", diff.round_diff, name="round_diff"),
    re_path(
        r"^rounds/diff/export\.(?P<kind>xlsx|csv)$",
        diff.round_diff_export,
        name="round_diff_export",
    ),
    path("rounds/<int:pk>/", rounds.round_detail, name="round_detail"),
    path("rounds/<int:pk>/edit/", rounds.round_edit, name="round_edit"),
    path("rounds/<int:pk>/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:pk>/drop/", rounds.round_drop, name="round_drop"),
    path("rounds/<int:pk>/missing/", rounds.round_missing, name="round_missing"),
    path("rounds/<int:pk>/tell/", rounds.round_tell, name="round_tell"),
    path("rounds/<int:pk>/close/", rounds.round_close, name="round_close"),
    re_path(
        r"^rounds/(?P<pk>[0-9]+)/report\.(?P<kind>xlsx|csv)$",
        round_files.round_file,
        name="round_file",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/",
        returns.return_detail,
        name="return_detail",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/submit/",
        returns.return_submit,
        name="return_submit",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/take-back/",
        returns.return_take_back,
        name="return_take_back",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/decide/",
        returns.return_decide,
        name="return_decide",
    ),
    # figures of criteria
    path("criteria/readings/", readings.reading_list, name="reading_list"),
    path(
        "criteria/readings/import/",
        imports.import_upload,
        {"kind": "readings"},
        name="reading_import",
    ),
    path(
        "criteria/readings/import/template.csv",
        imports.import_template,
        {"kind": "readings"},
        name="reading_import_template",
    ),
    path("criteria/readings/<int:pk>/remove/", readings.reading_remove, name="reading_remove"),
    path(
        "criteria/readings/restore/<int:event_pk>/",
        readings.reading_restore,
        name="reading_restore",
    ),
    path("api/readings/", feed.reading_feed, name="reading_feed"),
    path("settings/keys/", feed.feed_key_list, name="feed_key_list"),
    path("settings/keys/<int:pk>/end/", feed.feed_key_end, name="feed_key_end"),
    # evidence
    path("evidence/", evidence.evidence_list, name="evidence_list"),
    path("evidence/accept/", evidence.evidence_accept, name="evidence_accept"),
    path(
        "evidence/accept/undo/<slug:batch>/",
        evidence.evidence_accept_undo,
        name="evidence_accept_undo",
    ),
    path("evidence/ask/", evidence.evidence_ask, name="evidence_ask"),
    path("evidence/<int:pk>/ask-back/", evidence.evidence_ask_back, name="evidence_ask_back"),
    path(
        "evidence/requests/<int:pk>/withdraw/",
        evidence.evidence_withdraw,
        name="evidence_withdraw",
    ),
    # remind
    path("initiatives/mine/", mine.initiative_mine, name="initiative_mine"),
    path("initiatives/remind/", reminders.remind_now, name="remind_now"),
    path("reminders/pause/", mine.snooze_list, name="snooze_list"),
    path("reminders/pause/<int:pk>/end/", mine.snooze_end, name="snooze_end"),
    path("settings/reminders/", reminders.reminder_settings, name="reminder_settings"),
    # april
    path(
        "settings/reorganisation/", reorganisations.reorganisation_list, name="reorganisation_list"
    ),
    path(
        "settings/reorganisation/new/",
        reorganisations.reorganisation_create,
        name="reorganisation_create",
    ),
    re_path(
        r"^settings/reorganisation/template\.(?P<kind>xlsx|csv)$",
        reorganisations.reorganisation_template,
        name="reorganisation_template",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/",
        reorganisations.reorganisation_detail,
        name="reorganisation_detail",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/new/<slug:kind>/",
        reorganisations.reorganisation_change_create,
        name="reorganisation_change_create",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/<slug:change>/remove/",
        reorganisations.reorganisation_change_remove,
        name="reorganisation_change_remove",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/<slug:change>/raise/",
        reorganisations.reorganisation_change_raise,
        name="reorganisation_change_raise",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/day/",
        reorganisations.reorganisation_day,
        name="reorganisation_day",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/owners/",
        reorganisations.reorganisation_owners,
        name="reorganisation_owners",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/confirm/",
        reorganisations.reorganisation_confirm,
        name="reorganisation_confirm",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/discard/",
        reorganisations.reorganisation_discard,
        name="reorganisation_discard",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/copy/",
        reorganisations.reorganisation_copy,
        name="reorganisation_copy",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/undo/",
        reorganisations.reorganisation_undo,
        name="reorganisation_undo",
    ),
    path("posts/handover/", handovers.handover_list, name="handover_list"),
    path("posts/<int:pk>/handover/", handovers.handover_detail, name="handover_detail"),
    path("posts/<int:pk>/handover/note/", handovers.handover_note, name="handover_note"),
    path("posts/<int:pk>/handover/take/", handovers.handover_take, name="handover_take"),
    # packs
    path("packs/export/", pack_export.pack_export, name="pack_export"),
    path("packs/import/", pack_import.pack_import, name="pack_import"),
    path("packs/import/<uuid:pk>/", pack_import.pack_preview, name="pack_preview"),
    path("packs/import/<uuid:pk>/undo/", pack_import.pack_undo, name="pack_undo"),
    # list
    path("initiatives/views/", saved_views.saved_view_list, name="saved_view_list"),
    path("initiatives/views/<int:pk>/", saved_views.saved_view_edit, name="saved_view_edit"),
    path(
        "initiatives/views/<int:pk>/delete/",
        saved_views.saved_view_delete,
        name="saved_view_delete",
    ),
    path(
        "initiatives/views/<int:pk>/restore/",
        saved_views.saved_view_restore,
        name="saved_view_restore",
    ),
    path(
        "initiatives/<int:pk>/move/<str:which>/<str:to>/<int:version>/",
        moves.initiative_move,
        name="initiative_move",
    ),
]
