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
    # milestones, dependencies, indicators
    "milestone.added": _("added a milestone"),
    "milestone.edited": _("changed a milestone"),
    "milestone.done": _("marked a milestone as done"),
    "milestone.reopened": _("marked a milestone as not done"),
    "milestone.removed": _("removed a milestone"),
    "milestone.restored": _("brought back a milestone"),
    "dependency.added": _("added a dependency"),
    "dependency.removed": _("removed a dependency"),
    "dependency.restored": _("brought back a dependency"),
    "indicator.added": _("added an indicator"),
    "indicator.edited": _("changed an indicator"),
    "indicator.removed": _("removed an indicator"),
    "indicator.restored": _("brought back an indicator"),
    "indicator.measured": _("entered a measurement"),
    "indicator.unmeasured": _("removed a measurement"),
}

#: Reports and verdicts are kept under their initiative; their values are their own.
FIELDS_OF = {
    "initiative.reported": "update",
    "initiative.undone": "update",
    "verdict.published": "adoptionverdict",
    "outcome.declared": "adoptionverdict",
    **{
        f"{part}.{what}": part
        for part in ("milestone", "dependency", "indicator")
        for what in ("added", "edited", "done", "reopened", "removed", "restored")
    },
    **dict.fromkeys(("indicator.measured", "indicator.unmeasured"), "measurement"),
}

#: Names of values that are no field with a name of its own.
LABELS = {
    "label_en": _("English name"),
    "into": _("merged into"),
    "from": _("split off from"),
    "targets": _("targets"),
    "measured_next": _("measured next on"),
}
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {"merged_into", "origin", "part", "moves", "measurements", "rank"}
