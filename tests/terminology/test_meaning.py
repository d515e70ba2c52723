"""Codes that look right and are wrong stay out, and ideas that exclude each other share no code."""

from __future__ import annotations

import functools

import pytest

from cards.valueset import TERMINOLOGY
from tests.terminology.contents import CPT, ICD10CM, RXNORM, SNOMED, Entry, entries, leaves


@functools.cache
def sets_of(system: str, code: str) -> frozenset[str]:
    """The value sets that one code alone belongs to."""
    return frozenset(TERMINOLOGY.concepts([(system, code)], None))


@functools.cache
def codes_by_set() -> dict[str, frozenset[tuple[str, str]]]:
    """What the matcher accepts for each set, among all codes that any set names or a category holds."""
    asked = {(e.system, code) for e in entries() for code in _spelled_out(e)}
    found: dict[str, set[tuple[str, str]]] = {}
    for system, code in asked:
        for name in sets_of(system, code):
            found.setdefault(name, set()).add((system, code))
    return {name: frozenset(codes) for name, codes in found.items()}


def _spelled_out(entry: Entry) -> tuple[str, ...]:
    return (entry.code, *leaves(entry.code)) if entry.prefix else (entry.code,)


@pytest.mark.parametrize(
    ("name", "system", "code", "because"),
    [
        ("bone-metastasis", SNOMED, "314990009", "spread from a bone tumour, not to bone"),
        ("bone-metastasis", ICD10CM, "C79.9", "spread to a place not said"),
        ("active-cancer", ICD10CM, "C44.91", "basal cell carcinoma of skin"),
        ("active-cancer", ICD10CM, "D47.2", "a paraprotein is no cancer"),
        ("active-cancer", ICD10CM, "Z85.3", "history"),
        ("active-cancer", ICD10CM, "Z80.3", "another member of the family"),
        ("history-of-cancer", ICD10CM, "Z80.3", "another member of the family"),
        ("history-of-cancer", ICD10CM, "Z85.828", "skin cancer other than melanoma"),
        ("history-of-cancer", ICD10CM, "Z92.3", "irradiation as such"),
        ("sickle-cell", ICD10CM, "D57.3", "trait"),
        ("sickle-cell", SNOMED, "16402000", "trait"),
        ("urinary-retention", ICD10CM, "R33.0", "a drug explains it"),
        ("long-term-steroids", ICD10CM, "Z79.51", "inhaled"),
        ("cauda-equina-syndrome", SNOMED, "71286001", "the cord, not the cauda"),
        ("cauda-equina-syndrome", ICD10CM, "G95.29", "the cord, not the cauda"),
        ("osteoporosis", SNOMED, "312894000", "osteopenia"),
        ("deep-gluteal-syndrome", SNOMED, "247390002", "palsy"),
        ("fragility-fracture-history", ICD10CM, "Z87.81", "traumatic"),
        ("acute-hip-pelvis-fracture", ICD10CM, "S72.001S", "sequela"),
        ("acute-hip-pelvis-fracture", ICD10CM, "S72.001D", "healing"),
        ("acute-hip-pelvis-fracture", ICD10CM, "S32.010A", "lumbar vertebra"),
        ("low-energy-fall", ICD10CM, "W01.0XXD", "follow-up"),
        ("pregnancy", ICD10CM, "O99.893", "puerperium"),
        ("pregnancy", ICD10CM, "O80", "delivered"),
        ("pregnancy", ICD10CM, "O03.9", "abortion"),
        ("organ-transplant", ICD10CM, "Z94.7", "cornea"),
        ("menopause-or-hysterectomy", ICD10CM, "Z90.712", "the womb is still there"),
        ("bleeding-disorder", ICD10CM, "D68.51", "clots"),
        ("peptic-ulcer", ICD10CM, "Z87.11", "history"),
        ("smoking", ICD10CM, "F17.211", "in remission"),
        ("alcohol-dependence", ICD10CM, "F10.21", "in remission"),
        ("hiv", ICD10CM, "R75", "inconclusive"),
        ("aaa-unrepaired", ICD10CM, "I71.30", "ruptured"),
        ("injecting-drug-use", ICD10CM, "F11.20", "the route is not said"),
        ("nsaid-intolerance", ICD10CM, "J45.909", "asthma alone"),
        ("med-nsaid", RXNORM, "1191", "aspirin is judged by dose"),
    ],
)
def test_a_trap_stays_out(name: str, system: str, code: str, because: str) -> None:
    assert name not in sets_of(system, code), because


@pytest.mark.parametrize(
    ("name", "system", "code"),
    [
        ("bone-metastasis", ICD10CM, "C7951"),
        ("active-cancer", ICD10CM, "C4A.9"),
        ("active-cancer", ICD10CM, "c50.911"),
        ("history-of-cancer", ICD10CM, "Z85.820"),
        ("sickle-cell", ICD10CM, "D57.1"),
        ("urinary-retention", ICD10CM, "R33.9"),
        ("low-back-pain", ICD10CM, "M54.5"),
        ("ckd", ICD10CM, "N18.3"),
        ("aaa-unrepaired", ICD10CM, "I71.4"),
        ("acute-hip-pelvis-fracture", ICD10CM, "S72.001A"),
        ("acute-hip-pelvis-fracture", ICD10CM, "S72.001C"),
        ("pregnancy", ICD10CM, "O99.891"),
        ("pregnancy", ICD10CM, "Z3A.26"),
        ("high-energy-trauma", ICD10CM, "V43.52XA"),
    ],
)
def test_its_neighbour_stays_in(name: str, system: str, code: str) -> None:
    assert name in sets_of(system, code)


@pytest.mark.parametrize(
    ("text", "codings", "name"),
    [
        ("Cauda equina syndrome", [(SNOMED, "192970008"), (ICD10CM, "G95.29")], "cauda-equina-syndrome"),
        ("Bone metastasis", [(SNOMED, "314990009"), (ICD10CM, "C79.51")], "bone-metastasis"),
        ("Secondary cancer of bone", [(SNOMED, "94222008"), (ICD10CM, "C79.9")], "bone-metastasis"),
    ],
)
def test_a_wrong_coding_beside_a_right_one_does_not_hide_a_red_flag(
    text: str, codings: list[tuple[str, str]], name: str
) -> None:
    assert TERMINOLOGY.concepts(codings, text)[name] == "exact"


_EXCLUSIVE = (
    ("posterior-hip-pain", "hip-pain-nonposterior"),
    ("buttock-pain", "hip-pain-unspecified", "groin-pain", "lateral-hip-pain", "thigh-pain", "knee-pain"),
    ("posterior-site", "groin-site", "lateral-site", "hip-site", "thigh-site", "perineal-site"),
    ("side-right", "side-left", "side-both"),
    ("osteoporosis", "osteopenia"),
    ("low-energy-fall", "high-energy-trauma", "recurrent-falls"),
    ("active-cancer", "history-of-cancer", "monoclonal-gammopathy"),
    ("injecting-drug-use", "opioid-or-stimulant-use-disorder"),
    ("cauda-equina-syndrome", "upper-motor-neuron-myelopathy"),
    ("urinary-retention", "bladder-explanation", "bladder-incontinence"),
    ("pregnancy", "not-pregnant", "pregnancy-ended", "delivery-or-postpartum"),
    ("aaa-unrepaired", "aaa-ruptured", "aaa-repaired", "iliac-artery-aneurysm"),
    ("pad", "acute-limb-ischaemia"),
    ("peptic-ulcer", "peptic-ulcer-history"),
    ("cardiovascular-disease", "hypertension", "heart-failure"),
    ("ckd", "acute-kidney-injury"),
    (
        "pacemaker-icd",
        "neurostimulator",
        "cochlear-implant",
        "insulin-or-drug-pump",
        "metallic-eye-foreign-body",
    ),
    ("contrast-allergy-gadolinium", "contrast-allergy-iodinated", "contrast-allergy-unspecified"),
    ("med-nsaid", "med-aspirin", "med-anticoagulant", "med-corticosteroid", "med-opioid", "med-paracetamol"),
    ("img-xr-pelvis", "img-xr-hip", "img-xr-si", "img-xr-lumbar", "img-ct-hip-pelvis", "img-us-hip-gluteal"),
    (
        "img-mri-pelvis",
        "img-mri-hip",
        "img-mri-lumbar",
        "img-mri-sacroiliac",
        "img-mr-neurography",
        "img-mri-thigh",
    ),
    ("img-any-xr", "img-any-ct", "img-any-mri", "img-bone-scan", "img-dxa"),
    ("proc-physical-therapy", "home-exercise", "referral-physical-therapy"),
)
_ALLOWED = {
    # no position in the code: broad in both, text decides
    (ICD10CM, "M25.55"), (ICD10CM, "M25.551"), (ICD10CM, "M25.552"), (ICD10CM, "M25.559"),
    (SNOMED, "49218002"), (SNOMED, "299308007"),
    # falls, not said once or often
    (SNOMED, "161898004"),
    # the kidney and the heart in one code
    *((ICD10CM, code) for code in ("I11.0", "I13.0", "I13.2")),
    # neurography is billed as MRI of the pelvis
    (CPT, "72195"),
}  # fmt: skip


@pytest.mark.parametrize("group", _EXCLUSIVE, ids=lambda group: f"{group[0]} and {len(group) - 1} others")
def test_sets_that_exclude_each_other_share_no_code_but_the_allowed(group: tuple[str, ...]) -> None:
    assert set(group) <= set(TERMINOLOGY.value_sets)
    owners: dict[tuple[str, str], list[str]] = {}
    for name in group:
        for coding in codes_by_set().get(name, ()):
            owners.setdefault(coding, []).append(name)
    assert {c: names for c, names in owners.items() if len(names) > 1 and c not in _ALLOWED} == {}


@pytest.mark.parametrize("coding", sorted(_ALLOWED), ids=lambda coding: coding[1])
def test_an_allowed_overlap_still_is_one(coding: tuple[str, str]) -> None:
    shared = sets_of(*coding)
    assert any(len(shared & set(group)) > 1 for group in _EXCLUSIVE)
