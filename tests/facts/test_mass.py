"""What makes a lump suspicious, and which lump and which report count."""

from __future__ import annotations

import pytest

from cards.facts.mass import IMAGED, suspicious_lump
from cards.quantity import Quantity
from cards.record import Report
from cards.valueset import Strength
from tests.cards.charts import chart
from tests.facts.told import told

PAIN = "condition: left buttock pain [sct 279043006] from 2025-11-20 left"
LARGE = Quantity.of(5, "cm")


def suspicious(*facts: str, pain: str = PAIN) -> set[str]:
    return set(suspicious_lump(told(pain, *facts), LARGE))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (["exam: gluteal-mass-size = 6 cm on 2026-01-10"], {"6 cm"}),
        (["exam: gluteal-mass-size = 6 cm on 2026-01-10 right"], set()),
        (["exam: gluteal-mass-growing-or-deep = true on 2026-01-10 left"], {"growing or deep"}),
        (["exam: gluteal-mass-growing-or-deep = true on 2026-01-10 right"], set()),
        (["condition: lump in left buttock [icd R22.42] from 2025-12 left"], {"size not recorded"}),
        (["condition: painful lump in left buttock from 2025-12 left"], {"painful", "size not recorded"}),
        (["condition: pelvic mass from 2025-12"], {"size not recorded"}),
        (["condition: lump in right buttock [icd R22.41] from 2025-12 right"], set()),
        (
            [
                "condition: painful lump in left buttock from 2025-12",
                "exam: gluteal-mass-size = 3 cm on 2026-01-10 left",
            ],
            {"painful"},
        ),
    ],
)
def test_a_lump_of_the_painful_side_by_size_growth_depth_and_pain(facts: list[str], words: set[str]) -> None:
    assert suspicious(*facts) == words


@pytest.mark.parametrize(
    "study",
    ["MRI pelvis [loinc 30673-8]", "CT pelvis [cpt 72192]", "XR pelvis [loinc 28561-9]", "ultrasound hip"],
)
def test_a_report_of_any_study_since_the_pain_began_that_names_a_mass(study: str) -> None:
    assert suspicious(f'report: {study} on 2025-11-20 abnormal "Indeterminate soft tissue mass."') == {IMAGED}
    assert suspicious(f'report: {study} on 2025-11-20 abnormal "Bursitis."') == set()


@pytest.mark.parametrize(
    ("report", "pain", "counts"),
    [
        ("on 2025-11-19 abnormal", PAIN, False),
        ("on 2025-12-01 abnormal right", PAIN, False),
        ("on 2025-12-01 abnormal right", "condition: buttock pain [sct 279043006] from 2025-11-20", True),
        ("on 2019-12-01 abnormal", "condition: left buttock pain [sct 279043006] undated", True),
    ],
)
def test_a_report_of_the_other_side_or_of_before_does_not_count(report: str, pain: str, counts: bool) -> None:
    found = suspicious(f'report: MRI hip [loinc 36488-5] {report} "Soft tissue mass."', pain=pain)
    assert found == ({IMAGED} if counts else set())


@pytest.mark.parametrize(("strength", "counts"), [("exact", True), ("broad", False)])
def test_a_coded_result_counts_without_words_or_a_date(strength: Strength, counts: bool) -> None:
    coded = Report(
        reference="DiagnosticReport/1",
        text="MRI",
        concepts={"img-any-mri": "exact"},
        status="final",
        results={"soft-tissue-mass": strength},
    )
    assert (IMAGED in suspicious_lump(chart(coded, posterior=True), LARGE)) is counts


def test_where_problems_were_not_supplied_no_lump_is_no_certainty() -> None:
    found, gaps = told('encounter: 2026-01-10 reason "left buttock pain"', without=["conditions"]).gaps_of(
        lambda chart: suspicious_lump(chart, LARGE)
    )
    assert found == {}
    assert "conditions" in {gap.section for gap in gaps}


def test_a_further_report_that_cannot_be_read_is_a_gap_and_another_section_is_none() -> None:
    def gaps(*facts: str, without: tuple[str, ...] = ()) -> set[str]:
        known = 'report: MRI pelvis [loinc 30673-8] on 2026-01-02 abnormal "No soft tissue mass."'
        asked = told(PAIN, known, *facts, without=without)
        return {str(g) for g in asked.gaps_of(lambda c: suspicious_lump(c, LARGE))[1]}

    odd = "report: {} on 2026-01-05 unreadable"
    for study in ("MRI pelvis [loinc 30673-8]", "CT pelvis [loinc 24865-8]", "XR pelvis [loinc 28561-9]"):
        assert gaps(odd.format(study))
    assert gaps(odd.format("Lipid panel [loinc 57698-3]")) == set()
    assert gaps(without=("procedures",)) == set()


@pytest.mark.parametrize(
    ("conclusion", "quoted"),
    [
        ("Soft tissue mass.", "MRI pelvis: Soft tissue mass"),
        ("No effusion; soft tissue mass. Bone normal", "MRI pelvis: soft tissue mass"),
        (f"{'Normal joint. ' * 40}Soft tissue mass", "MRI pelvis: Soft tissue mass"),
    ],
)
def test_of_a_report_the_sentence_that_names_the_mass_is_quoted(conclusion: str, quoted: str) -> None:
    report = f'report: MRI pelvis [loinc 30673-8] on 2025-12-01 abnormal "{conclusion}"'
    assert suspicious_lump(told(PAIN, report), LARGE)[IMAGED].label == quoted
