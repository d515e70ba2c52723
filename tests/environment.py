"""The settings of a command that a test calls in its own process."""

import os

import pytest


def set_only(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """Of all CDS_* variables just these, whatever the developer's shell holds."""
    for name in [name for name in os.environ if name.startswith("CDS_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
