"""The words of the roadmap's actions for the audit trail."""

from django.utils.translation import gettext_lazy as _

ACTION_WORDS = {
    "staircase.copied": _("copied the default staircases"),
    "staircase.renamed": _("renamed a step of a staircase"),
    "procedure.said": _("said how far a step of the national procedure is"),
    "procedure.undone": _("took back what was said of a step of the national procedure"),
    "set_up.begun": _("began to set up the municipality"),
    "set_up.settled": _("settled a step of the set-up"),
    "set_up.dismissed": _("put the set-up off"),
    "set_up.resumed": _("took the set-up up again"),
    "set_up.handed_over": _("asked others to do a step of the set-up"),
    "samples.added": _("put sample initiatives in"),
    "samples.taken_away": _("took the sample initiatives away"),
    "samples.kept": _("kept a sample as an initiative"),
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
    "blocker.opened": _("wrote down what holds the initiative back"),
    "blocker.edited": _("changed a blocker"),
    "blocker.escalated": _("took a blocker to the CDO"),
    "blocker.withdrawn": _("took a blocker off the CDO's list"),
    "blocker.answered": _("answered a blocker with a decision"),
    "blocker.closed": _("noted that a blocker is solved"),
    "blocker.reopened": _("opened a blocker again"),
    "decision.recorded": _("recorded a decision"),
    "decision.edited": _("corrected a decision"),
    "decision.removed": _("removed a decision"),
    "decision.restored": _("brought a decision back"),
    "comment.added": _("commented"),
    "comment.removed": _("removed a comment"),
    "link.added": _("added a link"),
    "link.removed": _("removed a link"),
    "link.restored": _("brought a link back"),
    "initiative.removed": _("removed the initiative"),
    "training.created": _("added the training"),
    "training.edited": _("changed the training"),
    "training.removed": _("removed the training"),
    "training.brought_back": _("brought the training back"),
    "training.counted": _("entered how many came to the training"),
    "initiative.brought_back": _("brought the initiative back"),
    "tags.copied": _("added the lists of tags that come with the product"),
    "tag.added": _("added a tag"),
    "tag.edited": _("renamed a tag"),
    "tag.moved": _("moved a tag in its list"),
    "tag.ended": _("ended a tag"),
    "tag.restored": _("brought a tag back"),
    "initiatives.published": _("saved the list for publication"),
    "pack.handed_on": _("saved initiatives for other municipalities"),
    "pack.taken_over": _("took over initiatives of another municipality"),
    "pack.undone": _("took off what was taken over from another municipality"),
    "status_word.mapped": _("gave a status word its meaning"),
    "status_word.added": _("added a status word"),
    "status_word.removed": _("removed a status word"),
    "reminders.set": _("said when reminders go out"),
    "reminders.asked": _("asked how initiatives stand"),
    "reminders.paused": _("paused somebody's reminders"),
    "reminders.resumed": _("ended a pause of reminders"),
    "saved_view.saved": _("saved a view of the list"),
    "saved_view.changed": _("changed a saved view"),
    "saved_view.deleted": _("deleted a saved view"),
    "saved_view.restored": _("brought a saved view back"),
    "verdict.published": _("published the verdict of a follow-up"),
    "outcome.declared": _("declared the outcome of an initiative"),
    "task.opened": _("opened what follows from the verdict"),
    "task.chosen": _("chose what follows from the verdict"),
    "task.done": _("marked as done what follows from the verdict"),
    "task.reopened": _("took up again what follows from the verdict"),
    "task.superseded": _("closed what a later verdict has overtaken"),
    "task.restored": _("took back the choice of what follows from the verdict"),
    # effects and their use
    "value.added": _("added an effect"),
    "value.corrected": _("corrected an effect"),
    "value.checked": _("checked an effect against a document"),
    "value.verified": _("published the time that the staff say is saved"),
    "value.removed": _("removed an effect"),
    "value.restored": _("brought an effect back"),
    "reinvestment.added": _("wrote down where freed time or money went"),
    "reinvestment.removed": _("removed a use of freed time or money"),
    "reinvestment.restored": _("brought back a use of freed time or money"),
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
    "reminders.paused": "snooze",
    "reminders.resumed": "snooze",
    "verdict.published": "adoptionverdict",
    "outcome.declared": "adoptionverdict",
    **{
        f"{part}.{what}": part
        for part in ("milestone", "dependency", "indicator")
        for what in ("added", "edited", "done", "reopened", "removed", "restored")
    },
    **{
        f"task.{what}": "adoptiontask"
        for what in ("opened", "chosen", "done", "reopened", "superseded", "restored")
    },
    **dict.fromkeys(("indicator.measured", "indicator.unmeasured"), "measurement"),
    **{
        f"value.{what}": "valueentry"
        for what in ("added", "corrected", "checked", "verified", "removed", "restored")
    },
    **{f"reinvestment.{what}": "reinvestment" for what in ("added", "removed", "restored")},
}

#: Names of values that are no field with a name of its own.
LABELS = {
    "label_en": _("English name"),
    "into": _("merged into"),
    "from": _("split off from"),
    "targets": _("targets"),
    "measured_next": _("measured next on"),
    "departments": _("departments"),
    "people": _("people told"),
    "initiatives": _("initiatives"),
    "missing": _("missing"),
    "lead": _("lead department"),
    "partners": _("partner departments"),
    "users": _("departments meant to use it"),
    "themes": _("pain points it answers"),
    "criteria": _("criteria it contributes to"),
    "tags": _("pillars, national priorities, standardised work, procedures"),
    "withholdings": _("what is withheld and why"),
    "rows": _("rows"),
}
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {
    *("merged_into", "origin", "part", "restores", "moves", "measurements", "rank"),
    *("batch", "update"),
}
LABELS = {"label_en": _("English name"), "into": _("merged into"), "from": _("split off from")}
LABELS |= {"step": _("step"), "mark": _("result"), "kept": _("kept")}
LABELS["query"] = _("Address of the list")
LABELS["initiatives"] = _("initiatives")
LABELS["licence"] = _("licence")
LABELS["sender"] = _("municipality")
LABELS["start"] = _("day on which it starts here")
#: Values that serve taking back and say nothing to a reader.
UNSPOKEN = {"merged_into", "origin", "part", "kept_by", "sha256"}
