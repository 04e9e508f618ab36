"""Sealed surveys, their published results, replies and follow-ups; may know roadmap."""
