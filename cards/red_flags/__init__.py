"""Findings that must not wait: one rule a file."""
