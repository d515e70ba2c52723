"""What a page may load and do: nothing that is not ours, nothing inline."""

from __future__ import annotations

from flask import Response

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)


def protect(response: Response) -> Response:
    """Add the headers to every page; to be used after each request of a blueprint."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = "same-origin"  # with none at all a form would come from origin "null"
    return response
