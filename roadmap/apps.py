"""The roadmap app."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    """Staircases, initiatives and their numbers."""

    name = "roadmap"

    def ready(self) -> None:
        """Count again when the organisation changes: it may move whole branches."""
        from dxportal.accounts import event_veils, event_words
        from dxportal.accounts.hooks import organisation_changed
        from roadmap import import_kinds
        from roadmap.event_veils import culture_of_one
        from roadmap.event_words import ACTION_WORDS, FIELDS_OF, LABELS, UNSPOKEN
        from roadmap.marks import ALL, mark

        event_words.ACTION_WORDS.update(ACTION_WORDS)
        event_words.FIELDS_OF.update(FIELDS_OF)
        event_words.LABELS.update(LABELS)
        event_words.UNSPOKEN.update(UNSPOKEN)
        event_veils.VEILS.append(culture_of_one)
        organisation_changed.append(lambda municipality_id: mark(municipality_id, ALL))
        import_kinds.register_all()
