"""Ground floor: knows nothing about town halls and has no models."""
