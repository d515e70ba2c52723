"""The client registry is checked as a whole at start-up, and a mistake is shown with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cds_service import create_app
from cds_service.config import BadSetting, Config
from cds_service.trust.client import Client
from cds_service.trust.lines import BadRegistry
from cds_service.trust.registry import read_registry
from tests.trust.signing import jwk, key_set, private_key

SERVICES = ("posterior-hip-patient-view", "posterior-hip-order-sign")
KEYS = ("patient", "conditions")

FULL = """\
clients:
  - name: General Hospital
    issuer: https://ehr.example/fhir
    jwks: keys.json
    algorithms: [ES384, RS384, ES256]
    audiences: [urn:our-cds]
    tenants: [north, south]
    fhir_servers: [https://ehr.example/fhir/, http://127.0.0.1:8081/fhir]
    services: [posterior-hip-patient-view]
    origins: [https://Ehr.example, http://localhost:3000]
    profile: epic
    replay: off
    order_codes:
      http://loinc.org|30679-5: urn:com.epic.cdshooks.action.code.system.preference-list-item|4711
      Emergency department, now: urn:oid:1.2.3|42
    prefetch_aliases: {problems: conditions}
    links_allowed: [https://guidance.example/]
    intent: proposal
  - name: Sandbox
    issuer: https://sandbox.example
    jwks_url: http://127.0.0.1:9001/jwks.json
    pama_ratings: G0000
"""


def read(folder: Path, text: str) -> tuple[Client, ...]:
    (folder / "keys.json").write_text(json.dumps(key_set()))
    path = folder / "clients.yaml"
    path.write_text(text, encoding="utf-8")
    return read_registry(path, services=SERVICES, prefetch_keys=KEYS)


def test_every_key_is_read(tmp_path: Path) -> None:
    hospital, sandbox = read(tmp_path, FULL)
    assert hospital == Client(
        name="General Hospital",
        issuer="https://ehr.example/fhir",
        jwks=tmp_path / "keys.json",
        algorithms=("ES384", "RS384", "ES256"),
        audiences=("urn:our-cds",),
        tenants=("north", "south"),
        fhir_servers=("https://ehr.example/fhir", "http://127.0.0.1:8081/fhir"),
        services=("posterior-hip-patient-view",),
        origins=("https://ehr.example", "http://localhost:3000"),
        profile="epic",
        strict_replay=False,
        order_codes={
            "http://loinc.org|30679-5": "urn:com.epic.cdshooks.action.code.system.preference-list-item|4711",
            "Emergency department, now": "urn:oid:1.2.3|42",
        },
        prefetch_aliases={"problems": "conditions"},
        links_allowed=("https://guidance.example/",),
        intent="proposal",
    )
    assert sandbox == Client(
        "Sandbox", "https://sandbox.example", jwks_url="http://127.0.0.1:9001/jwks.json", pama_ratings="G0000"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    profile: epic", "    profle: epic", 11, "unknown key 'profle'"),
        ("    profile: epic", "    profile: cerner", 11, "'cerner' is not one of generic, epic"),
        ("    replay: off", "    replay: never", 12, "'never' is not one of strict, off"),
        ("    replay: off", "    name: again", 12, "stands twice"),
        ("[ES384, RS384, ES256]", "[ES384, HS256]", 5, "'HS256' is not one of"),
        ("[ES384, RS384, ES256]", "[none]", 5, "'none' is not one of"),
        ("[ES384, RS384, ES256]", "ES384", 5, "a list is expected"),
        ("[north, south]", "[1, 2]", 7, "put quotes around a number"),
        ("    jwks: keys.json", "    jwks: missing.json", 4, "missing.json cannot be read"),
        ("    jwks: keys.json", "    # no keys", 2, "give either 'jwks'"),
        ("    jwks_url: http://127.0.0.1:9001/jwks.json", "    jwks_url: http://ehr.example/jwks", 21, "https only"),
        ("    jwks_url: http://127.0.0.1:9001/jwks.json", "    jwks_url: ehr.example/jwks", 21, "absolute https"),
        ("    jwks_url: http://127.0.0.1:9001/jwks.json", "    profile: crd", 19, "give either 'jwks'"),
        ("https://ehr.example/fhir/, http", "http://ehr.example/fhir, http", 8, "must use https"),
        ("https://ehr.example/fhir/, http", "ehr.example, http", 8, "absolute http"),
        ("[posterior-hip-patient-view]", "[posterior-hip]", 9, "'posterior-hip' is not one of"),
        ("https://Ehr.example, http", "https://ehr.example/, http", 10, "without path"),
        ("https://Ehr.example, http", "'*', http", 10, "'*' is not possible"),
        ("https://Ehr.example, http", "'http://[ehr', http", 10, "an origin is"),
        ("[https://guidance.example/]", "['https://[guidance/']", 17, "absolute http"),
        ("    jwks_url: http://127.0.0.1:9001/jwks.json", "    jwks_url: 'https://[ehr/jwks'", 21, "absolute https"),
        ("|4711", "", 14, "a code is written system|code"),
        ("{problems: conditions}", "{problems: problems}", 16, "'problems' is no prefetch key"),
        ("[https://guidance.example/]", "[guidance]", 17, "absolute http"),
        ("    intent: proposal", "    intent: plan", 18, "'plan' is not one of order, proposal"),
        ("https://sandbox.example", "https://ehr.example/fhir", 20, "registered twice"),
        ("name: Sandbox", "name: General Hospital", 19, "given twice"),
        ("name: Sandbox", "name: open", 19, "is not 'open'"),
        ("  - name: Sandbox\n    issuer", "  - issuer", 19, "the key 'name' is missing"),
        ("clients:", "client:", 1, "unknown key 'client'"),
        ("{problems: conditions}", "{problems: conditions", 17, ""),
    ],
)
def test_a_mistake_is_shown_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert FULL.count(old) == 1
    with pytest.raises(BadRegistry) as refused:
        read(tmp_path, FULL.replace(old, new))
    assert str(refused.value).startswith(f"{tmp_path / 'clients.yaml'}:{line}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "clients: 5", "a: [\n", "\t", "clients:\n  - 5\n"])
def test_a_file_that_is_no_registry_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadRegistry, match=r"clients\.yaml"):
        read(tmp_path, text)


def private_jwk() -> dict[str, object]:
    key = private_key("P-384")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return {**ECAlgorithm.to_jwk(key, as_dict=True), "kid": "k"}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "no JSON Web Key Set"),
        ('{"keys": []}', "holds no EC or RSA key"),
        (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k"}]}), "private or shared key"),
        (json.dumps({"keys": [private_jwk()]}), "private or shared key"),
        (json.dumps({"keys": [jwk("RSA-1024", "small")]}), "fewer than 2048 bits"),
        (json.dumps({"keys": [{**jwk("P-384", "k"), "x": "AAAA"}]}), "malformed"),
        (json.dumps({"keys": [{**jwk("P-384", "k"), "kid": ""}]}), "holds no EC or RSA key"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_key_file_of_no_use_is_refused_at_start(tmp_path: Path, keys: str, words: str) -> None:
    (tmp_path / "bad.json").write_text(keys)
    with pytest.raises(BadRegistry, match=words):
        read(tmp_path, "clients:\n  - {name: a, issuer: b, jwks: bad.json}\n")


def test_a_registry_that_cannot_be_read_stops_the_application_from_being_made(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"nowhere\.yaml: cannot be read"):
        create_app(Config(clients=tmp_path / "nowhere.yaml"))
