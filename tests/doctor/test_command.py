"""`posterior-hip-cds doctor` as someone meets it who has an address and nothing else."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cds_service.cli import main
from cds_service.doctor import BadOption, Options, examine
from cds_service.doctor.keys import Keys
from cds_service.doctor.registry import THEMES, all_checks
from cds_service.doctor.report import check_list
from tests.doctor.gate import Gate
from tests.doctor.http_of_service import running

DOCTOR = Path(__file__).parents[2] / "cds_service" / "doctor"
DOCS = Path(__file__).parents[2] / "docs" / "doctor.md"
OUTCOMES = {"pass", "fail", "warn", "skip", "error"}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with running(Gate("https://nobody.example", {"keys": []})) as url:
        yield url


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Done:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["doctor", "--fhir-port", "0", *arguments])
    return Done(code, out.getvalue(), err.getvalue())


def test_a_report_for_people_goes_to_standard_output_and_progress_to_standard_error(base: str) -> None:
    done = run(f"{base}/open/none/cds-services/", "--only", "discovery")
    assert done.returncode == 0
    assert "pass   discovery-members" in done.stdout
    assert "11 pass, 1 skip of 12 checks" in done.stdout
    assert "1/12 discovery-answers: pass" in done.stderr


def test_a_fault_is_told_with_what_was_sent_what_came_and_where_to_read(base: str) -> None:
    done = run(f"{base}/open/malformed-is-empty", "--only", "request-malformed")
    assert done.returncode == 0, "our reading is no SHALL"
    assert "warn   request-malformed" in done.stdout
    assert re.search(r"sent: POST http://\S+/cds-services/greeter", done.stdout)
    assert "came: 200 application/json" in done.stdout
    assert "https://www.rfc-editor.org/rfc/rfc8259#section-9" in done.stdout


def test_a_broken_shall_makes_the_exit_code_1(base: str) -> None:
    assert run(f"{base}/open/no-description", "--only", "discovery-members").returncode == 1


def test_the_json_report_has_every_result_with_its_requirement(base: str) -> None:
    done = run(f"{base}/open/no-description", "--only", "discovery", "--json", "-")
    told: dict[str, Any] = json.loads(done.stdout)
    assert "fail   discovery-members" in done.stderr
    assert told["summary"]["fail"] == 1
    assert told["exitCode"] == done.returncode == 1
    for result in told["results"]:
        assert result["outcome"] in OUTCOMES
        assert result["requirement"]["level"] in ("SHALL", "SHOULD", "our reading")
        assert result["requirement"]["section"].startswith("https://")
        assert result["requirement"]["text"]
    (failed,) = (one for one in told["results"] if one["outcome"] == "fail")
    complaint = failed["complaints"][0]
    assert complaint["sent"]["method"] == "GET"
    assert complaint["came"]["status"] == 200
    assert "services" in complaint["came"]["body"]


def test_a_report_holds_neither_tokens_nor_the_data_of_a_request(base: str, tmp_path: Path) -> None:
    request = {
        "hook": "patient-view",
        "hookInstance": "x",
        "context": {"patientId": "p1", "userId": "Practitioner/1"},
        "prefetch": {"patient": {"resourceType": "Patient", "id": "p1", "name": [{"family": "Unmistakable"}]}},
    }
    (tmp_path / "call.json").write_text(json.dumps(request))
    report = tmp_path / "report.json"
    run(f"{base}/open/none", "--request", str(tmp_path / "call.json"), "--json", str(report))
    text = report.read_text()
    assert json.loads(text)["summary"]["pass"] > 60
    assert "Unmistakable" not in text
    assert "doctor-token-" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which service?"),
        (["cds.example"], "no absolute http"),
        (["http://[cds.example"], "no absolute http"),
        (["http://127.0.0.1:9", "--fhir-port", "99999"], "choose another port"),
        (["https://cds.example/cds-services"], "--allow-remote"),
        (["http://127.0.0.1:9"], "no answer"),
        (["http://127.0.0.1:9", "--only", "prefetc-null"], "no check or theme 'prefetc-null'"),
        (["http://127.0.0.1:9", "--request", "/no/such/file"], "/no/such/file"),
    ],
)
def test_what_cannot_be_examined_is_told_with_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--fhir-port", "0", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_service_that_is_not_there_is_named_with_those_that_are(base: str) -> None:
    with pytest.raises(BadOption, match="it has greeter, order-check"):
        examine(Options(url=f"{base}/open/none", service="no-such", fhir_port=0))


def test_a_service_that_refuses_our_token_is_told_how_to_trust_it(base: str) -> None:
    done = run(f"{base}/signed/none", "--only", "request-answers")
    assert done.returncode == 2
    assert "have the service trust" in done.stdout
    assert "https://cds-doctor.example" in done.stdout


def test_keys_are_made_once_and_the_private_ones_are_for_their_owner_only(tmp_path: Path) -> None:
    options = Options(url="http://127.0.0.1", keys=tmp_path / "keys", jwks_out=tmp_path / "public.json")
    first, second = Keys.of(options).key_set(), Keys.of(options).key_set()
    assert first == second == json.loads((tmp_path / "public.json").read_text())
    assert {key["alg"] for key in first["keys"]} == {"ES384", "RS384"}
    assert not any("d" in key for key in first["keys"])
    for path in (tmp_path / "keys").glob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_prefetch_can_be_taken_from_a_fhir_server(base: str) -> None:
    from cds_service.doctor.fhir_stub import StubFhirServer, holding  # noqa: PLC0415

    server = StubFhirServer("127.0.0.1", 0)
    server.start()
    problem = {"resourceType": "Condition", "code": {"text": "Gout"}, "subject": {"reference": "Patient/p7"}}
    try:
        with server.answering(holding([{"resourceType": "Patient", "id": "p7"}, problem])):
            only = ("request-answers", "card-summary")
            done = examine(Options(url=f"{base}/open/none", patient="p7", data=server.base, fhir_port=0, only=only))
        assert {one.outcome for one in done.results} == {"pass"}
    finally:
        server.stop()


def test_every_module_of_checks_is_a_theme_and_every_id_is_unique() -> None:
    modules = {path.stem for path in (DOCTOR / "checks").glob("*.py")} - {"__init__"}
    assert modules == set(THEMES)
    ids = [one.id for _, one in all_checks()]
    assert len(set(ids)) == len(ids)
    assert all(one.why and one.title for _, one in all_checks())


def test_the_page_lists_the_checks_that_there_are() -> None:
    text = DOCS.read_text(encoding="utf-8")
    told = text[text.index("<!-- checks -->") : text.index("<!-- end of checks -->")]
    assert told.split("\n", 1)[1].strip() == "\n".join(check_list()).strip()


def test_the_page_and_the_help_name_the_same_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--help"])
    options = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert len(options) > 15
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", DOCS.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_list_names_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--list"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {one.id} " in printed for _, one in all_checks())
