"""The image, built as the Dockerfile says and run as it and the compose file say, on this machine's own root directory.

Not part of `make test`, since the build fetches the locked packages from a package index: `make image-check`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import Any

import psycopg
import pytest

from cds_service import __version__
from cds_service.demo.fixtures import today
from fhir_fixtures import names
from tests.deployment import compose
from tests.deployment.compose import ROOT, SERVICE
from tests.deployment.engine import Engine, ask, engine
from tests.end_to_end.calls import with_server
from tests.protocol.service import PATIENT_VIEW, view
from tests.store.postgres import binaries

pytestmark = pytest.mark.image

CALL = f"{SERVICE}/cds-services/{PATIENT_VIEW}"
TMPFS = compose.services()["cds"]["tmpfs"]
WRITTEN_TO = ["/tmp", "/dev/shm", "."]  # noqa: S108 - the last is the volume
LOOK = """
import importlib.metadata as m, json, os, cds_service
def writable(path):
    try:
        open(path + "/x", "w").close()
    except OSError:
        return False
    return True
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print(json.dumps({
    "packages": sorted(f"{d.name}=={d.version}" for d in m.distributions()),
    "place": cds_service.__file__,
    "ids": [os.getuid(), os.getgid(), *os.getgroups()],
    "may": [status[name].strip() for name in ("CapEff", "CapBnd", "NoNewPrivs")],
    "writable": [p for p in ("/", "/etc", "/opt/posterior-hip-cds", "/root", "/tmp", "/dev/shm", ".") if writable(p)],
}))
"""


@pytest.fixture(scope="module")
def image() -> Iterator[Engine]:
    with engine() as running:
        running.build()
        yield running


def in_container(image: Engine, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    told = image.container(command, environment, TMPFS)
    return subprocess.run(told, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def serving(image: Engine, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with running(image.container([*image.final.entrypoint, *command], environment, TMPFS)) as process:
        give_up = time.monotonic() + 40
        while (told := ask(image, f"{SERVICE}/readyz"))[0] != HTTPStatus.OK:
            assert time.monotonic() < give_up, told
            time.sleep(0.2)
        yield process


def test_it_holds_the_locked_packages_and_this_one_and_no_build_tools(image: Engine) -> None:
    seen = json.loads(in_container(image, "python", "-c", LOOK).stdout)
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    locked = {f"{name}=={version}" for name, version in re.findall(r"(?m)^([a-z0-9.-]+)(?:\[\w+\])?==(\S+)", lock)}
    others = [each for each in seen["packages"] if re.sub(r"[-_.]+(?=.*==)", "-", each).lower() not in locked]
    assert others == [f"posterior-hip-cds=={__version__}"]
    assert seen["place"].startswith("/opt/posterior-hip-cds/lib/")
    for python in ("python", "/usr/local/python/bin/python"):
        tools = "import importlib.util as u; print([t for t in ('pip', 'hatchling', 'setuptools') if u.find_spec(t)])"
        assert in_container(image, python, "-c", tools).stdout.strip() == "[]"


def test_its_process_is_nobody_and_may_write_only_where_it_must(image: Engine) -> None:
    seen = json.loads(in_container(image, "python", "-c", LOOK).stdout)
    assert seen["ids"] == [10001, 10001]
    assert seen["may"] == ["0000000000000000", "0000000000000000", "1"]
    assert seen["writable"] == WRITTEN_TO


def test_started_as_it_is_it_answers_is_healthy_and_stops_when_told(image: Engine) -> None:
    with serving(image, image.final.command, {"CDS_AUTH": "open"}) as process:
        assert json.loads(ask(image, f"{SERVICE}/readyz")[1]) == {"status": "ready", "version": __version__}
        status, text = ask(image, CALL, view())
        assert (status, json.loads(text)["cards"][0]["indicator"]) == (200, "critical")
        assert in_container(image, *image.final.healthcheck).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) == 0
    assert in_container(image, *image.final.healthcheck).returncode == 1


@contextmanager
def running_fhir(image: Engine) -> Iterator[None]:
    """In place of HAPI FHIR, which is not here: the server that has its habits, with the settings of its container."""
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **compose.environment("fhir")}
    with running([*image.inside, sys.executable, "-m", "tests.deployment.hapi_server"], settings):
        yield


@contextmanager
def running_db(image: Engine) -> Iterator[str]:
    """This machine's PostgreSQL with the user, password and database of the compose file; gives its address."""
    bin_folder, settings = binaries(), compose.environment("db")
    if bin_folder is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
    folder = image.folder / "db"
    folder.mkdir()
    image.folder.chmod(0o755)
    shutil.chown(folder, "nobody", "nogroup")
    password = folder / "password"
    password.write_text(settings["POSTGRES_PASSWORD"])
    nobody = [*image.inside, "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    data, plain = f"{folder}/data", {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    make = [f"{bin_folder}/initdb", "-D", data, "-U", settings["POSTGRES_USER"], "-A", "scram-sha-256", "--no-sync"]
    subprocess.run([*nobody, *make, f"--pwfile={password}"], env=plain, check=True, capture_output=True)
    start = [f"{bin_folder}/postgres", "-D", data, "-k", str(folder), "-c", "fsync=off", "-c", "logging_collector=on"]
    address = f"host={folder} user={settings['POSTGRES_USER']} password={settings['POSTGRES_PASSWORD']} dbname="
    with running([*nobody, *start], plain):
        with closing(_first_connection(f"{address}postgres")) as connection:
            connection.execute(f"CREATE DATABASE {settings['POSTGRES_DB']}")
        yield address + settings["POSTGRES_DB"]


def _first_connection(address: str) -> psycopg.Connection[Any]:
    give_up = time.monotonic() + 20
    while True:
        try:
            return psycopg.connect(address, autocommit=True)
        except psycopg.OperationalError:
            assert time.monotonic() < give_up
            time.sleep(0.1)


def test_the_compose_file_shows_the_demonstration(image: Engine) -> None:
    service = serving(image, compose.command("cds"), compose.environment("cds"))
    with running_db(image) as address, running_fhir(image), service:
        loader = image.container([*image.final.entrypoint, *compose.command("fixtures")], {}, TMPFS)
        loaded = subprocess.run(loader, capture_output=True, text=True, timeout=120, check=False)
        assert (loaded.returncode, "22 synthetic patients" in loaded.stdout) == (0, True), loaded.stderr
        listed = ask(image, f"{SERVICE}/")[1]
        assert [name for name in names() if f"/ehr/hp-{name.lower()}" not in listed] == []
        told = ask(image, CALL, with_server("V28", compose.FHIR, today()) | {"hook": "patient-view"})
        (card, *_) = json.loads(told[1])["cards"]
        assert card["indicator"] == "critical"
        said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-15T12:30:00Z"}
        assert json.loads(ask(image, f"{CALL}/feedback", {"feedback": [said]})[1]) == {"stored": 1}
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT matched FROM feedback WHERE card = %s", [card["uuid"]]).fetchall()
    assert len(found) == 1
