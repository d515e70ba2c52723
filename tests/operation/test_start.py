"""A start that cannot succeed ends at once, with a sentence that says why."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from cds_service.cli import main
from cds_service.config import BadSetting, Config, misspelt
from tests.environment import set_only
from tests.protocol.service import running_service
from tests.servers import HOST, free_port


@pytest.mark.parametrize("metrics", [False, True], ids=["its own port", "the port of the metrics"])
def test_a_taken_port_is_named_and_nothing_starts(
    metrics: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        set_only(monkeypatch, CDS_AUTH="open", CDS_DATABASE_URL="sqlite://", **metrics_at(port if metrics else None))
        assert main(["serve", "--port", str(free_port() if metrics else port)]) == 2
    out, err = capfd.readouterr()
    assert f"Port {port} on {HOST} is not free" in err
    assert ("CDS_METRICS_PORT" if metrics else "--port") in err
    assert out == ""


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--port", "99999", "is no port"), ("--host", "no.such.host.invalid", "no address to listen on")],
)
def test_an_address_that_cannot_be_is_named(
    option: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    set_only(monkeypatch, CDS_AUTH="open", CDS_DATABASE_URL="sqlite://")
    assert main(["serve", option, value]) == 2
    assert words in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CDS_PUBLIC_BASE_URL", "https://[cds"),
        ("CDS_TIMEZONE", "Europe"),
        ("CDS_TIMEZONE", "Europe/" + "x" * 300),
    ],
    ids=["half an address", "a folder of time zones", "a name longer than a file's"],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{name} is '{re.escape(value)}'; it takes"):
        Config.from_environment({name: value})


@pytest.mark.parametrize(
    ("name", "value", "odd"),
    [
        ("CDS_FHIR_SERVERS", "https://fhir.example/r4, http://fhir.example/r4", "http://fhir.example/r4"),
        ("CDS_FHIR_SERVERS", "fhir.example/r4", "fhir.example/r4"),
        ("CDS_FHIR_SERVERS", "https://me:secret@fhir.example", "fhir.example"),
        ("CDS_ORIGINS", "https://ehr.example,*", "*"),
        ("CDS_ORIGINS", "https://ehr.example/page", "https://ehr.example/page"),
    ],
)
def test_a_server_that_would_never_be_asked_or_an_origin_that_no_browser_sends_is_named(
    name: str, value: str, odd: str
) -> None:
    with pytest.raises(BadSetting, match=re.escape(f"{name} holds '{odd}'")) as refused:
        Config.from_environment({name: value})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CDS_AUHT", "CDS_AUTH"),
        ("CDS_RETENTION_DAY", "CDS_RETENTION_DAYS"),
        ("CDS_FHIR_SERVER", "CDS_FHIR_SERVERS"),
        ("CDS_DATABASE", "CDS_DATABASE_URL"),
    ],
)
def test_a_misspelt_setting_is_known_by_its_look(name: str, meant: str) -> None:
    assert misspelt({name: "x"}) == {name: meant}


@pytest.mark.parametrize("name", ["CDS_AUTH", "CDS_SERVICE_HOST", "CDS_PORT_8000_TCP", "CDS_SERVICE_PORT", "PATH"])
def test_settings_and_what_an_orchestrator_sets_are_not_called_misspelt(name: str) -> None:
    assert misspelt({name: "x"}) == {}


def test_the_log_of_a_start_tells_of_a_misspelt_setting_but_not_its_value(tmp_path: Path) -> None:
    settings = {"CDS_AUTH": "open", "CDS_DATABASE_ULR": "postgresql://me:secret@db/cds"}
    with running_service(tmp_path, settings, workers=1) as service:
        text = service.log.read_text()
    assert "CDS_DATABASE_ULR" in text
    assert "secret" not in text


def metrics_at(port: int | None) -> dict[str, str]:
    return {"CDS_METRICS_PORT": str(port)} if port else {}
