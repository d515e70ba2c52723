"""What a drafted order is taken for, and what is left alone."""

from __future__ import annotations

import pytest

from cards.codings import CPT, LOINC, SNOMED
from cards.facts.drafts import imaging_of, procedure_of
from cards.record import Order
from cards.side import Side
from cards.valueset import TERMINOLOGY

HIP = "29836001"
BUTTOCK = "46862004"


def order(
    text: str | None,
    *codings: tuple[str, str],
    site: str | None = None,
    reason: str | None = None,
    side: Side = Side.UNKNOWN,
) -> Order:
    return Order(
        reference="ServiceRequest/1",
        text=text or (codings[0][1] if codings else "order"),
        concepts=TERMINOLOGY.concepts(codings, text),
        side=side,
        status="draft",
        sites=TERMINOLOGY.concepts([(SNOMED, site)], None) if site else None,
        reasons=TERMINOLOGY.concepts([], reason) if reason else None,
    )


@pytest.mark.parametrize(
    ("draft", "modality", "regions", "contrast"),
    [
        (order(None, (LOINC, "30673-8")), "mri", {"pelvis"}, False),
        (order(None, (CPT, "72195")), "mri", {"pelvis"}, False),
        (order(None, (CPT, "72197")), "mri", {"pelvis"}, True),
        (order(None, (CPT, "72148")), "mri", {"lumbar"}, False),
        (order(None, (CPT, "72158")), "mri", {"lumbar"}, True),
        (order("MRI left hip without contrast", (LOINC, "36488-5")), "mri", {"hip"}, False),
        (order("MRI pelvis and hip", (LOINC, "30671-2")), "mri", {"pelvis", "hip"}, False),
        (order(None, (CPT, "73721"), site=HIP), "mri", {"hip"}, False),
        (order(None, (CPT, "73721"), reason="left buttock pain"), "mri", {"hip"}, False),
        (order(None, (LOINC, "36120-4")), "mri", {"hip"}, True),
        (order(None, (LOINC, "28561-9")), "xr", {"pelvis"}, False),
        (order("Plain film of the pelvis"), "xr", {"pelvis"}, False),
        (order("CT pelvis with contrast"), "ct", {"pelvis"}, True),
        (order("CT lumbar spine w/o"), "ct", {"lumbar"}, False),
        (order("MR of both hips, no contrast"), "mri", {"hip"}, False),
        (order("MRI without contrast", site=HIP), "mri", {"hip", "pelvis"}, False),
        (order("MRI sacroiliac joints"), "mri", {"sacroiliac"}, False),
        (order("MR neurography"), "mri", {"plexus"}, False),
        (order(None, (LOINC, "24760-1")), "us", {"hip"}, False),
        (order("bone scan"), "nm", {"body"}, False),
    ],
)
def test_a_study_is_known_by_code_site_reason_or_words(
    draft: Order, modality: str, regions: set[str], contrast: bool
) -> None:
    found = imaging_of(draft)
    assert found is not None
    assert (found.modality, set(found.regions), found.contrast) == (modality, regions, contrast)


@pytest.mark.parametrize(
    "draft",
    [
        order(None),
        order(None, ("", "")),
        order(None, (CPT, "73721")),
        order("MRI knee", (CPT, "73721"), reason="left buttock pain"),
        order("MRI brain"),
        order("MRI"),
        order("Physiotherapy", (SNOMED, "308447003")),
        order("CT-guided hip injection"),
        order("Ultrasound-guided aspiration of the hip"),
    ],
)
def test_an_order_that_is_no_study_of_ours_is_never_guessed_at(draft: Order) -> None:
    assert imaging_of(draft) is None


def test_hip_and_pelvis_show_each_other() -> None:
    found = imaging_of(order(None, (LOINC, "30673-8")))
    assert found is not None
    assert found.shown_regions == {"hip", "pelvis"}


@pytest.mark.parametrize(
    ("draft", "kind", "target", "steroid", "x_ray"),
    [
        (
            order(
                "Ultrasound-guided therapeutic piriformis injection, corticosteroid and local anaesthetic",
                (SNOMED, "61593002"),
                site=BUTTOCK,
            ),
            "injection",
            "deep-gluteal",
            True,
            False,
        ),
        (order(None, (SNOMED, "61593002"), site=BUTTOCK), "injection", "deep-gluteal", False, False),
        (order("Fluoroscopy-guided SI joint injection, steroid"), "injection", "sacroiliac", True, True),
        (order("hip injection without steroid"), "injection", "hip", False, False),
        (order("diagnostic block, piriformis"), "block", "deep-gluteal", False, False),
        (order("radiofrequency ablation of the buttock"), "radiofrequency", "deep-gluteal", False, False),
        (order("spinal cord stimulation trial"), "neurostimulation", "unknown", False, False),
        (order("endoscopic neurolysis of the sciatic nerve"), "surgery", "unknown", False, False),
        (order("steroid injection at the hamstring origin"), "injection", "tendon", True, False),
    ],
)
def test_a_procedure_is_known_with_its_target_drug_and_guidance(
    draft: Order, kind: str, target: str, steroid: bool, x_ray: bool
) -> None:
    found = procedure_of(draft)
    assert found is not None
    assert (found.kind, found.target, found.steroid, found.x_ray) == (kind, target, steroid, x_ray)


@pytest.mark.parametrize(
    "draft",
    [
        order(None),
        order("MRI pelvis"),
        order("injection of the right knee"),
        order("influenza vaccine injection"),
        order("Ultrasonic guidance procedure", (SNOMED, "61593002")),
    ],
)
def test_a_procedure_for_something_else_is_left_alone(draft: Order) -> None:
    assert procedure_of(draft) is None
