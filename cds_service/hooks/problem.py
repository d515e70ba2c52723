"""What can go wrong with a call, each with its HTTP status and its OperationOutcome."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class Problem(Exception):
    """A call that cannot be answered. `code` is a FHIR issue type; `path` names the member at fault.

    Messages are for integrators: they name keys and paths, never values out of a chart.

        Problem
        ├── BadRequest 400          malformed JSON, wrong shape, another patient
        ├── Unauthorized 401        always the same words
        ├── Forbidden 403           known client, service not allowed
        ├── NotFound 404            no such service
        ├── NothingToJudge 412      required data unobtainable
        ├── WrongType 415
        └── Unavailable 503         the database, for feedback; not ready
    """

    status = 500
    code = "exception"
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, text: str, *, path: str | None = None, diagnostics: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.path = path
        self.diagnostics = diagnostics

    def outcome(self) -> dict[str, Any]:
        """As an OperationOutcome in FHIR JSON."""
        return operation_outcome(self.code, self.text, path=self.path, diagnostics=self.diagnostics)


class BadRequest(Problem):
    """The request is malformed or contradicts itself."""

    status, code = 400, "invalid"


class Unauthorized(Problem):
    """No valid token; never says which test failed."""

    status, code = 401, "login"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})

    def __init__(self) -> None:
        super().__init__("A valid token of a registered client is needed.")


class Forbidden(Problem):
    """The client is known but may not do this."""

    status, code = 403, "forbidden"


class NotFound(Problem):
    """There is no such address or service."""

    status, code = 404, "not-found"


class NothingToJudge(Problem):
    """Data without which nothing can be judged were neither supplied nor obtainable."""

    status, code = 412, "processing"


class WrongType(Problem):
    """The body is not JSON by its Content-Type."""

    status, code = 415, "not-supported"


class Unavailable(Problem):
    """Something that keeping needs is down for now."""

    status, code = 503, "transient"
    headers = MappingProxyType({"Retry-After": "5"})


def operation_outcome(
    code: str, text: str, *, path: str | None = None, diagnostics: str | None = None
) -> dict[str, Any]:
    """One error issue as FHIR JSON."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "details": {"text": text}}
    if diagnostics:
        issue["diagnostics"] = diagnostics
    if path:
        issue["expression"] = [path]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
