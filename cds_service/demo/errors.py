"""Why a demo cannot run, in words for the person who started it.

DemoError
├── ServerDiedError
└── NotReadyError
"""


class DemoError(Exception):
    """The demo cannot start or go on; the message says what to do."""


class ServerDiedError(DemoError):
    """A server of the demo ended by itself; the message holds its last lines of output."""


class NotReadyError(DemoError):
    """A server of the demo runs but did not answer in time."""
