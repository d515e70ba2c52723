"""Milligrams of prednisolone out of prescriptions: overlap, renewal, statement, route and unknown dose."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.chart import Chart
from cards.facts.steroids import exposure, long_term_steroids
from cards.immutable import replace as struct_replace
from cards.record import Condition, Medication, Patient
from cards.section import Section
from cards.valueset import TERMINOLOGY
from cards.when import When
from tests.facts.told import told

TODAY = date(2026, 1, 15)


def prescription(
    drug: str,
    mg: float | None,
    start: str | None,
    *,
    days: int | None = None,
    until: str | None = None,
    status: str = "active",
    reported: bool = False,
    systemic: bool = True,
    text: str | None = None,
    intent: str = "order",
) -> Medication:
    words = text or drug
    return Medication(
        reference=f"MedicationRequest/{drug}-{start}-{mg}-{reported}",
        text=words,
        concepts=TERMINOLOGY.concepts([], words),
        when=When.parse(start) if start else None,
        status=status,
        intent=intent,
        systemic=systemic,
        daily_mg=mg,
        days=days,
        until=When.parse(until) if until else None,
        reported=reported,
    )


def chart(*medications: Medication, conditions: tuple[Condition, ...] = ()) -> Chart:
    return Chart(
        Patient(id="p"),
        TODAY,
        {
            "medications": Section("medications", medications),
            "conditions": Section("conditions", conditions),
            "observations": Section("observations"),
        },
    )


def test_both_end_days_of_a_course_count() -> None:
    found = exposure(chart(prescription("prednisone", 10, "2025-06-01", until="2025-06-10", status="completed")))
    assert found.most_mg == 100
    assert [f.reference for f in found.evidence] == ["MedicationRequest/prednisone-2025-06-01-10-False"]


@pytest.mark.parametrize(
    ("drug", "factor"),
    [
        ("prednisone", 1),
        ("prednisolone", 1),
        ("methylprednisolone", 1.25),
        ("dexamethasone", 6.7),
        ("hydrocortisone", 0.25),
    ],
)
def test_a_milligram_of_each_drug_in_prednisolone(drug: str, factor: float) -> None:
    found = exposure(chart(prescription(drug, 4, "2025-06-01", days=10, status="completed")))
    assert found.most_mg == pytest.approx(4 * factor * 10)


def test_a_drug_without_a_factor_is_never_guessed() -> None:
    found = exposure(chart(prescription("deflazacort", 30, "2025-01-01", until="2025-12-01", status="completed")))
    assert found.most_mg == 0
    assert [f.label for f in found.unknown] == ["deflazacort, 30 mg a day"]


def test_the_best_three_months_are_taken_and_not_the_sum_of_all() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 20, "2025-02-01", days=20, status="completed"),
            prescription("prednisone", 50, "2025-09-01", days=20, status="completed"),
            prescription("prednisone", 10, "2025-12-20", days=5, status="completed"),
            prescription("deflazacort", 30, "2025-09-01", days=20, status="completed"),
        )
    )
    assert found.most_mg == 1000
    assert [(f.label, str(f.when)) for f in found.evidence] == [("prednisone, 50 mg a day", "1 Sep 2025")]


def test_the_best_three_months_may_begin_with_a_burst_that_a_low_dose_follows() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 60, "2025-02-01", days=30, status="completed"),
            prescription("prednisone", 10, "2025-03-03", days=200, status="completed"),
        )
    )
    assert found.most_mg == 60 * 30 + 10 * 62


def test_courses_close_together_add_up() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 40, "2025-06-01", days=30, status="completed"),
            prescription("dexamethasone", 6, "2025-07-15", days=30, status="completed"),
        )
    )
    assert found.most_mg == pytest.approx(40 * 30 + 6 * 6.7 * 30)


def test_a_renewal_takes_the_place_of_what_it_renews() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 10, "2025-12-01"),
            prescription("prednisone", 20, "2026-01-01"),
        )
    )
    assert found.most_mg == 10 * 31 + 20 * 15


def test_another_drug_takes_no_place() -> None:
    found = exposure(
        chart(prescription("prednisone", 10, "2025-12-01"), prescription("dexamethasone", 1, "2026-01-06"))
    )
    assert found.most_mg == pytest.approx(10 * 46 + 6.7 * 10)


def test_a_single_day_counts() -> None:
    assert exposure(chart(prescription("prednisone", 60, "2025-06-01", days=1, status="completed"))).most_mg == 60


def test_a_prescription_recorded_twice_is_taken_once() -> None:
    once = prescription("prednisone", 20, "2025-06-01", days=90)
    again = struct_replace(once, reference="MedicationRequest/again")
    assert exposure(chart(once, again)).most_mg == exposure(chart(once)).most_mg


def test_two_strengths_begun_together_are_both_taken() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 5, "2026-01-06"),
            prescription("prednisone", 2, "2026-01-06", text="prednisone 1 mg tablet"),
        )
    )
    assert found.most_mg == 70


def test_a_statement_of_what_is_prescribed_counts_once() -> None:
    found = exposure(
        chart(
            prescription("prednisone", 10, "2026-01-06"),
            prescription("prednisone", 10, "2026-01-06", reported=True),
        )
    )
    assert found.most_mg == 100


def test_a_statement_of_what_is_not_prescribed_counts() -> None:
    stated = prescription("prednisone", 10, "2026-01-06", reported=True)
    assert exposure(chart(stated)).most_mg == 100
    assert exposure(chart(stated, prescription("dexamethasone", 1, "2026-01-06"))).most_mg == 167


def test_an_active_prescription_lasts_until_the_end_that_it_names_whatever_its_supply() -> None:
    long = prescription("prednisone", 10, "2025-06-01", days=30, until="2025-07-10")
    assert exposure(chart(long)).most_mg == 400


def test_an_unknown_dose_is_told_when_its_course_reaches_into_the_last_24_months() -> None:
    edge = TODAY - timedelta(days=731)
    reaching = prescription("prednisone", None, "2023-01-01", until=edge.isoformat(), status="completed")
    assert len(exposure(chart(reaching)).unknown) == 1


@pytest.mark.parametrize(
    "nothing",
    [
        prescription("prednisone", 60, "2024-01-01", until="2024-01-14", status="completed"),
        prescription("prednisone", None, "2023-01-01", until="2024-01-14", status="completed"),
        prescription("prednisone", 60, None),
        prescription("prednisone", 60, "2025-06-01", status="stopped"),
        prescription("prednisone", 60, "2025-06-01", status="cancelled"),
        prescription("prednisone", 60, "2025-06-01", intent="proposal"),
        prescription("budesonide", 60, "2025-06-01", systemic=False),
        prescription("prednisone", 60, "2025-06-01", text="methylprednisolone 80 mg injection"),
    ],
    ids=[
        "before 24 months",
        "dose unknown, before 24 months",
        "undated",
        "stopped nobody knows when",
        "cancelled",
        "proposed",
        "inhaled",
        "injected",
    ],
)
def test_what_counts_nothing(nothing: Medication) -> None:
    assert exposure(chart(nothing)).most_mg == 0
    assert exposure(chart(nothing)).unknown == ()


def test_use_of_89_days_is_not_long_and_of_90_days_is() -> None:
    def used(days: int) -> tuple[object, ...]:
        return long_term_steroids(chart(prescription("prednisone", 5, "2025-06-01", days=days, status="completed")))

    assert used(89) == ()
    assert len(used(90)) == 1


def test_use_below_two_and_a_half_milligrams_is_not_counted_as_long() -> None:
    assert long_term_steroids(chart(prescription("prednisone", 2.4, "2025-01-01"))) == ()
    assert len(long_term_steroids(chart(prescription("prednisone", 2.5, "2025-01-01")))) == 1
    assert len(long_term_steroids(chart(prescription("hydrocortisone", 10, "2025-01-01")))) == 1


def test_courses_that_follow_on_one_another_make_one_long_use() -> None:
    first = prescription("prednisone", 10, "2025-06-01", days=45, status="completed")
    follows = prescription("prednisone", 5, "2025-07-16", days=45, status="completed")
    late = prescription("prednisone", 5, "2025-07-17", days=45, status="completed")
    assert len(long_term_steroids(chart(first, follows))) == 2
    assert long_term_steroids(chart(first, late)) == ()


def test_a_long_use_may_hold_a_shorter_one_and_follow_an_older_one() -> None:
    older = prescription("prednisone", 10, "2024-06-01", days=10, status="completed")
    long = prescription("dexamethasone", 4, "2025-06-01", days=60, status="completed")
    short = prescription("prednisone", 5, "2025-06-05", days=5, status="completed")
    last = prescription("methylprednisolone", 8, "2025-07-31", days=30, status="completed")
    found = {f.reference for f in long_term_steroids(chart(older, long, short, last))}
    assert found == {long.reference, short.reference, last.reference}


def test_lasting_use_of_an_unknown_dose_counts_as_long() -> None:
    assert len(long_term_steroids(chart(prescription("prednisone", None, "2025-01-01")))) == 1


def test_coded_long_term_use_counts_without_a_prescription() -> None:
    concepts = TERMINOLOGY.concepts([("http://hl7.org/fhir/sid/icd-10-cm", "Z79.52")], None)
    coded = Condition(
        reference="Condition/1", text="Long term use of systemic steroids", concepts=concepts, clinical="active"
    )
    assert [f.reference for f in long_term_steroids(chart(conditions=(coded,)))] == ["Condition/1"]
    prescribed = prescription("prednisone", 5, "2025-01-01")
    assert len(long_term_steroids(chart(prescribed, conditions=(coded,)))) == 2


def test_use_that_ended_more_than_24_months_ago_is_not_counted() -> None:
    last = TODAY - timedelta(days=732)
    old = prescription("prednisone", 10, "2023-01-01", until=last.isoformat(), status="completed")
    newer = prescription(
        "prednisone", 10, "2023-01-01", until=(last + timedelta(days=1)).isoformat(), status="completed"
    )
    assert long_term_steroids(chart(old)) == ()
    assert len(long_term_steroids(chart(newer))) == 1


def test_a_further_prescription_that_cannot_be_read_is_a_gap_and_another_section_is_none() -> None:
    pain = "condition: buttock pain [sct 279043006] from 2025-12-01"
    known, odd = "med: prednisone [rx 8640] 5 mg daily from 2025-12-01", "med: {} 5 mg daily from 2025-06-01 unreadable"
    assert told(pain, known, odd.format("prednisone [rx 8640]")).gaps_of(exposure)[1]
    assert told(pain, known, odd.format("apixaban [rx 1364430]")).gaps_of(exposure)[1] == ()
    assert told(pain, known, without=["observations"]).gaps_of(exposure)[1] == ()
