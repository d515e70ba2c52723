"""How fast the service answers, always beside a Flask endpoint that does nothing in the same run.

``make bench`` prints the table. Absolute figures belong to one machine on one day; the ratio to the no-op is
what can be compared between machines and between commits.
"""
