"""`posterior-hip-cds doctor URL`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from cds_service.doctor.examine import Examination, Result, examine
from cds_service.doctor.exchange import Json
from cds_service.doctor.options import ALGORITHMS, BadOption, Options
from cds_service.doctor.registry import THEMES, all_checks
from cds_service.doctor.report import LEVELS, as_json, check_list, result_lines, summary_lines

_ABOUT = """\
Examine a CDS Hooks 2.0.1 service, ours or any other: discovery, requests, prefetch, FHIR access, CORS, signed
tokens, feedback, and what holds of every response. Give the base address or that of discovery.

Each result is pass, fail (a SHALL is not kept), warn (a SHOULD, or what we read between the lines), skip (with what
would be needed) or error (the doctor's own fault), with what was sent, what came, and the section to read.
"""
_MORE = """\
examples:
  posterior-hip-cds doctor http://127.0.0.1:8000                     a service on this machine
  posterior-hip-cds doctor http://127.0.0.1:8000 --request call.json with a request that leads to cards
  posterior-hip-cds doctor https://cds.example --allow-remote --keys doctor-keys --json report.json
  posterior-hip-cds doctor http://127.0.0.1:8000 --only prefetch --only card-summary

The requests are made up and about nobody, but for --request and --data. Some are attacks: examine only what you may.
A service that is to ask the doctor's stub FHIR server has to allow its address (--fhir-port, --fhir-url).

exit code: 0 conforms, 1 a SHALL is not kept, 2 could not be examined
"""


def add_command(commands: Any) -> None:
    """Add it to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="examine any CDS Hooks service for conformance",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", help="base or discovery address of the service")
    parser.add_argument("--list", nargs="?", const="text", choices=("text", "markdown"), help="list the checks and end")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="CHECK",
        help="a check, the beginning of its id, or a theme; may be repeated",
    )
    parser.add_argument(
        "--allow-remote", action="store_true", help="yes, the service on another machine may be examined"
    )
    parser.add_argument(
        "--timeout", type=float, default=10.0, metavar="SECONDS", help="for one answer (default %(default)g)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - is standard output")
    _add_asking(parser)
    _add_trust(parser)
    parser.set_defaults(run=_run)


def _add_asking(parser: argparse.ArgumentParser) -> None:
    asking = parser.add_argument_group("what is asked")
    asking.add_argument(
        "--service", metavar="ID", help="examine this service in depth (default: the first that answers)"
    )
    asking.add_argument("--hook", help="the hook of the service, where an id stands for several or discovery lacks it")
    asking.add_argument(
        "--request",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a call with prefetch to start from, for the service of its hook; may be repeated",
    )
    asking.add_argument(
        "--patient",
        default="doctor-patient",
        metavar="ID",
        help="patient id of the made-up calls (default %(default)s)",
    )
    asking.add_argument(
        "--data", metavar="URL", help="open FHIR server that has this patient; the prefetch is taken from it"
    )
    asking.add_argument(
        "--fhir-port",
        type=int,
        default=8082,
        metavar="PORT",
        help="of the doctor's stub FHIR server (default %(default)s; 0: any)",
    )
    asking.add_argument(
        "--fhir-host",
        default="127.0.0.1",
        metavar="HOST",
        help="address that the stub listens on (default %(default)s)",
    )
    asking.add_argument(
        "--fhir-url",
        metavar="URL",
        help="FHIR base under which the service reaches the stub (default http://HOST:PORT/fhir)",
    )
    asking.add_argument("--origin", metavar="URL", help="origin of a browser client that the service should allow")


def _add_trust(parser: argparse.ArgumentParser) -> None:
    trust = parser.add_argument_group("signed tokens")
    trust.add_argument(
        "--issuer",
        default="https://cds-doctor.example",
        metavar="URL",
        help="iss of the doctor's tokens (default %(default)s)",
    )
    trust.add_argument(
        "--keys",
        type=Path,
        metavar="DIR",
        help="folder of the doctor's keys, made where it has none; jwks.json in it is what the service has to trust",
    )
    trust.add_argument("--jwks-out", type=Path, metavar="FILE", help="write the public keys here too")
    trust.add_argument(
        "--algorithm", choices=ALGORITHMS, default="ES384", help="that tokens are signed with (default %(default)s)"
    )


def _run(chosen: argparse.Namespace) -> int:
    """Exit code 0 when the service conforms, 1 when a SHALL is not kept, 2 when it could not be examined."""
    if chosen.list:
        _say(sys.stdout, *(check_list() if chosen.list == "markdown" else _listed()))
        return 0
    if chosen.url is None:
        return _fail("which service? Give its address, such as http://127.0.0.1:8000")
    report = sys.stderr if chosen.json == "-" else sys.stdout
    try:
        done = examine(_options(chosen), _Teller(report))
        _write_json(done, chosen.json)
    except BadOption as bad:
        return _fail(str(bad))
    except KeyboardInterrupt:
        return _fail("stopped before the end")
    _say(report, *summary_lines(done))
    return done.exit_code


class _Teller:
    """Tells each result as it comes, under the heading of its theme; and how far it is, where nobody sees that."""

    def __init__(self, report: TextIO) -> None:
        self._report = report
        self._theme = ""
        self._progress = None if report is sys.stderr or report.isatty() else sys.stderr

    def __call__(self, result: Result, number: int, of: int) -> None:
        if result.theme != self._theme:
            self._theme = result.theme
            _say(self._report, "", THEMES[self._theme])
        _say(self._report, *result_lines(result))
        if self._progress is not None:
            _say(self._progress, f"{number}/{of} {result.check.id}: {result.outcome}")


def _options(chosen: argparse.Namespace) -> Options:
    return Options(
        url=chosen.url,
        service=chosen.service,
        hook=chosen.hook,
        requests=tuple(_request(path) for path in chosen.request),
        patient=chosen.patient,
        data=chosen.data,
        issuer=chosen.issuer,
        keys=chosen.keys,
        jwks_out=chosen.jwks_out,
        algorithm=chosen.algorithm,
        fhir_host=chosen.fhir_host,
        fhir_port=chosen.fhir_port,
        fhir_url=chosen.fhir_url,
        origin=chosen.origin,
        timeout=chosen.timeout,
        only=tuple(chosen.only),
        allow_remote=chosen.allow_remote,
    )


def _request(path: Path) -> Json:
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise BadOption(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BadOption(f"{path} is no JSON") from None
    if not isinstance(told, dict) or not isinstance(told.get("hook"), str) or not isinstance(told.get("context"), dict):
        raise BadOption(f"{path} is no CDS Hooks request: it has no 'hook' or no 'context'")
    return told


def _write_json(done: Examination, where: str | None) -> None:
    if where is None:
        return
    text = json.dumps(as_json(done), indent=1, ensure_ascii=False) + "\n"
    if where == "-":
        sys.stdout.write(text)
        return
    try:
        Path(where).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadOption(f"{where} cannot be written ({error.strerror})") from None


def _listed() -> Iterator[str]:
    theme = ""
    for own, one in all_checks():
        if own != theme:
            theme = own
            yield from ("", f"{THEMES[theme]} ({theme})")
        yield f"  {one.id:24} {one.title} ({LEVELS[one.level]})"


def _say(out: TextIO, *lines: str) -> None:
    out.write("".join(f"{line}\n" for line in lines))
    out.flush()


def _fail(why: str) -> int:
    sys.stderr.write(f"posterior-hip-cds: {why}\n")
    return 2
