"""With CDS_AUTH=required: who gets in, what they may reach, and that an attacker learns nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cds_service.cli import main
from cds_service.serve import SETTINGS
from tests.environment import set_only
from tests.protocol.service import (
    ORDER_SIGN,
    PATIENT_VIEW,
    ROOT,
    Service,
    bundle,
    condition,
    empties,
    order_call,
    patient,
    running_service,
    view,
)
from tests.servers import STOP_WITHIN_S, free_port
from tests.trust.signing import ATTACKS, ISSUER, TAKEN, Draft, jwk, key_set

PAGE, OTHER_PAGE = "https://ehr-page.example", "https://other-page.example"
OTHER_ISSUER = "https://other.example"
WHEN = "2026-01-15T12:30:00Z"


class Trap:
    """A FHIR server on loopback that notes who asked it with which token."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.port = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"


@contextmanager
def running_trap() -> Iterator[Trap]:
    trap = Trap()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            trap.asked.append((self.path, self.headers.get("Authorization")))
            whole = patient() if "/Patient/" in self.path else bundle(*_problems("/Condition" in self.path))
            body = json.dumps(whole).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    trap.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(STOP_WITHIN_S,))
    thread.start()
    yield trap
    server.shutdown()
    server.server_close()
    thread.join()


def _problems(asked: bool) -> list[dict[str, Any]]:
    return [condition("M54.31", "Sciatica"), condition("R33.9", "Retention of urine")] if asked else []


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    with running_trap() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Path:
    made = tmp_path_factory.mktemp("required")
    (made / "keys.json").write_text(json.dumps(key_set()))
    (made / "other.json").write_text(json.dumps({"keys": [jwk("P-384", "other", 9)]}))
    (made / "clients.yaml").write_text(
        f"""
clients:
  - name: Hospital
    issuer: {ISSUER}
    jwks: keys.json
    audiences: ["urn:our-cds"]
    fhir_servers: ["{trap.base}"]
    origins: ["{PAGE}"]
  - name: Other
    issuer: {OTHER_ISSUER}
    jwks: other.json
    services: [{PATIENT_VIEW}]
    tenants: [north]
    origins: ["{OTHER_PAGE}"]
    profile: epic
    replay: off
    prefetch_aliases: {{problems: conditions}}
    order_codes:
      http://loinc.org|30679-5: urn:com.epic.cdshooks.action.code.system.preference-list-item|4711
""",
        encoding="utf-8",
    )
    return made


@pytest.fixture(scope="module")
def required(folder: Path) -> Iterator[Service]:
    settings = {
        "CDS_CLIENTS": str(folder / "clients.yaml"),
        "CDS_FHIR_SERVERS": "http://127.0.0.1:9/fhir",
        "CDS_ORIGINS": "https://only-for-open-mode.example",
    }
    with running_service(folder, settings) as running:
        yield running


def address(service: Service, service_id: str = PATIENT_VIEW) -> str:
    return f"{service.url}/cds-services/{service_id}"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def hospital(service: Service, path: str = PATIENT_VIEW) -> dict[str, str]:
    return bearer(Draft(address(service, path)).signed())


def other(service: Service, path: str = PATIENT_VIEW, **claims: Any) -> dict[str, str]:
    told = {"iss": OTHER_ISSUER, "tenant": "north", **claims}
    return bearer(Draft(address(service, path), number=9, header={"kid": "other"}, claims=told).signed())


def refused(answer: Any) -> bytes:
    """The body of the one 401 there is."""
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Correlation-ID"] not in answer.text
    assert answer.json()["issue"][0]["code"] == "login"
    assert empties(answer.json()) == []
    body: bytes = answer.content
    return body


@pytest.mark.parametrize("make", [t[1] for t in TAKEN], ids=[t[0] for t in TAKEN])
def test_a_good_token_gets_cards(required: Service, make: Callable[[Draft], str]) -> None:
    answer = required.call(PATIENT_VIEW, view(), headers=bearer(make(Draft(address(required)))))
    assert answer.status_code == 200
    assert answer.json()["cards"]


@pytest.mark.parametrize("attack", [a[2] for a in ATTACKS], ids=[a[0] for a in ATTACKS])
def test_every_attack_gets_the_same_401(required: Service, attack: Callable[[Draft], str]) -> None:
    nothing = refused(required.call(PATIENT_VIEW, view()))
    token = attack(Draft(address(required)))
    answer = required.call(PATIENT_VIEW, view(), headers=bearer(token))
    if len(token) < SETTINGS["limit_request_field_size"]:
        assert refused(answer) == nothing
    else:
        assert answer.status_code == 431
    assert token not in required.log.read_text()


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer", "Bearer a.b.c", "Bearer a b", "null"])
def test_another_authorization_header_gets_it_too(required: Service, header: str) -> None:
    nothing = refused(required.call(PATIENT_VIEW, view()))
    assert refused(required.call(PATIENT_VIEW, view(), headers={"Authorization": header})) == nothing


def test_the_gate_stands_before_the_body(required: Service) -> None:
    path = f"/cds-services/{PATIENT_VIEW}"
    assert required.send("POST", path, data=b"{").status_code == 401
    assert required.send("POST", f"{path}/feedback", data=b"{").status_code == 401


def test_discovery_health_and_preflight_need_no_token(required: Service) -> None:
    assert required.send("GET", "/cds-services").status_code == 200
    assert required.send("GET", "/healthz").status_code == 200
    assert required.send("GET", "/readyz").status_code == 200
    assert required.send("OPTIONS", f"/cds-services/{PATIENT_VIEW}", headers={"Origin": PAGE}).status_code == 204


def test_a_token_for_the_address_as_it_was_called_is_taken(required: Service) -> None:
    for path in (f"//cds-services/{PATIENT_VIEW}", f"/cds-services//{PATIENT_VIEW}", f"/cds-services/{PATIENT_VIEW}/"):
        headers = bearer(Draft(required.url + path).signed())
        assert required.send("POST", path, json=view(), headers=headers).status_code == 200


def test_a_token_counts_once_over_workers_services_and_restarts(folder: Path, required: Service) -> None:
    everywhere = {"aud": [address(required, one) for one in (PATIENT_VIEW, ORDER_SIGN, f"{PATIENT_VIEW}/feedback")]}
    headers = bearer(Draft("", claims=everywhere).signed())
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: required.call(PATIENT_VIEW, view(), headers=headers).status_code, range(24)))
    assert sorted(answers) == [200, *[401] * 23]
    assert required.call(ORDER_SIGN, order_call("order-sign"), headers=headers).status_code == 401
    assert required.feedback(PATIENT_VIEW, [], headers=headers).status_code == 401
    settings = {"CDS_CLIENTS": str(folder / "clients.yaml"), "CDS_PUBLIC_BASE_URL": required.url}
    with running_service(folder, settings) as restarted:
        assert restarted.call(PATIENT_VIEW, view(), headers=headers).status_code == 401
        assert restarted.call(PATIENT_VIEW, view(), headers=hospital(required)).status_code == 200


def test_with_replay_off_one_token_serves_many_calls(required: Service) -> None:
    headers = other(required)
    assert [required.call(PATIENT_VIEW, view(), headers=headers).status_code for _ in range(4)] == [200] * 4


def test_a_known_client_may_call_only_its_services(required: Service) -> None:
    answer = required.call(ORDER_SIGN, order_call("order-sign"), headers=other(required, ORDER_SIGN))
    assert answer.status_code == 403
    assert answer.json()["issue"][0]["code"] == "forbidden"
    assert required.feedback(ORDER_SIGN, [], headers=other(required, f"{ORDER_SIGN}/feedback")).status_code == 403


@pytest.mark.parametrize("tenant", ["south", None, ["north"], 5])
def test_a_tenant_that_is_not_registered_is_refused(required: Service, tenant: Any) -> None:
    refused(required.call(PATIENT_VIEW, view(), headers=other(required, tenant=tenant)))


def test_feedback_needs_a_token_for_its_own_address(required: Service) -> None:
    item = {"card": str(uuid4()), "outcome": "overridden", "outcomeTimestamp": WHEN}
    refused(required.feedback(PATIENT_VIEW, [item]))
    refused(required.feedback(PATIENT_VIEW, [item], headers=hospital(required)))
    answer = required.feedback(PATIENT_VIEW, [item], headers=hospital(required, f"{PATIENT_VIEW}/feedback"))
    assert answer.json() == {"stored": 1}


def test_a_page_may_read_the_answers_to_its_own_client_only(required: Service) -> None:
    def allowed(answer: Any) -> str | None:
        found: str | None = answer.headers.get("Access-Control-Allow-Origin")
        return found

    path = f"/cds-services/{PATIENT_VIEW}"
    for page in (PAGE, OTHER_PAGE):
        assert allowed(required.send("OPTIONS", path, headers={"Origin": page})) == page
        assert allowed(required.send("GET", "/cds-services", headers={"Origin": page})) == page
        assert allowed(required.call(PATIENT_VIEW, view(), headers={"Origin": page})) == page
    mine = required.call(PATIENT_VIEW, view(), headers={**hospital(required), "Origin": PAGE})
    assert (mine.status_code, allowed(mine)) == (200, PAGE)
    theirs = required.call(PATIENT_VIEW, view(), headers={**hospital(required), "Origin": OTHER_PAGE})
    assert allowed(theirs) is None
    stranger = {"Origin": "https://only-for-open-mode.example"}
    assert allowed(required.send("OPTIONS", path, headers=stranger)) is None
    failed = required.call(PATIENT_VIEW, 5, headers={**hospital(required), "Origin": PAGE})
    assert (failed.status_code, allowed(failed)) == (400, PAGE)


def fetching(trap: Trap, token: str, **members: Any) -> dict[str, Any]:
    access = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}
    return {**view(prefetch={}), "fhirServer": trap.base, "fhirAuthorization": access, **members}


def test_the_clients_own_fhir_server_is_asked_with_the_calls_token(required: Service, trap: Trap) -> None:
    trap.asked.clear()
    answer = required.call(PATIENT_VIEW, fetching(trap, "fhir-token-1"), headers=hospital(required))
    assert answer.status_code == 200
    assert {token for _, token in trap.asked} == {"Bearer fhir-token-1"}
    assert any(path.startswith("/fhir/Patient/p1") for path, _ in trap.asked)


def test_another_clients_fhir_server_is_not_asked(required: Service, trap: Trap) -> None:
    trap.asked.clear()
    answer = required.call(PATIENT_VIEW, fetching(trap, "fhir-token-2"), headers=other(required))
    assert answer.status_code == 412
    assert trap.asked == []
    assert "fhir-token-2" not in answer.text


def test_no_token_stays_behind(required: Service, folder: Path, trap: Trap) -> None:
    token = Draft(address(required), claims={"jti": "marked-jti"}).signed()
    required.call(PATIENT_VIEW, fetching(trap, "marked-fhir-token"), headers=bearer(token))
    time.sleep(0.1)
    left = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    for secret in (token, token.split(".")[2], "marked-fhir-token", "marked-jti", "Practitioner/u1", "Sciatica"):
        assert secret.encode() not in left


def test_the_profile_of_the_client_shapes_its_answer(required: Service) -> None:
    body = view()
    body["prefetch"]["problems"] = body["prefetch"].pop("conditions")
    assert required.call(PATIENT_VIEW, body, headers=hospital(required)).status_code == 412
    cards = required.call(PATIENT_VIEW, body, headers=other(required)).json()["cards"]
    codings = [
        action["resource"]["code"]["coding"]
        for card in cards
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]
    own = {
        "system": "urn:com.epic.cdshooks.action.code.system.preference-list-item",
        "code": "4711",
    }
    assert any(coding[0] == own and coding[1]["code"] == "30679-5" for coding in codings)


def test_two_hundred_calls_at_once_are_all_let_in(required: Service) -> None:
    with ThreadPoolExecutor(40) as pool:
        answers = pool.map(lambda _: required.call(PATIENT_VIEW, view(), headers=hospital(required)), range(200))
        assert {answer.status_code for answer in answers} == {200}


Checked = Callable[..., tuple[int, str, str]]


@pytest.fixture
def client_check(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Checked:
    """`client check` with these arguments in `folder`: its exit code, what it printed and what it complained of."""
    set_only(monkeypatch, CDS_CLIENTS=str(folder / "clients.yaml"))
    monkeypatch.chdir(folder)

    def check(*arguments: str) -> tuple[int, str, str]:
        code = main(["client", "check", *arguments])
        return code, *capfd.readouterr()

    return check


def test_client_check_tells_which_client_a_token_is(folder: Path, client_check: Checked) -> None:
    url = f"https://cds.example/cds-services/{PATIENT_VIEW}"
    token = Draft(url).signed()
    code, out, err = client_check(token, "--url", url)
    assert (code, err) == (0, "")
    assert "client 'Hospital', profile generic" in out
    (folder / "token.txt").write_text(f"Authorization: Bearer {token}\n")
    _, out, _ = client_check("token.txt")
    assert "client 'Hospital'" in out


def test_client_check_tells_which_test_a_token_fails(client_check: Checked) -> None:
    url = f"https://cds.example/cds-services/{PATIENT_VIEW}"
    code, _, err = client_check(Draft(url).signed(), "--url", url + "/feedback")
    assert code == 1
    assert "refused (client 'Hospital'): test 'aud' failed: it must be" in err
    _, _, err = client_check("nonsense")
    assert "test 'form' failed" in err


def test_client_check_without_a_token_lists_the_clients(client_check: Checked) -> None:
    _, out, _ = client_check()
    assert out.splitlines() == [f"Hospital: {ISSUER} (generic)", f"Other: {OTHER_ISSUER} (epic)"]


def test_client_check_tells_an_empty_registry_from_none(folder: Path, client_check: Checked) -> None:
    (folder / "clients.yaml").write_text("clients: []\n")
    code, _, err = client_check()
    assert (code, "clients.yaml registers no client" in err) == (2, True)


def test_a_mistake_in_the_registry_stops_the_start_and_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text("clients:\n  - name: a\n    isuer: b\n")
    done = subprocess.run(
        [sys.executable, "-m", "cds_service.cli", "serve", "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "CDS_CLIENTS": str(tmp_path / "clients.yaml")},
    )
    assert done.returncode == 2
    assert f"{tmp_path / 'clients.yaml'}:3: unknown key 'isuer'" in done.stderr
