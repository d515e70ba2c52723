"""`posterior-hip-cds client check` and `posterior-hip-cds purge`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from cds_service import registered_clients
from cds_service.config import BadSetting, Config
from cds_service.store import BadDatabaseUrl, Database, SeenTokens, StoreDown, purge
from cds_service.trust.gate import Gate
from cds_service.trust.token import Token, TokenRefused

Subcommands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_commands(commands: Subcommands[argparse.ArgumentParser]) -> None:
    """Add both to the command line."""
    client = commands.add_parser("client", help="check the client registry, and tokens against it")
    client_commands = client.add_subparsers(dest="client_command", metavar="command", required=True)
    check = client_commands.add_parser("check", help="tell which client a token is, or which test it fails")
    check.add_argument("token", nargs="?", help="the token, or a file that holds it; without it, list the clients")
    check.add_argument("--url", help="the address that the client calls (default: any service's address)")
    check.set_defaults(run=_check)
    old = commands.add_parser("purge", help="delete feedback, comments and cards older than their retention")
    old.add_argument("--days", type=_days(1), help="keep cards and feedback this long (CDS_RETENTION_DAYS)")
    old.add_argument("--comment-days", type=_days(0), help="keep comments this long (CDS_COMMENT_RETENTION_DAYS)")
    old.set_defaults(run=_purge)


def _days(least: int) -> Callable[[str], int]:
    """As the settings have it: a negative age lies in the future, and everything is older than that."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is no number of days; the least is {least}")
        return int(text)

    return read


def _check(chosen: argparse.Namespace) -> int:
    """Exit code 0 when the token would be taken, 1 when not, 2 when the settings cannot be used."""
    try:
        config = Config.from_environment(os.environ)
        clients = registered_clients(config)
    except BadSetting as error:
        return _fail(str(error), 2)
    if not clients:
        named = f"{config.clients} registers no client" if config.clients else "CDS_CLIENTS names no client registry"
        return _fail(named, 2)
    if chosen.token is None:
        for client in clients:
            print(f"{client.name}: {client.issuer} ({client.profile})")
        return 0
    text = _token_text(chosen.token)
    gate = Gate.of(clients, SeenTokens(Database("sqlite://")), None, config.ca_bundle)
    try:
        token = gate.check(f"Bearer {text}", {chosen.url} if chosen.url else _audiences(text))
    except TokenRefused as refused:
        who = f" (client '{refused.client.name}')" if refused.client else ""
        return _fail(f"refused{who}: test '{refused.test}' failed: {refused.why}", 1)
    _tell(token, aud_tested=bool(chosen.url))
    return 0


def _tell(token: Token, *, aud_tested: bool) -> None:
    client = token.client
    left = max(0, int(token.expires_at.timestamp() - time.time()))
    print(f"client '{client.name}', profile {client.profile}, tenant {token.tenant or 'none'}, {left} s left")
    print(f"services: {', '.join(client.services) or 'all'}")
    print(f"FHIR servers: {', '.join(client.fhir_servers) or 'none'}")
    if not aud_tested:
        print("aud was not tested: give --url")
    if client.strict_replay:
        print("replay was not tested: at the service this token counts once")


def _token_text(given: str) -> str:
    """The token itself, or what the file of that name holds; an 'Authorization: Bearer' before it is passed over."""
    try:
        text = Path(given).read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = given
    return text.strip().split(" ")[-1].strip()


def _audiences(text: str) -> set[str]:
    """Whatever the token names: used where no address is given, so that the other tests can be made."""
    try:
        named = jwt.decode(text, options={"verify_signature": False}).get("aud")
    except (jwt.PyJWTError, ValueError, RecursionError):
        return set()
    listed = named if isinstance(named, list) else [named]
    return {audience for audience in listed if isinstance(audience, str)}


def _purge(chosen: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    try:
        config = Config.from_environment(os.environ)
        days = config.retention_days if chosen.days is None else chosen.days
        comment_days = config.comment_retention_days if chosen.comment_days is None else chosen.comment_days
        done = purge(
            Database(config.database_url),
            now=now,
            before=now - timedelta(days=days),
            comments_before=now - timedelta(days=comment_days),
        )
    except (BadSetting, BadDatabaseUrl) as error:
        return _fail(str(error), 2)
    except OverflowError:
        return _fail("so many days ago there was no calendar", 2)
    except StoreDown as down:
        return _fail(f"the database (CDS_DATABASE_URL) cannot be used ({down})", 1)
    print(f"deleted: {done.cards} cards, {done.feedback} feedback, {done.comments} comments, {done.tokens} tokens")
    return 0


def _fail(why: str, code: int) -> int:
    print(f"posterior-hip-cds: {why}", file=sys.stderr)
    return code
