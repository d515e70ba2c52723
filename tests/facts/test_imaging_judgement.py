"""Under which scenario a drafted study falls, and what decides before the table of ratings does."""

from __future__ import annotations

import pytest

from cards.card import Suggestion
from cards.chart import Chart
from cards.facts.drafts import ImagingDraft, imaging_of
from cards.facts.flagged_imaging import Flagged, flagged_studies
from cards.facts.imaging_judgement import Judgement, early, judged, xrays
from cards.immutable import replace
from cards.look import of_condition
from cards.orderables import MRI_LUMBAR, MRI_PELVIS, XR_PELVIS
from cards.record import CarePlan, Condition, Encounter, Order, Patient, Record, Report
from cards.rule import Advise
from cards.section import Section
from cards.side import Side
from cards.suggest import suggest
from cards.when import When
from tests.cards.charts import answer, chart, condition, day

PAINFUL = condition("buttock-pain", "2025-06-01", side=Side.LEFT)
RECENT_PAIN = condition("buttock-pain", "2026-01-01", side=Side.LEFT)
CARE = CarePlan(
    reference="CarePlan/1",
    text="Home exercise",
    concepts={"home-exercise": "exact"},
    status="active",
    started=day("2025-11-01"),
)
SOME_DAY_IN_DECEMBER = condition("buttock-pain", "2025-12", side=Side.LEFT)  # early, with six weeks of care perhaps
CARE_SINCE = replace(CARE, started=day("2025-12-01"))
LONG_AGO = "2025-07-15"  # half a year and a day


def draft(concept: str, *reasons: str, side: Side = Side.UNKNOWN, text: str = "order", **more: object) -> ImagingDraft:
    given = {"reference": "ServiceRequest/1", "text": text, "concepts": {concept: "exact"}, "status": "draft"}
    order = Order(**given | {"side": side, "reasons": dict.fromkeys(reasons, "text") or None} | more)  # type: ignore[arg-type]
    found = imaging_of(order)
    assert found is not None
    return found


def report(concept: str, at: str = "2025-12-01", *, normal: bool = False) -> Report:
    return Report(
        reference=f"DiagnosticReport/{concept}",
        text="study",
        concepts={concept: "exact"},
        when=day(at),
        status="final",
        results={"img-result-normal": "exact"} if normal else {},
    )


def flags(*suggestions: Suggestion, indicator: str = "warning") -> tuple[Flagged, ...]:
    told = chart()
    because = (of_condition(PAINFUL),)
    told.red_flags = {"a-rule": Advise(indicator, "Summary", "do", because, suggestions=suggestions)}  # type: ignore[arg-type]
    return flagged_studies(told)


def row(told: Judgement) -> str:
    return told.scenario.id if told.scenario else ""


@pytest.mark.parametrize(
    ("reason", "study", "scenario"),
    [
        ("cauda-equina-syndrome", "img-mri-lumbar", "cauda-equina"),
        ("vertebral-infection-diagnosed", "img-mri-lumbar", "spine-infection"),
        ("active-infection", "img-mri-lumbar", "lumbar-serious-cause"),
        ("active-infection", "img-mri-hip", "joint-infection-after-xray"),
        ("active-cancer", "img-mri-lumbar", "lumbar-serious-cause"),
        ("active-cancer", "img-mri-pelvis", "bone-metastasis"),
        ("bone-metastasis", "img-mri-lumbar", "lumbar-serious-cause"),
        ("bone-metastasis", "img-mri-pelvis", "bone-metastasis"),
        ("hip-pelvis-fracture", "img-mri-hip", "acute-hip-after-xray"),
        ("stress-insufficiency-fracture", "img-mri-hip", "stress-fracture-after-xray"),
        ("stress-insufficiency-fracture", "img-mri-thigh", "stress-fracture-after-xray"),
        ("stress-insufficiency-fracture", "img-mri-sacroiliac", "sacral-fracture-after-xray"),
        ("avascular-necrosis", "img-mri-hip", "osteonecrosis-after-xray"),
        ("soft-tissue-mass", "img-mri-pelvis", "deep-mass-first"),
        ("soft-tissue-mass", "img-mri-thigh", "deep-mass-first"),
        ("axial-spondyloarthritis", "img-mri-sacroiliac", "spondyloarthritis-after-xray"),
        ("sacroiliitis", "img-mri-sacroiliac", "spondyloarthritis-after-xray"),
    ],
)
def test_a_serious_cause_as_the_reason_decides_the_scenario(reason: str, study: str, scenario: str) -> None:
    told = judged(chart(PAINFUL), draft(study, reason), ())
    assert (row(told), told.why) == (scenario, "the order's own reason")


@pytest.mark.parametrize(
    ("reason", "study", "points_to"),
    [
        ("cauda-equina-syndrome", "img-mri-pelvis", {"lumbar"}),
        ("vertebral-infection-diagnosed", "img-mri-hip", {"lumbar"}),
        ("hip-pelvis-fracture", "img-mri-lumbar", {"hip", "pelvis"}),
        ("sacroiliitis", "img-mri-lumbar", {"sacroiliac"}),
    ],
)
def test_a_reason_elsewhere_makes_it_the_wrong_region(reason: str, study: str, points_to: set[str]) -> None:
    told = judged(chart(PAINFUL), draft(study, reason), ())
    assert (told.verdict, told.elsewhere, set(told.points_to), told.flag) == ("not-appropriate", True, points_to, None)


@pytest.mark.parametrize("study", ["img-bone-scan", "img-dxa", "img-us-hip-gluteal"])
def test_a_bone_scan_bone_density_or_ultrasound_is_never_of_the_wrong_region(study: str) -> None:
    assert not judged(chart(PAINFUL), draft(study, "cauda-equina-syndrome"), ()).elsewhere
    told = judged(chart(PAINFUL), draft(study), flags(suggest(MRI_LUMBAR)))
    assert (told.verdict, told.why, told.elsewhere) == ("unsettled", "beside a red flag", False)
    assert told.flag is not None


def test_the_red_flag_that_asks_for_the_region_of_the_reason_goes_with_it() -> None:
    wrong = draft("img-mri-pelvis", "cauda-equina-syndrome")
    both = flags(suggest(XR_PELVIS), suggest(MRI_LUMBAR))
    told = judged(chart(PAINFUL), wrong, both[1:])
    assert told.flag is not None
    assert told.flag.orderable is MRI_LUMBAR
    note = flags(suggest(MRI_LUMBAR), indicator="info")
    assert judged(chart(PAINFUL), wrong, note).flag is None
    sacrum = draft("img-mri-lumbar", "sacroiliitis")
    assert judged(chart(PAINFUL), sacrum, both[:1]).flag is None


def test_a_red_flag_for_the_same_region_settles_it() -> None:
    film, mri = flags(suggest(XR_PELVIS), suggest(MRI_PELVIS))
    told = judged(chart(PAINFUL), draft("img-mri-hip"), (film, mri))
    assert (told.verdict, told.why, told.flag) == ("appropriate", "red flag", mri)
    told = judged(chart(PAINFUL), draft("img-ct-hip-pelvis"), (film, mri))
    assert (told.verdict, told.why, told.flag) == ("unsettled", "red flag", film)


def test_a_red_flag_elsewhere_makes_it_the_wrong_region_and_a_note_does_not() -> None:
    told = judged(chart(PAINFUL), draft("img-mri-pelvis"), flags(suggest(MRI_LUMBAR)))
    assert (told.verdict, told.elsewhere, told.points_to) == ("not-appropriate", True, {"lumbar"})
    assert told.because == (of_condition(PAINFUL),)
    assert not judged(chart(PAINFUL), draft("img-mri-pelvis"), flags(suggest(MRI_LUMBAR), indicator="info")).elsewhere


def test_a_film_of_the_hip_is_first_line_and_ultrasound_is_not_settled() -> None:
    assert judged(chart(PAINFUL), draft("img-xr-hip"), ()).verdict == "appropriate"
    assert judged(chart(PAINFUL), draft("img-us-hip-gluteal"), ()).verdict == "unsettled"
    for study in ("img-xr-hip", "img-us-hip-gluteal", "img-dxa"):
        assert judged(chart(PAINFUL), draft(study), ()).why == "first-line study"
    angiography = draft("img-ct-hip-pelvis", text="CT angiography of the pelvis")
    assert judged(chart(PAINFUL), angiography, ()).verdict == "unsettled"


@pytest.mark.parametrize(
    ("study", "records", "more", "wrong"),
    [
        ("img-mri-hip", (), {}, True),
        ("img-mri-thigh", (), {}, True),
        ("img-mri-pelvis", (), {}, False),
        ("img-mri-hip", (condition("hip-osteoarthritis", side=Side.RIGHT),), {}, False),
        ("img-mri-hip", (condition("hip-osteoarthritis", side=Side.RIGHT, clinical="resolved"),), {}, True),
        ("img-mri-hip", (condition("osteoporosis", side=Side.UNKNOWN),), {}, True),
        ("img-mri-hip", (), {"reasons": {"avascular-necrosis": "text"}}, False),
        ("img-mri-hip", (), {"reasons": {"buttock-pain": "text"}}, True),
        ("img-mri-hip", (), {"reason_side": Side.RIGHT}, False),
    ],
)
def test_a_study_of_the_side_of_which_nothing_is_on_file_is_of_the_wrong_side(
    study: str, records: tuple[Condition, ...], more: dict[str, object], wrong: bool
) -> None:
    told = judged(chart(PAINFUL, *records), draft(study, side=Side.RIGHT, **more), ())
    assert told.wrong_side is wrong
    if wrong:
        assert told.verdict == "unsettled"
        assert [f.reference for f in told.because if f] == [PAINFUL.reference]  # type: ignore[union-attr]
    assert not judged(chart(PAINFUL, *records), draft(study, side=Side.LEFT), ()).wrong_side


def test_where_the_side_of_the_pain_is_not_recorded_no_side_is_wrong() -> None:
    visit = Encounter(
        reference="Encounter/1",
        text="buttock pain",
        concepts={"buttock-pain": "exact"},
        when=day("2026-01-10"),
        status="finished",
    )
    assert not judged(chart(visit), draft("img-mri-hip", side=Side.RIGHT), ()).wrong_side


ISCHIAL = answer("pain-location", "ischial")


def lumbar(*records: Record) -> Judgement:
    return judged(chart(PAINFUL, CARE, *records), draft("img-mri-lumbar"), ())


def test_after_care_a_lumbar_mri_for_pain_of_the_ischium_alone_is_of_the_wrong_region() -> None:
    told = lumbar(ISCHIAL)
    assert (told.elsewhere, told.points_to) == (True, {"pelvis", "thigh"})
    assert [f.reference for f in told.because if f] == [ISCHIAL.reference]  # type: ignore[union-attr]
    assert row(lumbar()) == "low-back-after-care"
    assert row(lumbar(answer("pain-location", "ischial", LONG_AGO))) == "low-back-after-care"
    assert len(lumbar().because) == 1


@pytest.mark.parametrize(
    "lumbar_sign",
    [
        *(condition(n) for n in ("low-back-pain", "lumbar-radiculopathy", "sciatica", "lumbar-spinal-stenosis")),
        *(answer("pain-location", place) for place in ("low-back", "below-knee", "deep-buttock")),
        answer("straight-leg-raise", "positive"),
        answer("slump-test", "positive"),
        answer("below-knee-dermatomal-pain", True),
        *(answer(q, a) for q in ("leg-sensation", "knee-reflex", "ankle-reflex") for a in ("reduced", "absent")),
        answer("leg-strength", "reduced"),
    ],
    ids=lambda sign: sign.reference,
)
def test_unless_something_points_to_the_spine(lumbar_sign: Record) -> None:
    assert row(lumbar(ISCHIAL, lumbar_sign)) == "low-back-after-care"


@pytest.mark.parametrize(
    "other",
    [
        answer("straight-leg-raise", "negative"),
        answer("slump-test", "negative"),
        answer("below-knee-dermatomal-pain", False),
        answer("leg-sensation", "normal"),
        answer("leg-strength", "normal"),
    ],
    ids=lambda other: other.reference,
)
def test_a_normal_finding_does_not(other: Record) -> None:
    assert lumbar(ISCHIAL, other).elsewhere


def test_without_care_a_lumbar_mri_is_judged_by_the_time_and_not_at_all_where_care_cannot_be_told() -> None:
    study = draft("img-mri-lumbar")
    assert row(judged(chart(PAINFUL), study, ())) == "low-back-no-care"
    assert row(judged(chart(RECENT_PAIN), study, ())) == "low-back-acute"
    told = judged(chart(PAINFUL, without=["procedures"]), study, ())
    assert (told.verdict, told.why) == ("unknown", "care so far could not be looked up")
    assert row(judged(chart(PAINFUL, CARE, without=["procedures"]), study, ())) == "low-back-after-care"


FILM = report("img-xr-pelvis")


def hip(*records: Record, study: str = "img-mri-pelvis", pain: Condition = PAINFUL) -> Judgement:
    return judged(chart(pain, *records), draft(study), ())


def test_without_an_x_ray_since_the_onset_the_x_ray_comes_first() -> None:
    told = hip()
    assert (row(told), told.verdict, told.no_xray, told.no_care) == (
        "chronic-hip-first",
        "not-appropriate",
        True,
        False,
    )
    assert hip(pain=RECENT_PAIN).no_care
    assert hip(pain=SOME_DAY_IN_DECEMBER).no_care
    assert not hip(CARE_SINCE, pain=SOME_DAY_IN_DECEMBER).no_care
    assert hip(report("img-xr-pelvis", "2025-05-31")).no_xray
    assert row(hip(study="img-mri-sacroiliac", pain=RECENT_PAIN)) == "spondyloarthritis-first"
    assert row(hip(study="img-bone-scan")) == "chronic-hip-first"
    assert not hip(condition("pregnancy")).no_xray
    assert not hip(study="img-mri-thigh").no_xray


@pytest.mark.parametrize(
    ("born", "began", "scenario"),
    [
        ("1981-01-16", "2025-10-16", "spondyloarthritis-after-xray"),
        ("1981-01-15", "2025-10-16", "spondyloarthritis-first"),
        ("1981-01-16", "2025-10-17", "spondyloarthritis-first"),
        (None, "2025-10-16", "spondyloarthritis-first"),
    ],
)
def test_the_young_with_lasting_pain_may_have_mri_of_the_sacroiliac_joints_first(
    born: str | None, began: str, scenario: str
) -> None:
    patient = Patient(id="p", born=When.parse(born) if born else None, sex="female")
    told = chart(condition("buttock-pain", began), patient=patient)
    assert row(judged(told, draft("img-mri-sacroiliac"), ())) == scenario


@pytest.mark.parametrize("film", ["img-xr-pelvis", "img-xr-hip", "img-xr-si"])
def test_after_a_film_the_next_study_is_judged(film: str) -> None:
    told = hip(report(film))
    assert (row(told), told.verdict, told.why, told.no_xray) == (
        "soft-tissue-after-xray",
        "appropriate",
        "X-ray done",
        False,
    )
    assert [f.reference for f in told.because if f] == [f"DiagnosticReport/{film}"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("concept", "scenario"),
    [
        ("femoroacetabular-impingement", "impingement-after-xray"),
        ("hip-labral-tear", "impingement-after-xray"),
        ("deep-gluteal-syndrome", "deep-gluteal-after-xray"),
    ],
)
def test_by_what_is_suspected(concept: str, scenario: str) -> None:
    assert row(hip(FILM, condition(concept))) == scenario


def test_of_the_sacroiliac_joints_and_the_plexus_by_their_own_rows() -> None:
    assert row(hip(FILM, study="img-mri-sacroiliac")) == "spondyloarthritis-after-xray"
    assert row(hip(FILM, study="img-mr-neurography")) == "plexopathy"


def test_only_the_newest_film_is_quoted() -> None:
    assert len(hip(FILM, report("img-xr-hip")).because) == 1


def test_early_without_care_an_mri_waits_though_a_film_was_taken() -> None:
    told = hip(report("img-xr-pelvis", "2026-01-10"), pain=RECENT_PAIN)
    assert (row(told), told.no_care) == ("early-without-care", True)
    cared_for = hip(report("img-xr-pelvis", "2026-01-10"), CARE_SINCE, pain=SOME_DAY_IN_DECEMBER)
    assert row(cared_for) == "soft-tissue-after-xray"


@pytest.mark.parametrize(
    ("found", "scenario"),
    [
        (answer("leg-sensation", "reduced"), "plexopathy"),
        (answer("leg-sensation", "reduced", LONG_AGO), "early-without-care"),
        (report("img-mri-lumbar", "2026-01-10", normal=True), "plexopathy"),
        (report("img-mri-lumbar", "2025-12-31", normal=True), "early-without-care"),
        (report("img-xr-lumbar", "2026-01-10", normal=True), "early-without-care"),
    ],
)
def test_a_nerve_sign_or_a_normal_lumbar_mri_asks_for_the_plexus_early(found: Record, scenario: str) -> None:
    assert row(hip(found, study="img-mr-neurography", pain=RECENT_PAIN)) == scenario
    assert row(hip(FILM, found, study="img-mri-thigh", pain=RECENT_PAIN)) == "early-without-care"


def test_what_could_not_be_looked_up_is_not_judged() -> None:
    def verdict(told: Chart, study: str = "img-mri-pelvis") -> str:
        found = judged(told, draft(study), ())
        return f"{found.verdict}: {found.why}"

    unread = Section("diagnosticReports", unreadable={"DiagnosticReport/1": None})
    x_rays, care = "unknown: X-rays could not be looked up", "unknown: care so far could not be looked up"
    assert verdict(chart(PAINFUL, sections=[unread])) == x_rays
    assert verdict(chart(PAINFUL, sections=[unread]), "img-mri-thigh") != x_rays
    film = Section("diagnosticReports", (FILM,), unreadable={"DiagnosticReport/1": None})
    assert verdict(chart(PAINFUL, sections=[film])) == "appropriate: X-ray done"
    no_plans = chart(RECENT_PAIN, report("img-xr-pelvis", "2026-01-10"), without=["carePlans"])
    assert verdict(no_plans) == care


def test_pain_is_early_only_where_its_onset_is_recorded() -> None:
    assert early(chart(RECENT_PAIN))
    assert not early(chart(PAINFUL))
    assert not early(chart(condition("buttock-pain", "2026-01-01", onset_known=False)))
    assert not early(chart(condition("buttock-pain", None)))


@pytest.mark.parametrize(("at", "counts"), [("2025-07-16", True), ("2025-07-15", False)])
def test_where_no_onset_is_recorded_a_film_holds_for_half_a_year(at: str, counts: bool) -> None:
    for pain in (condition("buttock-pain", "2026-01-01", onset_known=False), condition("buttock-pain", None)):
        assert bool(xrays(chart(pain, report("img-xr-pelvis", at)))) is counts
