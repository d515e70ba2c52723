"""Imaging that was done, ordered or drafted: of which region, how, when, and with what result."""

from __future__ import annotations

from datetime import date

import pytest

from cards.facts.drafts import imaging_of
from cards.facts.imaging import CROSS_SECTIONAL_HIP_PELVIS, MRI_HIP, MRI_PELVIS, ordered, studies, told
from cards.record import Order, Procedure, Report
from tests.cards.charts import chart, day

PELVIS = {"img-mri-pelvis": "exact"}


def report(concept: str = "img-mri-pelvis", at: str | None = "2026-01-10", **members: object) -> Report:
    given = {"reference": f"DiagnosticReport/{concept}-{at}", "text": "MRI pelvis", "status": "final", "results": {}}
    return Report(**given | {"concepts": {concept: "exact"}, "when": day(at)} | members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("concept", "modality", "region"),
    [
        ("img-xr-hip", "xr", "hip"),
        ("img-xr-pelvis", "xr", "pelvis"),
        ("img-xr-si", "xr", "sacroiliac"),
        ("img-xr-lumbar", "xr", "lumbar"),
        ("img-mri-hip", "mri", "hip"),
        ("img-mri-pelvis", "mri", "pelvis"),
        ("img-mri-sacroiliac", "mri", "sacroiliac"),
        ("img-mri-lumbar", "mri", "lumbar"),
        ("img-mri-thigh", "mri", "thigh"),
        ("img-mr-neurography", "mri", "plexus"),
        ("img-ct-hip-pelvis", "ct", "pelvis"),
        ("img-ct-lumbar", "ct", "lumbar"),
        ("img-us-hip-gluteal", "us", "hip"),
        ("img-bone-scan", "nm", "body"),
        ("img-dxa", "dxa", "body"),
    ],
)
def test_a_code_without_words_tells_modality_and_region(concept: str, modality: str, region: str) -> None:
    draft = imaging_of(Order(reference="ServiceRequest/1", text="order", concepts={concept: "exact"}, status="draft"))
    assert draft is not None
    assert (draft.modality, draft.regions) == (modality, {region})


@pytest.mark.parametrize("concept", ["img-mri-hip", "img-mri-pelvis", "img-mri-sacroiliac", "img-ct-hip-pelvis"])
def test_these_show_a_hidden_fracture_of_hip_or_pelvis(concept: str) -> None:
    assert studies(chart(report(concept)), *CROSS_SECTIONAL_HIP_PELVIS)


def test_reports_and_procedures_come_newest_first_and_only_a_report_has_a_result() -> None:
    done = Procedure(
        reference="Procedure/1", text="MRI pelvis", concepts=PELVIS, when=day("2025-12-01"), status="completed"
    )
    found = studies(chart(report(at="2025-11-01"), done, report(at="2026-01-10")), MRI_PELVIS)
    assert [s.day for s in found] == [date(2026, 1, 10), date(2025, 12, 1), date(2025, 11, 1)]
    assert [s.reported for s in found] == [True, False, True]
    assert not any(s.normal for s in found)


def test_a_code_for_any_joint_of_the_leg_is_no_study_of_the_hip() -> None:
    found = report(concepts={"img-mri-pelvis": "exact", "img-mri-hip": "broad"})
    assert not studies(chart(found), MRI_HIP)
    (study,) = studies(chart(found), MRI_PELVIS)
    assert study.sets == {"img-mri-pelvis"}


def test_what_has_no_date_is_not_known_to_be_since_a_day() -> None:
    placed = Order(reference="ServiceRequest/1", text="MRI pelvis", concepts=PELVIS, status="active", intent="order")
    undated = chart(report(at=None), placed)
    assert studies(undated, MRI_PELVIS)
    assert ordered(undated, MRI_PELVIS)
    assert not studies(undated, MRI_PELVIS, since=date(2025, 1, 1))
    assert not ordered(undated, MRI_PELVIS, since=date(2025, 1, 1))


def test_a_card_quotes_the_study_with_the_words_of_its_conclusion() -> None:
    with_words, without = studies(chart(report(conclusion="No fracture. "), report(at="2025-12-01")), MRI_PELVIS)
    assert told(with_words).label == "MRI pelvis: No fracture"
    assert told(without).label == "MRI pelvis"
