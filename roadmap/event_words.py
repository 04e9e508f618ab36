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
    "saved_view.saved": _("saved a view of the list"),
    "saved_view.changed": _("changed a saved view"),
    "saved_view.deleted": _("deleted a saved view"),
    "saved_view.restored": _("brought a saved view back"),
    "verdict.published": _("published the verdict of a follow-up"),
    "outcome.declared": _("declared the outcome of an initiative"),
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
LABELS["query"] = _("Address of the list")
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {"merged_into", "origin", "part", "kept_by"}
