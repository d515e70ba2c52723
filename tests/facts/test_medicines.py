"""Which medicines count as what: systemic NSAIDs, analgesic aspirin, pairs and weekly doses."""

from __future__ import annotations

from datetime import date

import pytest

from cards.chart import Chart
from cards.facts.medicines import (
    NSAID,
    anticoagulation,
    drug_name,
    dual_antiplatelets,
    is_systemic_nsaid,
    kidney_pair,
    methotrexate,
    systemic_nsaids,
    taken,
)
from cards.record import Medication, Patient
from cards.section import Section
from cards.valueset import TERMINOLOGY
from cards.when import When
from tests.facts.told import told

TODAY = date(2026, 1, 15)


def medicine(text: str, *, systemic: bool = True, dose: float | None = None, daily: float | None = None) -> Medication:
    return Medication(
        reference=f"MedicationRequest/{text}",
        text=text,
        concepts=TERMINOLOGY.concepts([], text),
        when=When.on(TODAY),
        status="active",
        systemic=systemic,
        dose_mg=dose,
        daily_mg=daily,
    )


def chart(*medicines: Medication) -> Chart:
    sections = {
        "medications": Section("medications", medicines),
        "conditions": Section("conditions"),
        "observations": Section("observations"),
    }
    return Chart(Patient(id="p"), TODAY, sections)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (medicine("Ibuprofen 400 MG Oral Tablet"), True),
        (medicine("Aleve"), True),
        (medicine("diclofenac gel", systemic=False), False),
        (medicine("aspirin", dose=324), False),
        (medicine("aspirin", dose=325), True),
        (medicine("aspirin"), False),
        (medicine("paracetamol 500 mg", dose=500), False),
    ],
)
def test_a_systemic_nsaid_is_known(one: Medication, counts: bool) -> None:
    assert is_systemic_nsaid(one) is counts
    assert bool(systemic_nsaids(chart(one))) is counts


def test_two_antiplatelets_are_dual_therapy_and_one_is_not() -> None:
    assert len(dual_antiplatelets(chart(medicine("aspirin"), medicine("clopidogrel")))) == 2
    assert dual_antiplatelets(chart(medicine("aspirin"))) == ()
    assert dual_antiplatelets(chart(medicine("clopidogrel"))) == ()


def test_the_kidney_pair_needs_both() -> None:
    assert len(kidney_pair(chart(medicine("lisinopril"), medicine("furosemide")))) == 2
    assert kidney_pair(chart(medicine("furosemide"))) == ()
    assert kidney_pair(chart(medicine("lisinopril"))) == ()


def test_methotrexate_is_told_by_the_week() -> None:
    found = methotrexate(chart(medicine("methotrexate", daily=15 / 7)))
    assert found is not None
    assert found.mg == 15.0


def test_methotrexate_of_unknown_dose_has_no_weekly_dose() -> None:
    found = methotrexate(chart(medicine("methotrexate")))
    assert found is not None
    assert found.mg is None


def test_anticoagulation_is_found_by_brand_name() -> None:
    assert [f.label for f in anticoagulation(chart(medicine("Eliquis 5 mg")))] == ["Eliquis 5 mg"]
    assert anticoagulation(chart(medicine("ibuprofen"))) == ()


def test_anticoagulation_is_known_by_its_status_where_no_medicine_tells_of_it() -> None:
    status = "condition: long term anticoagulant use [icd Z79.01] from 2020"
    pain = "condition: buttock pain [sct 279043006] from 2026-01-01"
    assert [f.label for f in anticoagulation(told(pain, status))] == ["long term anticoagulant use"]
    both = anticoagulation(told(pain, status, "med: apixaban [rx 1364430] 5 mg twice daily from 2024-03-01"))
    assert [(f.label.split()[0], str(f.when)) for f in both] == [("apixaban", "1 Mar 2024")]


def test_a_local_form_is_not_taken_by_the_body() -> None:
    gel = chart(medicine("diclofenac gel", systemic=False))
    assert taken(gel, NSAID) == ()
    assert len(taken(gel, NSAID, systemic=False)) == 1


def test_a_drug_is_named_by_its_first_word() -> None:
    assert drug_name(medicine("Naproxen 500 MG Oral Tablet")) == "Naproxen"
    assert drug_name(medicine("ibuprofen, 400 mg")) == "Ibuprofen"
    assert drug_name(medicine("")) == "This medicine"


def test_that_other_sections_are_missing_is_no_gap_of_the_medicines() -> None:
    pain = "condition: buttock pain [sct 279043006] from 2025-12-01"
    assert told(pain, without=["observations"]).gaps_of(systemic_nsaids)[1] == ()
    assert [g.section for g in told(pain, without=["medications"]).gaps_of(systemic_nsaids)[1]] == ["medications"]
