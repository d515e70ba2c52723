"""Why a demo cannot run, in words for the person who started it.

DemoError
├── PortTakenError
├── ServerDiedError
└── NotReadyError
"""


class DemoError(Exception):
    """The demo cannot start or go on; the message says what to do."""


class PortTakenError(DemoError):
    """Something else listens where a server of the demo should."""


class ServerDiedError(DemoError):
    """A server of the demo ended by itself; the message holds its last lines of output."""


class NotReadyError(DemoError):
    """A server of the demo runs but did not answer in time."""
