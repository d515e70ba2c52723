"""Stepwise care where no red flag stands."""
