"""What `posterior-hip-cds doctor` can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from cds_service.doctor.options import ALGORITHMS

ABOUT = """\
Examine a CDS Hooks 2.0.1 service, ours or any other: discovery, requests, prefetch, FHIR access, CORS, signed
tokens, feedback, and what holds of every response. Give the base address or that of discovery.

Each result is pass, fail (a SHALL is not kept), warn (a SHOULD, or what we read between the lines), skip (with what
would be needed) or error (the doctor's own fault), with what was sent, what came, and the section to read.
"""
MORE = """\
examples:
  posterior-hip-cds doctor http://127.0.0.1:8000                     a service on this machine
  posterior-hip-cds doctor http://127.0.0.1:8000 --request call.json with a request that leads to cards
  posterior-hip-cds doctor https://cds.example --allow-remote --keys doctor-keys --json report.json
  posterior-hip-cds doctor http://127.0.0.1:8000 --only prefetch --only card-summary

The requests are made up and about nobody, but for --request and --data. Some are attacks: examine only what you may.
A service that is to ask the doctor's stub FHIR server has to allow its address (--fhir-port, --fhir-url).

exit code: 0 conforms, 1 a SHALL is not kept, 2 could not be examined
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them all, in groups."""
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
