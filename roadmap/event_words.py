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
    # reorganisations and handing over
    "reorganisation.drafted": _("began a reorganisation"),
    "reorganisation.discarded": _("discarded a reorganisation"),
    "reorganisation.scheduled": _("confirmed a reorganisation for its day"),
    "reorganisation.applied": _("carried out a reorganisation"),
    "reorganisation.undone": _("took a reorganisation back"),
    "handover.noted": _("changed a handover note"),
    "handover.taken": _("took over a post"),
}

#: Reports and verdicts are kept under their initiative; their values are their own.
FIELDS_OF = {
    "initiative.reported": "update",
    "initiative.undone": "update",
    "verdict.published": "adoptionverdict",
    "outcome.declared": "adoptionverdict",
}

#: Names of values that are no field with a name of its own.
LABELS = {"label_en": _("English name"), "into": _("merged into"), "from": _("split off from")}
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {"merged_into", "origin", "part"}
