"""Which studies the red flags of a call ask for."""

from __future__ import annotations

from cards.card import Suggestion
from cards.facts.flagged_imaging import Flagged, flagged_studies
from cards.orderables import AORTA_IMAGING, DXA, MRI_LUMBAR, MRI_SPINE_CONTRAST, REFER_SPINE, XR_PELVIS
from cards.rule import Advise
from cards.suggest import suggest
from tests.cards.charts import chart


def flagged(*suggestions: Suggestion, urgent: bool = True) -> tuple[Flagged, ...]:
    told = chart()
    advice = Advise("warning" if urgent else "info", "Summary", "do", suggestions=suggestions)
    told.red_flags = {"a-rule": advice}
    return flagged_studies(told)


def test_a_film_of_the_pelvis_shows_the_hips_too() -> None:
    (film,) = flagged(suggest(XR_PELVIS, "stat"))
    assert (film.rule, film.modality, film.regions, film.priority) == ("a-rule", "xr", {"hip", "pelvis"}, "stat")


def test_a_referral_bone_density_and_vessels_are_no_study_of_the_place() -> None:
    assert not flagged(suggest(REFER_SPINE), suggest(DXA), suggest(AORTA_IMAGING))
    removal = Suggestion("Remove the draft", delete="ServiceRequest/1")
    assert not flagged(removal)
    assert flagged(removal, suggest(MRI_LUMBAR))


def test_a_study_is_urgent_unless_the_flag_is_a_mere_note() -> None:
    assert flagged(suggest(MRI_LUMBAR))[0].urgent
    assert not flagged(suggest(MRI_LUMBAR), urgent=False)[0].urgent


def test_contrast_is_told_by_the_name_of_the_study() -> None:
    plain, contrast = flagged(suggest(MRI_LUMBAR), suggest(MRI_SPINE_CONTRAST))
    assert (plain.contrast, contrast.contrast) == (False, True)
