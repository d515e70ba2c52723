"""Why each rule answered as it did: the same answer as the service's, told with records, gaps and thresholds."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cards.rulebook import all_rules
from cds_service.cli import main
from cds_service.explain import Explanation, explain
from cds_service.explain.told import as_json, as_text
from cds_service.fhir.client import ClientSettings, FhirClient
from cds_service.fhir.gather import Gatherer
from cds_service.hooks.call import answer
from cds_service.hooks.incoming import read_call
from cds_service.hooks.problem import NothingToJudge
from cds_service.hooks.services import SERVICES
from fhir_fixtures import bundle, names

TODAY = date(2026, 1, 15)
KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "MedicationRequest": "medications",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "DiagnosticReport": "diagnosticReports",
    "AllergyIntolerance": "allergies",
    "FamilyMemberHistory": "familyHistory",
    "Encounter": "encounters",
    "CarePlan": "carePlans",
}


def request_for(name: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A patient-view request about a fixture patient with everything prefetched, but for some keys."""
    prefetch: dict[str, Any] = {key: {"resourceType": "Bundle", "entry": []} for key in KEYS.values()}
    for entry in bundle(name, TODAY)["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            prefetch["patient"] = resource
        elif resource["resourceType"] in KEYS:
            prefetch[KEYS[resource["resourceType"]]]["entry"].append({"resource": resource})
    return {
        "hook": "patient-view",
        "hookInstance": "explained",
        "context": {"userId": "Practitioner/u1", "patientId": prefetch["patient"]["id"]},
        "prefetch": {key: value for key, value in prefetch.items() if key not in without},
    }


def nothing_fetched() -> Gatherer:
    return Gatherer(FhirClient(ClientSettings()), (), 0)


def explained(name: str, *, without: tuple[str, ...] = ()) -> Explanation:
    return explain(json.dumps(request_for(name, without=without)).encode(), nothing_fetched(), TODAY)


@pytest.mark.parametrize("name", names())
def test_taking_notes_changes_no_answer(name: str) -> None:
    raw = json.dumps(request_for(name)).encode()
    body, advice = answer(read_call(raw, SERVICES[:1]), nothing_fetched(), TODAY)
    told = explain(raw, nothing_fetched(), TODAY)
    assert [c["summary"] for c in told.cards] == [c["summary"] for c in body["cards"]]
    assert advice is not None
    asked = {a.rule.id: type(a.outcome).__name__ for a in advice.answers}
    words = {"advises": ("Advise", "tuple"), "silent": ("Silent", "tuple"), "cannot tell": ("CannotTell",)}
    assert {r.rule.id for r in told.rules} == {rule.id for rule in all_rules()}
    for one in told.rules:
        assert (one.said == "not asked") == (one.rule.id not in asked)
        assert one.said == "not asked" or asked[one.rule.id] in words[one.said]


def rule(told: Explanation, rule_id: str) -> Any:
    return next(one for one in told.rules if one.rule.id == rule_id)


def test_a_rule_that_spoke_names_its_records_with_date_and_value() -> None:
    one = rule(explained("V28"), "cauda-equina")
    assert (one.said, one.shown) == ("advises", "card 1, leading it")
    told = {f.reference: f for f in one.advice[0].because}
    residual = told["Observation/v28-post-void-residual"]
    assert (residual.value, residual.date) == ("380 mL", "2026-01-15")
    assert "200 mL" in {t.value for t in one.thresholds}
    assert set(told) <= {f.reference for f in one.looked_at}


def test_a_silent_rule_says_why_and_what_it_sought() -> None:
    one = rule(explained("V28"), "hip-pelvic-infection")
    assert (one.said, one.advice, one.missing) == ("silent", (), ())
    assert one.reason
    assert any("CRP" in words or "C-reactive" in words for words in one.in_vain)


def test_a_rule_that_could_not_tell_names_what_was_missing() -> None:
    one = rule(explained("V28", without=("observations",)), "hip-pelvic-infection")
    assert one.said == "cannot tell"
    assert one.missing == ("observations: not supplied",)


def test_advice_that_gave_way_says_so() -> None:
    one = rule(explained("V28"), "conservative-care")
    assert one.said == "advises"
    assert one.shown.startswith("not shown")


def test_a_patient_without_hip_pain_explains_why_nothing_was_asked() -> None:
    told = explained("N01")
    assert (told.cards, told.place) == ((), "none")
    assert {one.reason for one in told.rules} == {"nothing on record tells of posterior hip pain"}


def test_rules_of_other_hooks_say_where_they_run() -> None:
    reasons = {one.rule.id: one.reason for one in explained("V01").having("not asked")}
    assert reasons["nsaid-safety"] == "runs at order-select, order-sign only"


def test_facts_shared_by_two_rules_are_noted_for_both() -> None:
    told = explained("V14")
    spine, hip = rule(told, "vertebral-infection"), rule(told, "hip-pelvic-infection")
    assert "Observation/v14-crp" in {f.reference for f in spine.looked_at} & {f.reference for f in hip.looked_at}


def test_a_visit_that_a_rule_looked_at_is_noted_as_any_other_record() -> None:
    request = request_for("V28")
    visit = {
        "resourceType": "Encounter",
        "id": "visit",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{request['context']['patientId']}"},
        "period": {"start": "2026-01-12", "end": "2026-01-12"},
    }
    request["prefetch"]["encounters"]["entry"].append({"resource": visit})
    told = explain(json.dumps(request).encode(), nothing_fetched(), TODAY)
    assert "Encounter/visit" in {f.reference for one in told.rules for f in one.looked_at}


def test_what_was_supplied_is_told_for_each_key() -> None:
    told = explained("V28", without=("allergies",)).supplied
    assert told["conditions"] == "3 resources"
    assert told["medications"] == "none, as the EHR says"
    assert told["allergies"] == "not supplied"


def test_nothing_to_judge_is_refused_as_the_service_refuses_it() -> None:
    with pytest.raises(NothingToJudge):
        explained("V28", without=("patient",))


def test_the_json_is_plain_and_complete() -> None:
    told = json.loads(json.dumps(as_json(explained("V28"))))
    one = next(r for r in told["rules"] if r["id"] == "cauda-equina")
    assert one["version"] == next(rule.version for rule in all_rules() if rule.id == "cauda-equina")
    assert one["evidence"][0]["citation"]
    assert {"name", "label", "value", "known", "source"} == set(one["thresholds"][0])
    assert len(told["rules"]) == len(all_rules())


def test_the_text_puts_what_speaks_first() -> None:
    text = as_text(explained("V28", without=("observations",)))
    assert text.index("ADVISES") < text.index("CANNOT TELL")
    assert "missing: observations: not supplied" in text


def command(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "cds_service.cli", "explain", *arguments]
    return subprocess.run(line, check=False, input=stdin, capture_output=True, text=True)


def test_the_command_explains_a_file_or_standard_input_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request_for("V28")), encoding="utf-8")
    from_file = command(str(path), "--today", "2026-01-15", "--json")
    piped = command("-", "--today", "2026-01-15", "--json", stdin=path.read_text(encoding="utf-8"))
    assert (from_file.returncode, from_file.stderr) == (0, "")
    assert json.loads(from_file.stdout) == json.loads(piped.stdout)
    assert list(tmp_path.iterdir()) == [path]


def test_the_command_says_that_it_fetches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request_for("V28") | {"prefetch": {}}), encoding="utf-8")
    assert main(["explain", str(path)]) == 1
    assert "explain fetches nothing: the file needs the prefetch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [("{}", 1, "answers 400"), ("no JSON", 1, "answers 400"), (None, 2, "No such file")],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, body: str | None, code: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "request.json"
    if body is not None:
        path.write_text(body, encoding="utf-8")
    assert main(["explain", str(path)]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err
