"""`posterior-hip-cds demo`: two servers, loaded and ready, until Ctrl-C."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cds_service.demo.child import Child
from cds_service.demo.errors import DemoError
from cds_service.demo.fhir_server import fhir_base, load, require_installed, start_fhir_server
from cds_service.demo.fixtures import today
from cds_service.demo.guide import SANDBOX_ORIGIN, Addresses, guide
from cds_service.demo.ready import wait_until_ready
from cds_service.demo.stop import Stop
from cds_service.ports import PortError, require_free_ports
from fhir_fixtures import bundles

WATCH_EVERY_S = 0.5


def run_demo(service_port: int = 8000, fhir_port: int = 8081, host: str = "127.0.0.1") -> int:
    """Run until SIGINT, SIGTERM or SIGHUP. Returns the exit code: 0 when stopped, 1 when something failed.

    Must be called in the main thread. Progress goes to standard output, a failure to standard error.
    """
    at = Addresses(service=f"http://{host}:{service_port}", fhir=fhir_base(host, fhir_port))
    with _stop_signals() as stopping:
        try:
            require_installed()
            require_free_ports(host, {"--service-port": service_port, "--fhir-port": fhir_port})
            with ExitStack() as running:
                _run(at, host, (service_port, fhir_port), stopping, running)
        except (DemoError, PortError) as error:
            sys.stderr.write(f"posterior-hip-cds demo: {error}\n")
            return 1
    _say("Stopped.")
    return 0


def _run(at: Addresses, host: str, ports: tuple[int, int], stopping: Stop, running: ExitStack) -> None:
    service_port, fhir_port = ports
    folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="posterior-hip-cds-")))
    _say(f"Starting the FHIR server at {at.fhir} and the service at {at.service} …")
    fhir = running.enter_context(start_fhir_server(folder, host, fhir_port))
    service = running.enter_context(start_service(at, folder, host, service_port))
    if not wait_until_ready(f"{at.fhir}/metadata", fhir, stopping):
        return
    patients = bundles(today()).values()
    load(at.fhir, patients)
    _say(f"The FHIR server holds {len(patients)} synthetic patients.")
    if not wait_until_ready(at.discovery, service, stopping):
        return
    _say(guide(at))
    while not stopping.wait(WATCH_EVERY_S):
        fhir.require_alive()
        service.require_alive()
    _say("\nStopping both servers …")


def start_service(at: Addresses, folder: Path, host: str, port: int) -> Child:
    """Start this package's own `serve`, open to the demo's FHIR server and to the sandbox page."""
    command = [sys.executable, "-m", "cds_service.cli", "serve", "--host", host, "--port", str(port)]
    return Child("service", command, env=service_environment(os.environ, at, folder), folder=Path.cwd())


def service_environment(inherited: Mapping[str, str], at: Addresses, folder: Path) -> dict[str, str]:
    """The service's environment: what it inherits, opened for the demo.

    Lists that the environment already holds keep their members; a database that it names is used.
    """
    return {
        "CDS_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite'}",
        **inherited,
        "CDS_AUTH": "open",
        "CDS_DEMO": "on",
        "CDS_DEMO_FHIR_SERVER": at.fhir,
        "CDS_PUBLIC_BASE_URL": at.service,
        "CDS_FHIR_SERVERS": _with(inherited.get("CDS_FHIR_SERVERS"), at.fhir),
        "CDS_ORIGINS": _with(inherited.get("CDS_ORIGINS"), SANDBOX_ORIGIN),
        "NO_PROXY": _with(inherited.get("NO_PROXY"), "127.0.0.1", "localhost"),
    }


def _with(listed: str | None, *added: str) -> str:
    members = [member.strip() for member in (listed or "").split(",") if member.strip()]
    return ",".join(dict.fromkeys([*members, *added]))


@contextmanager
def _stop_signals() -> Iterator[Stop]:
    """A stop asked for by Ctrl-C or a polite request to end; the handlers before it come back afterwards."""
    stopping = Stop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in signals}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
