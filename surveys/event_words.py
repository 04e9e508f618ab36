"""The words of the surveys' actions for the audit trail; answering has none, on purpose."""

from django.utils.translation import gettext_lazy as _

ACTION_WORDS = {
    "survey.created": _("created the survey"),
    "wave.planned": _("planned a round"),
    "wave.changed": _("changed the plan of the round"),
    "wave.scheduled": _("let the round open at its time"),
    "wave.unscheduled": _("took back the time of opening"),
    "wave.not_opened": _("could not open the round at its time"),
    "wave.released": _("released the round for counting"),
    "wave.release_taken_back": _("took back the release of the round"),
    "wave.closing": _("began to count the round"),
    "wave.opened": _("opened the round"),
    "wave.extended": _("moved the deadline of the round"),
    "wave.discarded": _("discarded the planned round"),
    "wave.cancelled": _("cancelled the round and destroyed its ballots"),
    "wave.ended_early": _("ended the round before its deadline"),
    "wave.closed": _("closed the round"),
    "wave.key_lost": _("found the key of the round unreadable"),
    "wave.voices_purged": _("deleted the free texts of the round on their date"),
    "theme.replied": _("replied to a theme"),
    "theme.reply_undone": _("took the last change of a reply back"),
    "volunteer.offered": _("offered to help with a theme"),
    "volunteer.withdrawn": _("took an offer to help back"),
    "volunteer.restored": _("let an offer to help stand again"),
    "theme_terms.copied": _("copied the default words of the themes"),
    "theme_term.added": _("added a word to a theme"),
    "theme_term.removed": _("removed a word from a theme"),
    "texts.read": _("opened free texts as written"),
    "texts.sorted": _("gave free texts their themes"),
    "texts.counted": _("kept the number of free texts of each theme"),
    "wording.proposed": _("proposed a wording"),
    "wording.returned": _("sent a wording back"),
    "wording.approved": _("approved a wording, which is shown from now on"),
    "wording.withdrawn": _("withdrew a wording"),
    "wording.deleted": _("deleted the draft of a wording"),
}

#: Names of values that are no field with a name of its own.
LABELS = {"texts": _("number of free texts"), "term": _("word"), "theme": _("theme")}
