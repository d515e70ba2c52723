"""Derived facts: each is worked out once for a chart and tested on its own."""
