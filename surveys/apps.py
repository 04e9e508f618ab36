"""The surveys app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Pain points, ballots, replies, follow-ups."""

    name = "surveys"

    def ready(self) -> None:
        """Lend the audit trail our words, and the portal what its reader can still answer."""
        from dxportal.accounts import event_words, hooks
        from dxportal.shared.privacy import keep_tokens_out_of_logs
        from roadmap import handover, pack_sources, reorganisation_preview, staircase_sources
        from surveys.burdens import told_burdens
        from surveys.event_words import ACTION_WORDS, LABELS
        from surveys.organisation import pulse_questions, pulses_over, replies_of, waves_concerned
        from surveys.remembering import still_to_answer

        keep_tokens_out_of_logs()
        event_words.ACTION_WORDS.update(ACTION_WORDS)
        event_words.LABELS.update(LABELS)
        hooks.to_remember.append(still_to_answer)
        reorganisation_preview.CONCERNED.append(waves_concerned)
        handover.REPLIES.append(replies_of)
        pack_sources.burdens.append(told_burdens)
        staircase_sources.questions.append(pulse_questions)
        staircase_sources.under_way.append(pulses_over)
