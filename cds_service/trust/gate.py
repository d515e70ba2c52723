"""The gate: from a request's headers to the client that sent it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cds_service.store import SeenTokens
from cds_service.trust.client import SANDBOX_ISSUER, Client, sandbox_of
from cds_service.trust.keys import Keys
from cds_service.trust.token import Token, TokenRefused, bearer, check_token, claimed_issuer


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may pass. `anyone` is the client of open mode; None where a token is required."""

    clients: dict[str, Client]
    keys: dict[str, Keys]
    seen: SeenTokens
    anyone: Client | None
    clock: Callable[[], float] = time.time

    @classmethod
    def of(
        cls, clients: Sequence[Client], seen: SeenTokens, anyone: Client | None, ca_bundle: str | None = None
    ) -> Gate:
        """A gate for these clients; `ca_bundle` as of `Keys`."""
        keys = {c.issuer: Keys(c, ca_bundle=ca_bundle) for c in clients}
        return cls({c.issuer: c for c in clients}, keys, seen, anyone)

    def admit(self, authorization: str | None, audiences: Collection[str]) -> Client:
        """The client that sent a request with this Authorization header. Raises TokenRefused.

        The token is used up by it, unless the client's replay check is off. In open mode no token is tested; one
        that names the CDS Hooks Sandbox gets the sandbox's form of answer.
        """
        if self.anyone is not None:
            return sandbox_of(self.anyone) if claimed_issuer(authorization) == SANDBOX_ISSUER else self.anyone
        token = self.check(authorization, audiences)
        if token.client.strict_replay and not self.seen.first_use(
            token.client.issuer, token.jti, token.expires_at, datetime.fromtimestamp(self.clock(), UTC)
        ):
            raise TokenRefused("jti", "the token was used before", token.client)
        return token.client

    def check(self, authorization: str | None, audiences: Collection[str]) -> Token:
        """Every test but the one for replay. Raises TokenRefused."""
        return check_token(bearer(authorization), self.clients, self.keys, audiences, self.clock())

    def origins(self, client: Client | None) -> Collection[str]:
        """Browser origins that may read an answer: the client's, or while it is not known those of all clients."""
        known = client or self.anyone
        if known is not None:
            return known.origins
        return {origin for each in self.clients.values() for origin in each.origins}
