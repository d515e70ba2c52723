"""Words that clinicians and order sets write find their value set, and lookalikes do not."""

from __future__ import annotations

import pytest

from cards.valueset import TERMINOLOGY


def named(text: str) -> set[str]:
    """The value sets that the words alone belong to."""
    return set(TERMINOLOGY.concepts([], text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Right deep buttock pain", "buttock-pain"),
        ("Buttock and hip pain", "buttock-pain"),
        ("Constant pain in the left buttock", "posterior-hip-pain"),
        ("left groin pain, anterior only", "groin-pain"),
        ("Bilateral buttock and leg pain", "bilateral-sciatica"),
        ("Saddle anesthesia since Tuesday", "saddle-anaesthesia"),
        ("Unable to weight-bear", "unable-to-bear-weight"),
        ("IV drug user", "injecting-drug-use"),
        ("MRI left hip without contrast", "img-mri-hip"),
        ("MRI of the right hip", "img-mri-hip"),
        ("MR pelvis WO contrast", "img-mri-pelvis"),
        ("X-ray pelvis", "img-xr-pelvis"),
        ("XR hip 2 views right", "img-xr-hip"),
        ("MRI lumbar spine with and without contrast", "img-mri-with-gadolinium"),
        ("Ultrasound-guided therapeutic piriformis injection", "proc-piriformis-injection"),
        ("Apixaban 5 MG Oral Tablet [Eliquis]", "med-anticoagulant"),
        ("Advil 200 mg", "med-nsaid"),
        ("semaglutide 1 mg/dose pen", "med-glp1-agonist"),
        ("Physiotherapy session", "proc-physical-therapy"),
        ("Postmenopausal", "menopause-or-hysterectomy"),
        ("Crohn's disease", "ibd"),
        ("Gadolinium-based contrast", "contrast-allergy-gadolinium"),
        ("Prostate ca", "active-cancer"),
        ("Carcinoma of the breast", "active-cancer"),
        ("Previous lymphoma 1998", "history-of-cancer"),
        ("Hx of colorectal cancer", "history-of-cancer"),
        ("Current every day smoker", "smoking"),
        ("Piriformis injection with triamcinolone", "proc-steroid-injection"),
        ("Fracture of left hip", "hip-pelvis-fracture"),
        ("NOF fracture", "hip-pelvis-fracture"),
        ("Swollen left leg", "leg-swelling"),
        ("Avascular necrosis of left femoral head", "avascular-necrosis"),
        ("L5 radiculopathy", "lumbar-radiculopathy"),
        ("Injecting heroin", "injecting-drug-use"),
    ],
)
def test_words_find_their_set(text: str, name: str) -> None:
    assert name in named(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pressure ulcer of buttock", "buttock-pain"),
        ("Painless limp", "pain-words"),
        ("No saddle anaesthesia", "saddle-anaesthesia"),
        ("Bilateral buttock pain", "bilateral-sciatica"),
        ("Bilateral buttock pain", "bilateral-leg-symptoms"),
        ("Hearing aids", "hiv"),
        ("Non-smoker", "smoking"),
        ("Ex-smoker", "smoking"),
        ("Athlete's foot", "athlete-or-recruit"),
        ("Family history of breast cancer", "active-cancer"),
        ("MRI lumbar spine without contrast", "img-mri-with-gadolinium"),
        ("MRI lumbar spine without contrast", "img-mri-pelvis"),
        ("Shellfish", "contrast-allergy"),
        ("Iodine", "contrast-allergy"),
        ("Collapse of the femoral head", "syncope"),
        ("Not pregnant", "pregnancy"),
        ("Sickle cell trait", "sickle-cell"),
        ("Transcutaneous electrical nerve stimulation", "neurostimulator"),
    ],
)
def test_a_lookalike_does_not(text: str, name: str) -> None:
    assert name in TERMINOLOGY.value_sets
    assert name not in named(text)
