"""Everything that changes surveys: verb first, atomic; all but answering is audited."""
