"""What a drafted order is taken for, and what is left alone."""

from __future__ import annotations

import pytest

from cards.codings import CPT, LOINC, SNOMED
from cards.facts.drafts import (
    all_imaging_drafts,
    electrodiagnostic_drafts,
    imaging_drafts,
    imaging_of,
    medicine_drafts,
    other_imaging_drafts,
    procedure_drafts,
    procedure_of,
)
from cards.immutable import replace
from cards.record import Order
from cards.side import Side
from cards.valueset import TERMINOLOGY, value_set
from tests.cards.charts import chart, medicine

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


def plain(text: str, *concepts: str, site: str | None = None, **members: object) -> Order:
    """An order of these words and value sets, nothing read out of the words."""
    given = {"reference": "ServiceRequest/1", "text": text, "status": "draft"}
    said = {"concepts": dict.fromkeys(concepts, "exact"), "sites": {site: "exact"} if site else None}
    return Order(**given | said | members)  # type: ignore[arg-type]


def study_of(draft: Order) -> tuple[str, set[str]] | None:
    found = imaging_of(draft)
    return (found.modality, set(found.regions)) if found else None


@pytest.mark.parametrize(
    ("words", "modality"),
    [
        *((words, "mri") for words in ("MRI", "MR", "MRA", "magnetic resonance")),
        *((words, "ct") for words in ("CT", "computed tomography")),
        *((words, "xr") for words in ("XR", "X-ray", "xrays", "radiograph", "plain film")),
        *((words, "us") for words in ("US", "ultrasound", "sonography")),
    ],
)
def test_words_alone_tell_the_modality(words: str, modality: str) -> None:
    assert study_of(plain(f"{words} of the pelvis")) == (modality, {"pelvis"})


@pytest.mark.parametrize(
    ("words", "region"),
    [
        *((words, "plexus") for words in ("lumbosacral plexus", "neurography", "sciatic nerve")),
        *((words, "lumbar") for words in ("lumbar spine", "lumbosacral spine", "L-spine", "L/S spine")),
        *((words, "sacroiliac") for words in ("sacroiliac joints", "SI joint", "SIJ", "sacrum")),
        *((words, "thigh") for words in ("thigh", "hamstrings", "femur")),
        *((words, "pelvis") for words in ("pelvis", "buttock", "gluteal region")),
        *((words, "hip") for words in ("hip", "hips")),
    ],
)
def test_words_alone_tell_the_region(words: str, region: str) -> None:
    assert study_of(plain(f"MRI {words}")) == ("mri", {region})
    assert study_of(plain(words)) is None


@pytest.mark.parametrize(("concept", "modality"), [("img-any-mri", "mri"), ("img-any-ct", "ct"), ("img-any-xr", "xr")])
def test_a_code_for_a_modality_goes_with_the_words_for_the_region(concept: str, modality: str) -> None:
    assert study_of(plain("study of the pelvis", concept)) == (modality, {"pelvis"})
    assert study_of(plain("US of the pelvis", concept)) == (modality, {"pelvis"})


@pytest.mark.parametrize(
    ("site", "regions"),
    [("hip-site", {"hip", "pelvis"}), ("posterior-site", {"hip", "pelvis"}), ("thigh-site", {"thigh"})],
)
def test_the_body_site_tells_the_region_where_no_word_does(site: str, regions: set[str]) -> None:
    assert study_of(plain("MRI", site=site)) == ("mri", regions)
    assert study_of(plain("MRI knee", site=site)) is None
    assert study_of(plain("MRI", reasons={"buttock-pain": "text"})) is None


@pytest.mark.parametrize(
    "reason", ["buttock-pain", "hip-pain-unspecified", "groin-pain", "lateral-hip-pain", "hip-osteoarthritis"]
)
def test_a_code_for_any_joint_of_the_leg_is_of_the_hip_by_its_reason(reason: str) -> None:
    leg = {"concepts": {"img-mri-hip": "broad", "img-mri-thigh": "broad"}}
    assert study_of(plain("order", reasons={reason: "text"}, **leg)) == ("mri", {"hip"})
    assert study_of(plain("order", reasons={"numbness": "text"}, **leg)) is None
    assert study_of(plain("order", site="thigh-site", **leg)) == ("mri", {"thigh"})


def test_of_two_coded_modalities_the_first_is_meant_with_its_regions() -> None:
    assert study_of(plain("order", "img-xr-hip", "img-mri-lumbar")) == ("xr", {"hip"})


def test_a_code_for_the_pelvis_and_words_for_the_hip_show_both_and_the_spine_only_itself() -> None:
    assert study_of(plain("MRI pelvis and hip, sacrum too", "img-mri-pelvis")) == ("mri", {"hip", "pelvis"})
    assert study_of(plain("MRI lumbar spine and pelvis", "img-mri-lumbar")) == ("mri", {"lumbar"})
    hip = imaging_of(plain("order", "img-mri-hip"))
    assert hip is not None
    assert hip.shown_regions == {"hip", "pelvis"}


@pytest.mark.parametrize("concept", ["img-mri-with-gadolinium", "img-ct-with-contrast", "img-with-contrast-text"])
def test_contrast_is_told_by_code_or_words(concept: str) -> None:
    found = imaging_of(plain("MRI pelvis", "img-mri-pelvis", concept))
    assert found is not None
    assert found.contrast


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("MRI brain", True),
        ("CT of the chest", True),
        ("MRI cervical and lumbar spine", False),
        ("CT chest and pelvis", False),
        ("X-ray of the knee", False),
        ("CT-guided lung biopsy", False),
        ("PET-CT of the head", False),
        ("MRI", False),
    ],
)
def test_mri_or_ct_of_a_part_that_is_not_judged_is_known_as_such(text: str, other: bool) -> None:
    assert bool(other_imaging_drafts(chart(drafts=[plain(text)]))) is other
    assert not other_imaging_drafts(chart(drafts=[plain(text, selected=False)]))


def test_a_study_of_the_hip_by_its_code_is_no_study_of_another_part() -> None:
    assert not other_imaging_drafts(chart(drafts=[plain("MRI left foot and more", "img-mri-hip")]))


def test_only_what_the_hook_asks_about_is_judged_and_only_orders() -> None:
    study, needle = plain("MRI pelvis"), plain("hip injection")
    nerves = plain("EMG", "proc-electrodiagnostics")
    drugs = [
        medicine("proc-electrodiagnostics", status="draft", text=text, ref=f"MedicationRequest/{text}")
        for text in ("MRI pelvis", "hip injection", "CT brain")
    ]
    told = chart(drafts=[study, needle, nerves, *drugs])
    assert [d.order for d in imaging_drafts(told)] == [study]
    assert [d.order for d in all_imaging_drafts(told)] == [study]
    assert [d.order for d in procedure_drafts(told)] == [needle]
    assert electrodiagnostic_drafts(told) == (nerves,)
    assert not other_imaging_drafts(told)
    background = chart(drafts=[replace(one, selected=False) for one in (study, needle, nerves)])
    assert not imaging_drafts(background)
    assert all_imaging_drafts(background)
    assert not procedure_drafts(background)
    assert not electrodiagnostic_drafts(background)


def test_drafted_medicines_are_those_of_the_kinds_that_the_hook_asks_about() -> None:
    kinds = (value_set("med-nsaid"), value_set("med-opioid"))
    nsaid, other = medicine("med-nsaid", status="draft"), medicine("med-statin", status="draft")
    order_of_one = plain("order", "med-nsaid")
    assert medicine_drafts(chart(drafts=[nsaid, other, order_of_one]), *kinds) == (nsaid,)
    background = replace(nsaid, selected=False)
    assert not medicine_drafts(chart(drafts=[background]), *kinds)
    assert medicine_drafts(chart(drafts=[background]), *kinds, selected=False) == (background,)


@pytest.mark.parametrize(
    ("draft", "kind", "target"),
    [
        (plain("order", "proc-piriformis-injection"), "injection", "deep-gluteal"),
        (plain("order", concepts={"proc-piriformis-injection": "text"}), "injection", "deep-gluteal"),
        (plain("order", "proc-hip-injection"), "injection", "hip"),
        (plain("order", "proc-si-joint-injection"), "injection", "sacroiliac"),
        (plain("order", "proc-steroid-injection"), "injection", "unknown"),
        (plain("order", "proc-us-guided-injection"), "injection", "unknown"),
        (plain("order", "proc-diagnostic-block"), "block", "unknown"),
        (plain("order", "proc-radiofrequency"), "radiofrequency", "unknown"),
        (plain("order", "proc-neurostimulation"), "neurostimulation", "unknown"),
        (plain("order", "proc-neurolysis"), "surgery", "unknown"),
        (plain("order", "proc-hip-pelvic-surgery"), "surgery", "unknown"),
        (plain("injection", site="hip-site"), "injection", "hip"),
        (plain("injection", site="posterior-site"), "injection", "deep-gluteal"),
        (plain("sacroiliac injection"), "injection", "sacroiliac"),
        (plain("ischial injection"), "injection", "tendon"),
        (plain("piriformis injection"), "injection", "deep-gluteal"),
        (plain("gluteal injection"), "injection", "deep-gluteal"),
        (plain("injection into the buttock"), "injection", "deep-gluteal"),
        (plain("hip infiltration"), "injection", "hip"),
        (plain("diagnostic block of the hip"), "block", "hip"),
        (plain("epidural injection"), "injection", "spine"),
        (plain("lumbar facet block"), "injection", "spine"),
    ],
)
def test_a_code_or_words_alone_tell_the_procedure_and_its_target(draft: Order, kind: str, target: str) -> None:
    found = procedure_of(draft)
    assert found is not None
    assert (found.kind, found.target) == (kind, target)


@pytest.mark.parametrize("concept", ["proc-piriformis-injection", "proc-us-guided-injection", "proc-diagnostic-block"])
def test_a_code_for_a_needle_anywhere_counts_only_with_a_place_of_ours(concept: str) -> None:
    def needle(text: str) -> Order:
        return plain(text, concepts={concept: "broad"})

    assert procedure_of(needle("order")) is None
    found = procedure_of(needle("of the hip"))
    assert found is not None
    assert found.kind == "injection"
    assert procedure_of(plain("of the hip")) is None


@pytest.mark.parametrize("concept", ["proc-steroid-injection", "med-corticosteroid"])
def test_steroid_is_told_by_either_code_unless_the_words_deny_it(concept: str) -> None:
    found = procedure_of(plain("hip injection", concept))
    assert found is not None
    assert found.steroid
    denied = procedure_of(plain("hip injection without steroid", concept))
    assert denied is not None
    assert not denied.steroid
