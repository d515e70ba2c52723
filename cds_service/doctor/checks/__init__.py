"""The checks: one module a theme, one function a check."""
