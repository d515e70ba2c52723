"""A hospital signs the certificates of its servers itself: CDS_CA_BUNDLE names whom to trust then."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service import create_app
from cds_service.config import BadSetting, Config
from cds_service.store import Database, SeenTokens
from cds_service.trust.client import Client
from cds_service.trust.gate import Gate
from tests.certificates import self_signed
from tests.end_to_end.calls import with_server
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.protocol.service import PATIENT_VIEW
from tests.trust.signing import ISSUER, jwk


@pytest.mark.parametrize("trusted", [True, False])
def test_its_fhir_server_is_asked_only_where_its_authority_is_named(tmp_path: Path, trusted: bool) -> None:
    context, pem = self_signed(tmp_path, "127.0.0.1")
    with HostileServer(tls=context) as server:
        settings = {
            "CDS_AUTH": "open",
            "CDS_DATABASE_URL": "sqlite://",
            "CDS_FHIR_SERVERS": server.base,
            "CDS_DEADLINE_MS": "10000",
        }
        config = Config.from_environment(settings | ({"CDS_CA_BUNDLE": str(pem)} if trusted else {}))
        create_app(config).test_client().post(f"/cds-services/{PATIENT_VIEW}", json=with_server("V14", server.base))
        assert bool(server.received) is trusted


@pytest.mark.parametrize("trusted", [True, False])
def test_its_key_set_is_taken_only_where_its_authority_is_named(tmp_path: Path, trusted: bool) -> None:
    context, pem = self_signed(tmp_path, "127.0.0.1")
    with HostileServer(tls=context) as server:
        server.on("jwks.json", hostile.answers({"keys": [jwk("P-384", "a")]}))
        client = Client("ehr", ISSUER, jwks_url=f"{server.origin}/jwks.json")
        gate = Gate.of([client], SeenTokens(Database("sqlite://")), None, str(pem) if trusted else None)
        assert bool(gate.keys[ISSUER].find("a")) is trusted


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_stops_the_start(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadSetting, match=r"CDS_CA_BUNDLE is '.*authorities\.pem'; it takes a PEM file"):
        Config.from_environment({"CDS_CA_BUNDLE": str(file)})
