"""The rule book: every rule as a governance committee reads and signs it, made from the rules themselves.

It reads the repository (rules' source text, tables of example patients), so it is made where the source is checked
out. What it prints depends on nothing else: no clock, no network.
"""
