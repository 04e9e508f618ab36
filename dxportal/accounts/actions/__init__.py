"""Everything that changes people, organisation and messages: one file a noun."""
