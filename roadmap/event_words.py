"""The words of the roadmap's actions for the audit trail."""

from django.utils.translation import gettext_lazy as _

ACTION_WORDS = {
    "staircase.copied": _("copied the default staircases"),
    "themes.copied": _("copied the default themes"),
    "theme.renamed": _("renamed a theme"),
    "theme.merged": _("merged a theme into another"),
    "theme.unmerged": _("let a merged theme stand by itself again"),
    "theme.split": _("split a theme off from another"),
    "criterion.confirmed": _("confirmed a criterion"),
    "criterion.measured": _("published the measured levels of a criterion"),
    "initiative.created": _("created the initiative"),
    "initiative.edited": _("changed the initiative"),
    "initiative.reported": _("reported on the initiative"),
    "initiative.undone": _("took back a report"),
    "status_word.mapped": _("gave a status word its meaning"),
    "verdict.published": _("published the verdict of a follow-up"),
    "outcome.declared": _("declared the outcome of an initiative"),
    # reporting rounds
    "round.planned": _("planned a reporting round"),
    "round.changed": _("changed the plan of a reporting round"),
    "round.dropped": _("discarded the plan of a reporting round"),
    "round.opened": _("opened a reporting round"),
    "round.joined": _("added departments to a reporting round"),
    "round.told": _("reminded departments of a reporting round"),
    "round.closed": _("closed a reporting round"),
    "return.submitted": _("submitted a progress report"),
    "return.taken_back": _("took a progress report back"),
    "return.accepted": _("accepted a progress report"),
    "return.sent_back": _("sent a progress report back"),
}

#: Reports and verdicts are kept under their initiative; their values are their own.
FIELDS_OF = {
    "initiative.reported": "update",
    "initiative.undone": "update",
    "verdict.published": "adoptionverdict",
    "outcome.declared": "adoptionverdict",
}

#: Names of values that are no field with a name of its own.
LABELS = {
    "label_en": _("English name"),
    "into": _("merged into"),
    "from": _("split off from"),
    "departments": _("departments"),
    "people": _("people told"),
    "initiatives": _("initiatives"),
    "missing": _("missing"),
}
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {"merged_into", "origin", "part"}
