"""The command `posterior-hip-cds`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from cards.rulebook import all_rules
from cds_service import __version__
from cds_service.commands import add_commands
from cds_service.config import BadSetting
from cds_service.cores import cores
from cds_service.demo import run_demo
from cds_service.demo.fixtures import add_command as add_load_fixtures
from cds_service.doctor.command import add_command as add_doctor
from cds_service.explain.command import add_command as add_explain
from cds_service.rule_book.review import next_review, review_due, unreviewed
from cds_service.serve import serve

_READER_LEFT = 128 + signal.SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 2
    try:
        code: int = chosen.run(chosen)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="posterior-hip-cds",
        description="Advisory CDS Hooks cards for posterior hip and buttock pain. Settings come from CDS_* "
        "environment variables; the README lists them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    serve = commands.add_parser("serve", help="run the service (gunicorn)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    serve.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
    serve.add_argument("--workers", type=int, default=cores(), help="processes (default: cores, %(default)s here)")
    serve.add_argument("--threads", type=int, default=8, help="threads a process (default %(default)s)")
    serve.set_defaults(run=_serve)
    demo = commands.add_parser("demo", help="run the service with a FHIR sandbox full of synthetic patients")
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    demo.add_argument("--service-port", type=int, default=8000, help="port of the service (default %(default)s)")
    demo.add_argument("--fhir-port", type=int, default=8081, help="port of the FHIR sandbox (default %(default)s)")
    demo.set_defaults(run=_demo)
    due = commands.add_parser(
        "review-due", help="list rules whose last review is over a year old or saw another version"
    )
    due.add_argument("--on", type=_day, metavar="DATE", help="the day to judge by, YYYY-MM-DD (default: today)")
    due.set_defaults(run=_review_due)
    book = commands.add_parser("rule-book", help="print every rule as governance reads it (needs the source tree)")
    book.add_argument("--write", type=Path, metavar="FILE", help="write it to this file instead")
    book.set_defaults(run=_rule_book)
    add_commands(commands)
    add_load_fixtures(commands)
    add_explain(commands, _day)
    add_doctor(commands)
    return parser


def _serve(chosen: argparse.Namespace) -> int:
    try:
        return serve(chosen.host, chosen.port, chosen.workers, chosen.threads, os.environ)
    except BadSetting as error:
        print(f"posterior-hip-cds: {error}", file=sys.stderr)
        return 2


def _demo(chosen: argparse.Namespace) -> int:
    return run_demo(service_port=chosen.service_port, fhir_port=chosen.fhir_port, host=chosen.host)


def _review_due(chosen: argparse.Namespace) -> int:
    """Exit code 1 where any rule is due, so that a scheduled job can raise it. What changed since is listed too."""
    due = review_due(all_rules(), chosen.on or datetime.now(UTC).date())
    for rule in due:
        print(f"{rule.id} {rule.version}: last reviewed {rule.last_review}, due since {next_review(rule)}")
    changed = [(rule, why) for rule in all_rules() if (why := unreviewed(rule))]
    for rule, why in changed:
        print(f"{rule.id} {rule.version}: last reviewed {rule.last_review}, {why}")
    print(f"{len(due)} of {len(all_rules())} rules are due for review, {len(changed)} changed since their last one")
    return 1 if due else 0


def _rule_book(chosen: argparse.Namespace) -> int:
    from cds_service.rule_book.book import rule_book  # noqa: PLC0415 - the other commands need none of it

    tables = Path(__file__).parents[1] / "tests" / "vignettes"
    if not tables.is_dir():
        print("posterior-hip-cds: the rule book is made in the source tree, beside tests/vignettes", file=sys.stderr)
        return 2
    book = rule_book(tables)
    if chosen.write is None:
        print(book, end="")
    else:
        chosen.write.write_text(book, encoding="utf-8")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date like 2026-01-15") from None


if __name__ == "__main__":
    sys.exit(main())
