"""A child process ends when its owner says so, and its death is told with its last words."""

import os
import sys
import time
from pathlib import Path

import pytest

from cds_service.demo import child as child_module
from cds_service.demo import ready
from cds_service.demo.child import Child
from cds_service.demo.errors import NotReadyError, ServerDiedError
from cds_service.demo.ready import wait_until_ready
from cds_service.demo.stop import Stop
from tests.servers import free_port

PATIENCE_S = 20.0
ASLEEP = "import time; time.sleep(60)"


def start(folder: Path, code: str) -> Child:
    return Child("test server", [sys.executable, "-u", "-c", code], env=os.environ, folder=folder)


def appears(path: Path) -> str:
    """The content of a file, once it has any."""
    deadline = time.monotonic() + PATIENCE_S
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path.name} never appeared"
        time.sleep(0.02)
    return path.read_text()


def ends(pid: int) -> bool:
    """Whether a process is gone, or dead and only not yet collected, within PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_dead_child_is_told_with_its_status_and_its_last_lines(tmp_path: Path) -> None:
    code = "import sys\nfor n in range(100): print('line', n)\nsys.exit('no such setting')"
    with start(tmp_path, code) as child, pytest.raises(ServerDiedError) as caught:
        wait_until_ready(f"http://127.0.0.1:{free_port()}/", child, Stop())
    assert "test server ended with status 1" in str(caught.value)
    assert str(caught.value).endswith("  | line 99\n  | no such setting")
    assert "line 10\n" not in str(caught.value)


def test_a_silent_death_says_that_there_was_no_output(tmp_path: Path) -> None:
    with (
        start(tmp_path, "raise SystemExit(3)") as child,
        pytest.raises(ServerDiedError, match="printed nothing"),
    ):
        wait_until_ready(f"http://127.0.0.1:{free_port()}/", child, Stop())


def test_a_child_that_never_answers_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PATIENCE_S", 0.2)
    with (
        start(tmp_path, ASLEEP) as child,
        pytest.raises(NotReadyError, match="test server"),
    ):
        wait_until_ready(f"http://127.0.0.1:{free_port()}/", child, Stop())


def test_waiting_ends_when_the_demo_is_stopped(tmp_path: Path) -> None:
    stopping = Stop()
    stopping.set()
    with start(tmp_path, ASLEEP) as child:
        assert wait_until_ready(f"http://127.0.0.1:{free_port()}/", child, stopping) is False


def test_leaving_ends_the_child_and_what_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, pathlib\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('pid').write_text(str(p.pid))\n"
        "time.sleep(60)"
    )
    with start(tmp_path, code) as child:
        grandchild = int(appears(tmp_path / "pid"))
        child.require_alive()
    assert ends(grandchild)


def test_a_child_that_ignores_the_request_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "GRACE_S", 0.2)
    code = (
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "time.sleep(60)"
    )
    with start(tmp_path, code):
        stubborn = int(appears(tmp_path / "pid"))
    assert ends(stubborn)
