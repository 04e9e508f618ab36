"""Everything that changes what people entered: verb first, atomic, audited."""
