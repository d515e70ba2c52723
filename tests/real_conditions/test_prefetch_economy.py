"""What is asked of the EHR: within the grammar that EHRs understand, and no more than some rule can read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cards.code_system import hip_exam_questions
from cards.codings import LOINC, SNOMED
from cards.measures import MEASURES
from cards.valueset import TERMINOLOGY
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES, queries, templates
from tests.fhir_client.hostile import FHIR_JSON, HostileServer
from tests.real_conditions.asking import access, ask, request, service

RULES = "\n".join(
    path.read_text()
    for path in (Path(__file__).parents[2] / "cards").rglob("*.py")
    if path.name != "measures.py"  # it names every measurement, read or not
)
NAMED = frozenset(re.findall(r'"([a-z0-9-]+)"', RULES))
"""Every value set, measurement and question that the source of the rules or of their facts names."""
ANSWERED = {"smoking-status": "smoking"}
"""Questions whose answers are read under another name."""
UNREAD = {"leg-length-difference"}
"""Questions of the project's examination form that no rule reads yet."""
NOT_OBSERVATIONS = ("img-", "proc-", "referral-")
TOKEN = re.compile(r"\{\{(.*?)\}\}")
PARAMETER = re.compile(
    r"(?P<name>[a-z][a-z-]*(:in)?|_count|_sort)=(?P<value>[A-Za-z0-9|:/.,_-]+|\{\{context\.patientId\}\})"
)


@pytest.mark.parametrize("key", KEYS)
def test_each_template_is_a_read_or_a_type_search_of_the_prefetch_grammar(key: str) -> None:
    template = templates()[key]
    path, _, search = template.partition("?")
    assert path.split("/")[0] == RESOURCE_TYPES[key][0]
    assert set(TOKEN.findall(template)) == {"context.patientId"}
    if not search:
        assert path == "Patient/{{context.patientId}}"
        return
    parameters = [PARAMETER.fullmatch(part) for part in search.split("&")]
    assert all(parameters), search
    names = [found["name"] for found in parameters if found]
    assert len(names) == len(set(names)), "the reference client joins repeated parameters"
    told = {found["name"]: found["value"] for found in parameters if found}
    assert told["patient"] == "{{context.patientId}}"
    assert 1 <= int(told["_count"]) <= 200
    assert told.get("_sort", "-date") == "-date"


def test_keys_are_tokens_that_an_ehr_can_configure() -> None:
    assert list(templates()) == list(KEYS)
    assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]*", key) for key in KEYS)


def asked_codes() -> set[str]:
    found = re.search(r"[?&]code=([^&]+)", templates()["observations"])
    assert found
    codes = found[1].split(",")
    assert len(codes) == len(set(codes))
    return set(codes)


def codes_of(*names: str) -> frozenset[str]:
    return TERMINOLOGY.codes_of(names, (LOINC, SNOMED))


def test_no_observation_is_asked_for_that_no_rule_can_read() -> None:
    read = {code for name in NAMED for code in codes_of(name)} | (hip_exam_questions() & NAMED)
    read |= {code for question, answers in ANSWERED.items() if answers in NAMED for code in codes_of(question)}
    assert asked_codes() - read == UNREAD


def test_every_laboratory_value_score_and_examination_that_a_rule_reads_is_asked_for() -> None:
    names = {name for name in NAMED if not name.startswith(NOT_OBSERVATIONS)}
    observable = {code for name in names for code in TERMINOLOGY.codes_of((name,), (LOINC,))}
    observable |= codes_of(*(NAMED & set(MEASURES))) | (hip_exam_questions() & NAMED)
    assert observable <= asked_codes()


def test_the_query_of_a_long_template_is_posted_so_that_no_server_cuts_it_off() -> None:
    """Some servers stop at a URL of 2,048 characters."""
    with HostileServer() as server:
        ask(service(server.base), request() | {"prefetch": {}} | access(server.base))
        received = {found.target.removeprefix("/fhir/"): found for found in server.received}
    assert all(len(found.target) < 2_000 and found.headers["accept"] == FHIR_JSON for found in received.values())
    posted = {path: found for path, found in received.items() if found.method == "POST"}
    assert list(posted) == ["Observation/_search"]
    query = queries("hp-vignette", ["observations"])["observations"]
    assert posted["Observation/_search"].body.decode() == query.partition("?")[2]
