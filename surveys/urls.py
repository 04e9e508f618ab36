"""The site map of surveys."""

from django.urls import path, re_path

from surveys.views import (
    answering,
    design,
    follow_ups,
    preview,
    releases,
    results,
    survey_pages,
    theme_initiatives,
    voices,
    volunteers,
    waves,
)

app_name = "surveys"

urlpatterns = [
    path("surveys/", survey_pages.survey_list, name="survey_list"),
    path("surveys/new/", survey_pages.survey_create, name="survey_create"),
    path("surveys/<int:pk>/", survey_pages.survey_detail, name="survey_detail"),
    path("surveys/<int:pk>/edit/", survey_pages.survey_edit, name="survey_edit"),
    path("surveys/<int:pk>/copy/", survey_pages.survey_copy, name="survey_copy"),
    path("surveys/<int:pk>/delete/", survey_pages.survey_delete, name="survey_delete"),
    path("surveys/<int:pk>/preview/", preview.survey_preview, name="survey_preview"),
    path("surveys/<int:pk>/crosses/", design.survey_crosses, name="survey_crosses"),
    path("surveys/<int:pk>/questions/new/", design.question_create, name="question_create"),
    path("surveys/<int:pk>/questions/<str:code>/", design.question_edit, name="question_edit"),
    path("surveys/<int:pk>/questions/<str:code>/move/", design.question_move, name="question_move"),
    path(
        "surveys/<int:pk>/questions/<str:code>/retire/",
        design.question_retire,
        name="question_retire",
    ),
    path(
        "surveys/<int:pk>/questions/<str:code>/restore/",
        design.question_restore,
        name="question_restore",
    ),
    path("surveys/<int:pk>/waves/new/", waves.wave_create, name="wave_create"),
    path("surveys/waves/<int:pk>/", waves.wave_detail, name="wave_detail"),
    path("surveys/waves/<int:pk>/edit/", waves.wave_edit, name="wave_edit"),
    path("surveys/waves/<int:pk>/schedule/", waves.wave_schedule, name="wave_schedule"),
    path("surveys/waves/<int:pk>/open/", waves.wave_open, name="wave_open"),
    path("surveys/waves/<int:pk>/extend/", waves.wave_extend, name="wave_extend"),
    path("surveys/waves/<int:pk>/cancel/", waves.wave_cancel, name="wave_cancel"),
    path("surveys/waves/<int:pk>/progress/", waves.wave_progress, name="wave_progress"),
    path("surveys/waves/<int:pk>/release/", releases.wave_release, name="wave_release"),
    path("surveys/waves/<int:pk>/results/", results.wave_results, name="wave_results"),
    re_path(
        r"^surveys/waves/(?P<pk>[0-9]+)/results\.(?P<kind>xlsx|csv|pdf)$",
        results.wave_export,
        name="wave_export",
    ),
    path("voices/", voices.voice_list, name="voice_list"),
    path("voices/help/", volunteers.volunteer_list, name="volunteer_list"),
    path("voices/help/<int:pk>/", volunteers.volunteer_withdraw, name="volunteer_withdraw"),
    path("voices/help/<int:pk>/again/", volunteers.volunteer_restore, name="volunteer_restore"),
    path("voices/<int:wave_pk>/<int:theme_pk>/", voices.reply_edit, name="reply_edit"),
    path(
        "voices/<int:wave_pk>/<int:theme_pk>/initiative/",
        theme_initiatives.theme_initiative,
        name="theme_initiative",
    ),
    path(
        "voices/<int:wave_pk>/<int:theme_pk>/undo/<int:version>/",
        voices.reply_undo,
        name="reply_undo",
    ),
    path("followups/", follow_ups.followup_list, name="followup_list"),
    path("followups/<int:pk>/declare/", follow_ups.followup_declare, name="followup_declare"),
    path("answer/<int:wave_pk>/", answering.answer_start, name="answer_start"),
    path("answer/<int:wave_pk>/send/", answering.answer_send, name="answer_send"),
    path("answer/<int:wave_pk>/check/", answering.answer_check, name="answer_check"),
    path("answer/<int:wave_pk>/thanks/", answering.answer_thanks, name="answer_thanks"),
    path("answer/<int:wave_pk>/<str:code>/", answering.answer_question, name="answer_question"),
]
