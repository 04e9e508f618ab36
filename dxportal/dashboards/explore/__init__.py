"""Charts to explore: choices, lines, departments and effects over months."""
