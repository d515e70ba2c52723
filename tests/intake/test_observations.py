"""Values, answers, absence, components and dates of Observations."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.quantity import Quantity
from cards.record import Observation
from tests.intake.taken import HIP_EXAM, LOINC, SCT, bundle, coded, observation, record_of, taken


def read(resource: dict[str, Any]) -> Observation:
    return record_of("observations", resource, Observation)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ({"value": 0.9, "unit": "mg/dL", "code": "mg/dL"}, Quantity.of(9, "mg/L")),
        ({"value": 142, "code": "mg/L"}, Quantity.of(142, "mg/L")),
        ({"value": 142, "unit": "mg/L"}, Quantity.of(142, "mg/L")),
        ({"value": 5, "comparator": "<", "code": "mg/L"}, Quantity(5, "mg/L", "<")),
        ({"value": 5, "comparator": "ad", "code": "mg/L"}, Quantity(5, "mg/L")),
        ({"value": 142}, None),
        ({"value": 142, "unit": "units"}, None),
        ({"value": 900, "code": "mg/L"}, None),
        ({"unit": "mg/L"}, None),
        ({}, None),
    ],
)
def test_a_measured_value_is_converted_or_refused(quantity: dict[str, Any], value: Quantity | None) -> None:
    found = read(observation(valueQuantity=quantity))
    assert found.value == value
    assert bool(found.refused) is (value is None and "value" in quantity)


@pytest.mark.parametrize("words", [{"valueString": "142 mg/L"}, {"valueCodeableConcept": {"text": "142 mg/L"}}])
def test_a_measurement_given_as_words_has_no_value_and_says_so(words: dict[str, Any]) -> None:
    found = read(observation(**words))
    assert (found.value, found.refused) == (None, "a value in words")


@pytest.mark.parametrize(("code", "value"), [("72514-3", Quantity.of(7, "{score}")), ("1988-5", None)])
def test_an_integer_is_a_score_but_no_concentration(code: str, value: Quantity | None) -> None:
    found = read(observation(coded(LOINC, code), valueInteger=7))
    assert (found.value, found.refused) == (value, None if value else "no unit was given")


@pytest.mark.parametrize(
    ("question", "members", "value"),
    [
        ("saddle-sensation", {"valueString": "Reduced"}, "reduced"),
        ("saddle-sensation", {"valueString": "absent"}, "absent"),
        ("saddle-sensation", {"valueCodeableConcept": {"text": "reduced"}}, "reduced"),
        ("pain-location", {"valueString": "deep buttock"}, "deep-buttock"),
        ("hop-test", {"valueCodeableConcept": coded(SCT, "10828004")}, "positive"),
        ("hop-test", {"valueCodeableConcept": coded(SCT, "260385009")}, "negative"),
        ("hop-test", {"valueBoolean": True}, "positive"),
        ("hop-test", {"valueString": "not done"}, "not-done"),
    ],
)
def test_an_answer_may_come_in_words_or_as_a_plain_positive(question: str, members: dict[str, Any], value: str) -> None:
    found = read(observation(coded(HIP_EXAM, question), **members))
    assert (found.value, found.refused) == (value, None)


@pytest.mark.parametrize(
    "members",
    [
        {"valueString": "numb on the left"},
        {"valueBoolean": True},
        {"valueCodeableConcept": coded(SCT, "2667000")},
        {"valueCodeableConcept": coded("https://ehr.example/answers", "R")},
    ],
)
def test_an_answer_that_could_mean_either_is_refused(members: dict[str, Any]) -> None:
    found = read(observation(coded(HIP_EXAM, "saddle-sensation"), **members))
    assert (found.value, found.refused) == (None, "an answer that is not understood")


@pytest.mark.parametrize(
    "beside",
    [
        {"bodySite": coded(SCT, "24028007")},
        {"valueCodeableConcept": coded(SCT, "52101004")},
        {"category": [coded(SCT, "5880005")]},
        {"interpretation": [coded(SCT, "10828004")]},
    ],
    ids=lambda members: next(iter(members)),
)
def test_a_finding_told_in_words_is_read_whatever_standard_code_stands_beside_it(beside: dict[str, Any]) -> None:
    found = read(observation({"text": "saddle numbness"}, **({"valueBoolean": True} | beside)))
    assert "saddle-anaesthesia" in found.concepts


def test_a_reason_for_absence_says_nothing_at_all() -> None:
    absent = observation(dataAbsentReason=coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown"))
    section, _ = taken("observations", bundle(absent))
    assert section.records == ()


@pytest.mark.parametrize(
    ("members", "value", "denied"),
    [
        ({"valueBoolean": True}, True, False),
        ({"valueBoolean": False}, False, True),
        ({"valueCodeableConcept": coded(SCT, "52101004")}, True, False),
        ({"valueCodeableConcept": coded(SCT, "10828004")}, True, False),
        ({"valueCodeableConcept": coded(SCT, "2667000")}, False, True),
        ({"valueCodeableConcept": coded(SCT, "260385009")}, False, True),
        ({"valueString": "Positive"}, "positive", False),
        ({"valueString": "absent"}, "absent", True),
        ({"valueString": "no"}, False, True),
        ({"valueQuantity": None, "interpretation": [{"coding": [{"code": "NEG"}]}]}, None, True),
        ({"valueQuantity": None}, None, False),
    ],
)
def test_a_finding_is_there_denied_or_bare(members: dict[str, Any], value: Any, denied: bool) -> None:
    found = read(observation(coded(SCT, "449813001"), **members))
    assert (found.value, found.denied) == (value, denied)


@pytest.mark.parametrize(
    ("question", "members", "value"),
    [
        ("unable-to-bear-weight", {"valueBoolean": False}, False),
        ("saddle-sensation", {"valueCodeableConcept": coded(HIP_EXAM, "reduced")}, "reduced"),
        ("mrc-hip-flexion", {"valueInteger": 4}, Quantity.of(4, "1")),
        ("mrc-hip-flexion", {"valueQuantity": {"value": 4, "code": "{score}"}}, Quantity.of(4, "1")),
        ("mrc-hip-flexion", {"valueQuantity": {"value": 4}}, Quantity.of(4, "1")),
        ("post-void-residual", {"valueQuantity": {"value": 0.38, "code": "L"}}, Quantity.of(380, "mL")),
        ("post-void-residual", {"valueQuantity": {"value": 380}}, None),
        ("mrc-hip-flexion", {"valueInteger": 7}, None),
    ],
)
def test_the_answer_to_a_question_has_the_type_of_the_question(
    question: str, members: dict[str, Any], value: Any
) -> None:
    found = read(observation(coded(HIP_EXAM, question), **members))
    assert (found.question, found.value) == (question, value)


@pytest.mark.parametrize(
    ("members", "day"),
    [
        ({"effectiveDateTime": "2026-01-10T23:30:00+02:00"}, date(2026, 1, 10)),
        (
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-01-01", "end": "2026-01-05"}},
            date(2026, 1, 5),
        ),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-01-01"}}, date(2026, 1, 1)),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-01-03T10:00:00Z"}, date(2026, 1, 3)),
        ({"effectiveDateTime": None, "issued": "2026-01-10T10:00:00Z"}, None),
        ({"effectiveDateTime": None, "meta": {"lastUpdated": "2026-01-10T10:00:00Z"}}, None),
        ({"effectiveDateTime": "last Monday"}, None),
        ({"effectiveDateTime": "          2026"}, date(2026, 12, 31)),
    ],
)
def test_the_clinical_date_is_taken_and_never_that_of_storing(members: dict[str, Any], day: date | None) -> None:
    found = read(observation(**members))
    assert (found.when.latest if found.when else None) == day


def test_components_are_read_with_the_date_and_status_of_the_whole() -> None:
    pressure = observation(
        coded(LOINC, "85354-9"),
        status="preliminary",
        component=[
            {"code": coded(LOINC, "8480-6"), "valueQuantity": {"value": 85, "code": "mm[Hg]"}},
            {"code": coded(LOINC, "8462-4"), "valueQuantity": {"value": 50, "code": "mm[Hg]"}},
        ],
    )
    section, _ = taken("observations", bundle(pressure))
    systolic = [r for r in section.records if isinstance(r, Observation) and "systolic-blood-pressure" in r.concepts]
    assert [(r.value, r.status) for r in systolic] == [(Quantity.of(85, "mm[Hg]"), "preliminary")]
    assert all(r.when for r in section.records)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ({"high": {"value": 120, "code": "U/L"}}, Quantity.of(120, "U/L")),
        ({"high": {"value": 120, "unit": "U/L"}}, Quantity.of(120, "U/L")),
        ({"high": {"value": 120}}, Quantity.of(120, "U/L")),
        ({"low": {"value": 40, "code": "U/L"}}, None),
        ({"high": {"value": 120, "unit": "elephants"}}, None),
    ],
)
def test_the_upper_reference_limit_is_read_in_its_own_unit_or_that_of_the_value(
    limit: dict[str, Any], value: Quantity | None
) -> None:
    alp = observation(coded(LOINC, "6768-6"), valueQuantity={"value": 190, "code": "U/L"}, referenceRange=[limit])
    assert read(alp).upper_limit == value


@pytest.mark.parametrize(
    ("site", "side"), [("24028007", "right"), ("7771000", "left"), ("51440002", "both"), ("46862004", "unknown")]
)
def test_the_side_of_an_observation_is_its_body_site(site: str, side: str) -> None:
    found = read(observation(coded(HIP_EXAM, "unable-to-bear-weight"), valueBoolean=True, bodySite=coded(SCT, site)))
    assert found.side.value == side


def test_a_number_that_no_integer_of_fhir_can_be_is_set_aside() -> None:
    section, _ = taken("observations", bundle(observation(coded(HIP_EXAM, "mrc-hip-flexion"), valueInteger=10**400)))
    assert (section.records, list(section.unreadable)) == ((), ["Observation/o1"])
