"""Whether imaging that is drafted, or next, fits the question."""
