"""The words of the surveys' actions for the audit trail; answering has none, on purpose."""

from django.utils.translation import gettext_lazy as _

ACTION_WORDS = {
    "survey.created": _("created the survey"),
    "wave.planned": _("planned a round"),
    "wave.opened": _("opened the round"),
    "wave.extended": _("moved the deadline of the round"),
    "wave.discarded": _("discarded the planned round"),
    "wave.cancelled": _("cancelled the round and destroyed its ballots"),
    "wave.ended_early": _("ended the round before its deadline"),
    "wave.closed": _("closed the round"),
    "wave.key_lost": _("found the key of the round unreadable"),
    "wave.voices_purged": _("deleted the free texts of the round on their date"),
    "theme.replied": _("replied to a theme"),
}
