"""What the compose file promises, as far as it can be read without an engine."""

from __future__ import annotations

import re

import pytest
import yaml

from cds_service.cli import _parser
from tests.deployment import compose
from tests.deployment.compose import ROOT, services

SERVICES = ("cds", "db", "fhir", "fixtures", "network")
OF_OURS = ("cds", "fixtures")
ON_LOOPBACK_TOGETHER = ("cds", "fhir", "fixtures")


def test_the_services_are_these() -> None:
    assert tuple(sorted(services())) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_and_use_no_more_than_it_needs(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["logging"]["options"]["max-size"] == "10m"


@pytest.mark.parametrize("name", ON_LOOPBACK_TOGETHER)
def test_no_restart_of_another_container_takes_its_network_away(name: str) -> None:
    assert services()[name]["network_mode"] == "service:network"
    assert "depends_on" not in services()["network"]
    assert services()["network"]["entrypoint"] == ["sleep", "infinity"]


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_release(name: str) -> None:
    assert re.search(r":v?\d+\.\d+(\.\d+)?(-|$)", services()[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_port_is_published_on_loopback_only(name: str) -> None:
    assert {port["host_ip"] for port in services()[name].get("ports", [])} <= {"127.0.0.1"}


def test_no_secret_stands_in_the_file() -> None:
    told = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"].values()
    settings = [pair for service in told for pair in service.get("environment", {}).items()]
    assert {value for name, value in settings if "PASSWORD" in name} == {
        "${POSTGRES_PASSWORD:?set it to a secret of your own}"
    }
    assert [value for _, value in settings if re.search(r"://[^/@]*:[^/@]*@", str(value))] == []


@pytest.mark.parametrize("name", OF_OURS)
def test_a_command_is_one_that_the_command_line_knows(name: str) -> None:
    assert callable(_parser().parse_args(compose.command(name)).run)


def test_settings_are_ones_that_the_service_reads() -> None:
    known = (ROOT / "cds_service" / "config.py").read_text(encoding="utf-8")
    named = [name for name in compose.environment("cds") if name.startswith("CDS_")]
    assert [name for name in named if f'"{name}"' not in known] == []


def test_the_image_is_built_once() -> None:
    assert [name for name in SERVICES if "build" in services()[name]] == ["network"]


def test_what_the_service_needs_is_waited_for() -> None:
    assert services()["cds"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert "pg_isready" in services()["db"]["healthcheck"]["test"]
    wait = compose.command("fixtures")
    assert int(wait[wait.index("--wait") + 1]) >= 120
