"""The demo as its user meets it: a process in a terminal. What it refuses before it starts anything is called here."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from cds_service.demo import run_demo
from tests.demo.curl import body_of
from tests.servers import HOST, free_port

PATIENCE_S = 60.0
STARTER = """
import sys
from cds_service.demo import run_demo

sys.exit(run_demo(*map(int, sys.argv[1:])))
"""


@dataclass
class Demo:
    process: subprocess.Popen[str]
    service_port: int
    fhir_port: int
    printed: list[str] = field(default_factory=list)

    def wait_for(self, text: str) -> None:
        """Read the output up to a line with `text`."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if text in line:
                return
        pytest.fail(f"{text!r} was never printed; got {self.printed}, {self.process.stderr.read()}")

    def children(self) -> dict[str, int]:
        """Process id by the port that the child serves."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in pids}
        return {words[words.index("--port") + 1]: int(pid) for pid, words in commands.items()}


@contextmanager
def demo(service_port: int, fhir_port: int) -> Iterator[Demo]:
    command = [sys.executable, "-c", STARTER, str(service_port), str(fhir_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        try:
            yield Demo(process, service_port, fhir_port)
        finally:
            watchdog.cancel()
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@pytest.mark.parametrize("taken", ["--service-port", "--fhir-port"])
def test_a_taken_port_is_named_with_what_to_do_about_it(taken: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((HOST, 0)) as occupied:
        port, other = occupied.getsockname()[1], free_port()
        ports = (port, other) if taken == "--service-port" else (other, port)
        assert run_demo(*ports) == 1
        out, err = capfd.readouterr()
        assert f"Port {port} on {HOST} is not free" in err
        assert f"{taken} {port + 100}" in err
        assert "Traceback" not in err
        assert out == ""
        assert not listens(other)


@pytest.mark.parametrize(
    ("service_port", "fhir_port", "said"),
    [(18110, 18110, "two different ports"), (18110, 70000, "is no port")],
)
def test_ports_that_cannot_work_are_refused(
    service_port: int, fhir_port: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_demo(service_port, fhir_port) == 1
    assert said in capfd.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_both_servers_answer_the_printed_call_and_are_gone_after_a_stop(stop: signal.Signals) -> None:
    with demo(free_port(), free_port()) as running:
        running.wait_for("Ctrl-C stops")
        command = next(line for line in running.printed if line.startswith("curl "))
        url = f"http://{HOST}:{running.service_port}/cds-services/posterior-hip-patient-view"
        assert url in command
        answer = requests.post(url, json=body_of(command), timeout=10)
        assert (answer.status_code, "cards" in answer.json()) == (200, True)
        running.process.send_signal(stop)
        out, err = running.process.communicate(timeout=PATIENCE_S)
    assert (running.process.returncode, err) == (0, "")
    assert "Stopped." in out
    assert not listens(running.service_port)
    assert not listens(running.fhir_port)


@pytest.mark.parametrize("which", ["FHIR server", "service"])
def test_the_death_of_one_server_is_told_and_ends_the_other(which: str) -> None:
    with demo(free_port(), free_port()) as running:
        running.wait_for("Ctrl-C stops")
        port = running.fhir_port if which == "FHIR server" else running.service_port
        os.kill(running.children()[str(port)], signal.SIGKILL)
        _, err = running.process.communicate(timeout=PATIENCE_S)
    assert running.process.returncode == 1
    assert f"The {which} ended with status -9" in err
    assert not listens(running.service_port)
    assert not listens(running.fhir_port)
