"""The surveys app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Pain points, ballots, replies, follow-ups."""

    name = "surveys"

    def ready(self) -> None:
        """Lend the audit trail our words."""
        from dxportal.accounts import event_words
        from surveys.event_words import ACTION_WORDS, LABELS

        event_words.ACTION_WORDS.update(ACTION_WORDS)
        event_words.LABELS.update(LABELS)
