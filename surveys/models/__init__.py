"""The surveys' tables: one file a noun. No row joins a person, a wave and an answer."""

from surveys.models.ballot import SealedBallot, Ticket, WaveEligibility, WaveHeadcount
from surveys.models.follow_up import AskLimit, FollowUp
from surveys.models.published import (
    CellTally,
    CloseAudit,
    CrossTally,
    ParticipationBand,
    PublishedVoice,
    RawVoice,
    SegmentGroup,
    TextThemeCount,
    ThemeBurden,
    VoiceTheme,
)
from surveys.models.reply import Commitment, ThemeTerm, Volunteer
from surveys.models.survey import CrossPair, Option, Question, Survey
from surveys.models.wave import Wave, WaveAsk, WaveReader, WaveRelease, WaveReminder

__all__ = [
    "AskLimit",
    "CellTally",
    "CloseAudit",
    "Commitment",
    "CrossPair",
    "CrossTally",
    "FollowUp",
    "Option",
    "ParticipationBand",
    "PublishedVoice",
    "Question",
    "RawVoice",
    "SealedBallot",
    "SegmentGroup",
    "Survey",
    "TextThemeCount",
    "ThemeBurden",
    "ThemeTerm",
    "Ticket",
    "VoiceTheme",
    "Volunteer",
    "Wave",
    "WaveAsk",
    "WaveEligibility",
    "WaveHeadcount",
    "WaveReader",
    "WaveRelease",
    "WaveReminder",
]
