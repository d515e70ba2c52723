"""What bears on the safety of a study: which studies are meant, pregnancy, kidneys and reactions to contrast."""

from __future__ import annotations

import pytest

from cards.appropriateness import Modality, Region
from cards.card import Suggestion
from cards.facts.imaging_risks import (
    Planned,
    device,
    gadolinium,
    iodinated,
    planned_studies,
    pregnancy_not_asked,
    radiation_in_pregnancy,
)
from cards.facts.reasons import Reason
from cards.finding import Finding
from cards.orderables import MRI_LUMBAR, MRI_PELVIS, XR_PELVIS
from cards.quantity import Quantity
from cards.record import Allergy, Observation, Order, Patient, Record
from cards.rule import Advise
from cards.suggest import suggest
from cards.when import When
from tests.cards.charts import answer, chart, condition, day, medicine

PREGNANT = condition("pregnancy", "2026-01-02")


def planned(modality: Modality, *regions: Region, contrast: bool = False, reference: str = "order") -> Planned:
    return Planned("study", modality, frozenset(regions or {"pelvis"}), contrast, reference, False)


def drafted(concept: str) -> Order:
    return Order(reference="ServiceRequest/1", text="order", concepts={concept: "exact"}, status="draft")


def studies(*suggestions: Suggestion, indicator: str = "warning", draft: str | None = None) -> list[tuple[str, bool]]:
    """Each planned study: whether it is a draft or suggested, and whether a red flag wants it."""
    told = chart(drafts=[drafted(draft)] if draft else [])
    told.red_flags = {"a-rule": Advise(indicator, "Summary", "do", suggestions=suggestions)}  # type: ignore[arg-type]
    return [("draft" if p.reference else p.name, p.flagged) for p in planned_studies(told)]


def test_a_study_that_a_red_flag_suggests_is_planned_unless_it_is_drafted() -> None:
    mri, film = suggest(MRI_PELVIS), suggest(XR_PELVIS)
    assert studies(mri) == [(MRI_PELVIS.text, True)]
    assert studies(mri, draft="img-mri-hip") == [("draft", True)]
    assert studies(mri, draft="img-mri-lumbar") == [("draft", False), (MRI_PELVIS.text, True)]
    assert studies(mri, draft="img-xr-pelvis") == [("draft", False), (MRI_PELVIS.text, True)]
    assert studies(film, mri, draft="img-mri-pelvis") == [("draft", True), (XR_PELVIS.text, True)]
    assert studies(suggest(MRI_LUMBAR), draft="img-mri-lumbar", indicator="info") == [("draft", False)]


@pytest.mark.parametrize(("modality", "radiates"), [("xr", 1), ("ct", 1), ("nm", 1), ("dxa", 1), ("mri", 0), ("us", 0)])
def test_radiation_in_pregnancy(modality: Modality, radiates: int) -> None:
    assert bool(radiation_in_pregnancy(chart(PREGNANT), planned(modality))) is bool(radiates)
    assert radiation_in_pregnancy(chart(), planned(modality)) is None


def test_it_is_a_warning_for_a_draft_and_a_note_for_our_own_urgent_suggestion() -> None:
    weeks = answer("gestational-age", Quantity.of(20, "wk"), "2026-01-15")
    draft = radiation_in_pregnancy(chart(PREGNANT, weeks), planned("xr"))
    ours = radiation_in_pregnancy(chart(PREGNANT), planned("xr", reference=""))
    assert draft is not None
    assert ours is not None
    assert (draft.indicator, draft.words) == ("warning", "pregnant, week 20")
    assert (ours.indicator, ours.words) == ("info", "pregnant")


def born(text: str | None, sex: str = "female") -> Patient:
    return Patient(id="p", born=When.parse(text) if text else None, sex=sex)


@pytest.mark.parametrize(
    ("study", "asked"),
    [
        (planned("ct", "hip"), True),
        (planned("ct", "pelvis"), True),
        (planned("ct", "sacroiliac"), True),
        (planned("ct", "lumbar"), True),
        (planned("ct", "thigh"), False),
        (planned("xr", "pelvis"), False),
    ],
)
def test_before_ct_of_the_pelvis_pregnancy_is_asked_for(study: Planned, asked: bool) -> None:
    assert bool(pregnancy_not_asked(chart(), study)) is asked


@pytest.mark.parametrize(
    ("patient", "told"),
    [
        (born("1975-01-15"), ()),
        (born(None), ()),
        (born("1990", "male"), ()),
        (born("1990"), (PREGNANT,)),
        (born("1990"), (condition("not-pregnant", "2026-01-01"),)),
        (born("1990"), (condition("menopause-or-hysterectomy", "2020-01-01"),)),
    ],
)
def test_unless_she_cannot_be_pregnant_or_was_asked(patient: Patient, told: tuple[Record, ...]) -> None:
    assert pregnancy_not_asked(chart(*told, patient=patient), planned("ct")) is None


def test_an_answer_of_more_than_two_weeks_ago_is_too_old() -> None:
    old = chart(condition("not-pregnant", "2025-12-31"), patient=born("1975-01-16"))
    assert pregnancy_not_asked(old, planned("ct"))


def reasons(found: tuple[Reason | None, ...]) -> list[tuple[str, str]]:
    return [(r.indicator, r.words) for r in found if r]


def egfr(value: float) -> Observation:
    return Observation(
        reference="Observation/egfr",
        text="eGFR",
        concepts={"lab-egfr": "exact"},
        when=day("2026-01-10"),
        status="final",
        value=Quantity.of(value, "mL/min/{1.73_m2}"),
    )


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ((egfr(29),), ["eGFR 29"]),
        ((egfr(30),), []),
        ((condition("acute-kidney-injury", "2026-01-10"),), ["acute kidney injury"]),
        ((condition("dialysis", "2024-01-01"),), ["dialysis"]),
        ((condition("ckd-4-5", "2024-01-01"),), ["CKD stage 4-5"]),
        ((condition("ckd-4-5", "2024-01-01"), egfr(45)), []),
        ((condition("ckd-4-5", "2024-01-01"), egfr(20)), ["eGFR 20"]),
    ],
)
def test_weak_kidneys_call_for_care_with_contrast(records: tuple[Record, ...], words: list[str]) -> None:
    told = chart(*records)
    for found in (
        gadolinium(told, planned("mri", contrast=True)),
        iodinated(told, planned("ct", contrast=True)),
    ):
        assert reasons(found) == [("warning", one) for one in words]
        assert all(r.because and r.ask for r in found if r)
    assert not reasons(gadolinium(told, planned("mri")))
    assert not reasons(iodinated(told, planned("ct")))


def test_metformin_is_held_only_where_the_kidneys_are_weak() -> None:
    drugs = (medicine("med-metformin"), medicine("med-metformin", ref="MedicationRequest/2"))
    found = iodinated(chart(egfr(20), *drugs), planned("ct", contrast=True))
    assert reasons(found) == [("warning", "eGFR 20"), ("warning", "metformin")]
    held = found[1]
    assert held is not None
    assert held.ask == "hold metformin"
    assert len(held.because) == 1
    assert not reasons(iodinated(chart(egfr(45), *drugs), planned("ct", contrast=True)))


def allergy(agent: str, **members: object) -> Allergy:
    given = {"reference": f"AllergyIntolerance/{agent}", "text": "contrast", "when": day("2020-01-01")}
    return Allergy(**given | {"concepts": {f"contrast-allergy-{agent}": "exact"}} | members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("records", "of_mri", "of_ct"),
    [
        ((allergy("gadolinium"),), [("warning", "gadolinium contrast reaction")], []),
        ((allergy("iodinated"),), [], [("warning", "iodinated contrast reaction")]),
        ((allergy("iodinated", severe=True),), [], [("critical", "severe iodinated contrast reaction")]),
        ((allergy("iodinated", criticality="high"),), [], [("critical", "severe iodinated contrast reaction")]),
        ((allergy("iodinated", criticality="low"),), [], [("warning", "iodinated contrast reaction")]),
        (
            (allergy("unspecified"),),
            [("info", "contrast allergy, agent not named")],
            [("warning", "contrast allergy, agent not named")],
        ),
        (
            (allergy("unspecified"), allergy("gadolinium")),
            [("warning", "gadolinium contrast reaction")],
            [],
        ),
        (
            (allergy("unspecified"), allergy("iodinated")),
            [],
            [("warning", "iodinated contrast reaction")],
        ),
    ],
)
def test_a_reaction_to_contrast_counts_for_its_own_agent(
    records: tuple[Allergy, ...], of_mri: list[tuple[str, str]], of_ct: list[tuple[str, str]]
) -> None:
    told = chart(*records)
    assert reasons(gadolinium(told, planned("mri", contrast=True))) == of_mri
    assert reasons(iodinated(told, planned("ct", contrast=True))) == of_ct


def test_contrast_of_another_study_is_another_matter() -> None:
    told = chart(PREGNANT, egfr(20), allergy("gadolinium"), allergy("iodinated"))
    assert gadolinium(told, planned("ct", contrast=True)) == ()
    assert iodinated(told, planned("mri", contrast=True)) == ()


def test_a_device_matters_only_for_mri() -> None:
    told = chart(condition("pacemaker-icd"))
    found = device(told, planned("mri"))
    assert found is not None
    assert (found.indicator, found.words) == ("warning", "pacemaker-icd")
    assert device(told, planned("ct")) is None
    assert device(chart(), planned("mri")) is None


@pytest.mark.parametrize(
    "reason",
    [
        radiation_in_pregnancy(chart(PREGNANT), planned("xr")),
        device(chart(condition("pacemaker-icd")), planned("mri")),
        *gadolinium(chart(PREGNANT, egfr(20), allergy("gadolinium")), planned("mri", contrast=True))[:3],
        *gadolinium(chart(allergy("gadolinium", severe=True)), planned("mri", contrast=True))[2:3],
        *gadolinium(chart(allergy("unspecified")), planned("mri", contrast=True))[3:],
        *iodinated(chart(allergy("unspecified")), planned("ct", contrast=True))[3:],
    ],
)
def test_each_reason_names_its_record_and_what_to_do_at_length_and_in_brief(reason: Reason | None) -> None:
    assert reason is not None
    assert all(isinstance(look, Finding) for look in reason.because)
    assert reason.because
    assert isinstance(reason.do, str)
    assert reason.ask


def test_the_question_about_a_pregnancy_says_what_to_do() -> None:
    asked = pregnancy_not_asked(chart(), planned("ct"))
    assert asked is not None
    assert (asked.indicator, asked.words, asked.ask) == ("info", "pregnancy not asked", "ask or test first")


def test_a_reaction_is_quoted_with_its_date() -> None:
    (_, _, reaction, _) = gadolinium(chart(allergy("gadolinium")), planned("mri", contrast=True))
    assert reaction is not None
    assert [getattr(look, "when", None) for look in reaction.because] == [day("2020-01-01")]
