"""`posterior-hip-cds doctor URL`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from cds_service.doctor.arguments import ABOUT, MORE, add_arguments
from cds_service.doctor.examine import Examination, Result, examine
from cds_service.doctor.exchange import Json
from cds_service.doctor.options import BadOption, Options
from cds_service.doctor.registry import THEMES, all_checks
from cds_service.doctor.report import LEVELS, as_json, check_list, result_lines, summary_lines


def add_command(commands: Any) -> None:
    """Add it to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="examine any CDS Hooks service for conformance",
        description=ABOUT,
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=_run)


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
