"""What is made before the fork is what may be shared; the rest is made in each worker before it accepts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cds_service import create_app
from cds_service.config import Config
from cds_service.hooks.call import answer
from cds_service.hooks.incoming import read_call
from cds_service.hooks.services import SERVICES, Service
from cds_service.warm_up import _REQUEST, warm_up_worker

ROOT = Path(__file__).parents[2]
AS_SERVE_DOES = """
import json, os, sys, threading
from cds_service import create_app, serve
from cds_service.config import Config
from cds_service.warm_up import warm_up
app = create_app(Config.from_environment({"CDS_AUTH": "open", "CDS_DATABASE_URL": sys.argv[1]}))
serve._prepare(app, Config(auth="open"))
warm_up(app)
folder = "/proc/self/fd/"
opened = [os.readlink(folder + n) for n in os.listdir(folder) if os.path.lexists(folder + n)]
print(json.dumps({
    "threads": threading.active_count(),
    "opened": [path for path in opened if "socket:" in path or "store" in path],
}))
"""


def test_before_the_fork_there_is_no_thread_no_socket_and_no_open_database(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    done = subprocess.run(
        [sys.executable, "-c", AS_SERVE_DOES, address], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"threads": 1, "opened": []}
    assert (tmp_path / "store.sqlite").exists()


def test_a_workers_pools_are_there_before_its_first_call() -> None:
    at = create_app(Config(auth="open")).extensions["cds"]
    assert at.gatherer.client._machinery is None
    warm_up_worker(at)
    assert at.gatherer.client._machinery is not None
    at.gatherer.client.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.hook)
def test_the_warm_up_writes_a_card_with_all_that_a_card_can_have(service: Service) -> None:
    at = create_app(Config(auth="open")).extensions["cds"]
    body, _ = answer(
        read_call(_REQUEST % service.hook.encode(), [service]),
        at.gatherer,
        at.today(),
        base_url=at.config.public_base_url,
    )
    first = body["cards"][0]
    assert first["indicator"] == "critical"
    assert {"suggestions", "links", "overrideReasons"} <= set(first)
    assert first["suggestions"][0]["actions"][0]["type"] == "create"
