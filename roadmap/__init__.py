"""The two staircases, initiatives, evidence, roll-ups; needs no survey."""
