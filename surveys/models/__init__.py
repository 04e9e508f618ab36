"""The surveys' tables: one file a noun. No row joins a person, a wave and an answer."""

from surveys.models.ballot import SealedBallot, Ticket, WaveEligibility, WaveHeadcount
from surveys.models.published import (
    CellTally,
    CloseAudit,
    CrossTally,
    ParticipationBand,
    PublishedVoice,
    RawVoice,
    SegmentGroup,
    ThemeBurden,
)
from surveys.models.reply import Commitment, FollowUp, ThemeTerm
from surveys.models.survey import CrossPair, Option, Question, Survey
from surveys.models.wave import Wave, WaveAsk

__all__ = [
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
    "ThemeBurden",
    "ThemeTerm",
    "Ticket",
    "Wave",
    "WaveAsk",
    "WaveEligibility",
    "WaveHeadcount",
]
