"""Harm that a drafted or current medicine or procedure could do."""
