"""The sealed box: who may answer, and ciphertext that nobody can open after close."""

from django.conf import settings
from django.db import models

from surveys.models.wave import Wave


class WaveEligibility(models.Model):
    """Who may answer, as of opening; no flag of who did. Deleted at close."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="eligible")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    segment = models.PositiveIntegerField()
    is_head = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "employee"], name="eligibility_once")
        ]

    def __str__(self) -> str:
        return f"{self.wave_id}"


class WaveHeadcount(models.Model):
    """How many were eligible per segment; what remains of eligibility after close."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="headcounts")
    segment = models.PositiveIntegerField()
    eligible = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "segment"], name="headcount_once")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.segment}: {self.eligible}"


class Ticket(models.Model):
    """A one-time token for staff without an account; printed once, only its hash kept."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="tickets")
    segment = models.PositiveIntegerField()
    token_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "token_hash"], name="ticket_once")]

    def __str__(self) -> str:
        return f"{self.wave_id}"


class SealedBallot(models.Model):
    """(wave, nullifier) → padded ciphertext. No id, time, person, address, device or language."""

    pk = models.CompositePrimaryKey("wave_id", "nullifier")
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="+")
    nullifier = models.BinaryField(max_length=32)
    segment = models.PositiveIntegerField()
    sealed = models.BinaryField()
    submitted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "sealed"
