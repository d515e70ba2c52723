"""Injuries, what the leg does since, and when a fracture is likely, known, treated or cleared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.codings import ICD10CM, Coding
from cards.facts.fracture import (
    cleared_since,
    coded_fracture,
    film_since,
    fracture_signs,
    fracture_since,
    lasting_signs,
    mri_or_ct_since,
    operated_since,
    ordered_since,
    treated_since,
    unstable_line,
)
from cards.facts.imaging import MRI_HIP
from cards.facts.injury import injuries, newest_injury, unable_since, unable_to_bear_weight
from cards.finding import Finding
from cards.immutable import replace
from cards.record import Condition, Encounter, Observation, Order, Procedure, Record, Report
from cards.section import Section
from cards.side import Side
from tests.cards.charts import answer, chart, condition, day

TWO_WEEKS = timedelta(days=14)
SIX_WEEKS = timedelta(weeks=6)
TWO_DAYS = timedelta(days=2)
FALL = date(2026, 1, 5)


def visit(text: str, at: str = "2026-01-12", **concepts: str) -> Encounter:
    said = {name.replace("_", "-"): strength for name, strength in concepts.items()}
    return Encounter(reference=f"Encounter/{at}", text=text, concepts=said, when=day(at), status="finished")  # type: ignore[arg-type]


def fracture(code: str = "S72002A", at: str | None = "2026-01-05", **members: object) -> Condition:
    sets = {"hip-pelvis-fracture": "exact", "acute-hip-pelvis-fracture": "exact"}
    return condition("fracture", at, concepts=sets, codes=(Coding(ICD10CM, code),), **members)


def film(conclusion: str | None = None, *, normal: bool = False, at: str = "2026-01-11") -> Report:
    return Report(
        reference=f"DiagnosticReport/{at}",
        text="XR pelvis",
        concepts={"img-xr-pelvis": "exact"},
        when=day(at),
        status="final",
        results={"img-result-normal": "exact"} if normal else {},
        conclusion=conclusion,
    )


def hip_replacement(at: str, side: Side = Side.UNKNOWN) -> Procedure:
    return Procedure(
        reference=f"Procedure/{at}",
        text="Total hip replacement",
        concepts={"proc-hip-arthroplasty": "exact"},
        when=day(at),
        side=side,
        status="completed",
    )


def test_injuries_come_newest_first_from_problems_answers_and_visits() -> None:
    found = injuries(
        chart(
            condition("hip-injury", "2026-01-05"),
            answer("injury-mechanism", "twist", "2026-01-10"),
            visit("fell at home", low_energy_fall="text"),
        ),
        SIX_WEEKS,
    )
    assert [i.finding.reference.split("/")[0] for i in found] == ["Encounter", "Observation", "Condition"]


@pytest.mark.parametrize("words", ["fall", "Fall", " a fall ", "injury"])
def test_the_bare_word_is_enough_as_the_reason_of_a_visit(words: str) -> None:
    assert newest_injury(chart(visit(words)), TWO_WEEKS)


@pytest.mark.parametrize("words", ["fall risk assessment", "falls prevention", "autumn fall check-up"])
def test_a_visit_about_falling_in_general_is_no_injury(words: str) -> None:
    assert newest_injury(chart(visit(words)), TWO_WEEKS) is None


def test_a_broad_code_dates_no_injury() -> None:
    assert newest_injury(chart(visit("repeated falls", fall_trauma="broad")), TWO_WEEKS) is None


@pytest.mark.parametrize(
    ("mechanism", "force"),
    [
        ("high-energy", "high"),
        ("low-energy-fall", "low"),
        ("twist", "low"),
        ("lifting", "low"),
        ("pop-or-tear", "tear"),
    ],
)
def test_the_mechanism_tells_the_force(mechanism: str, force: str) -> None:
    (injury,) = injuries(chart(answer("injury-mechanism", mechanism)), TWO_WEEKS)
    assert injury.force == force


def test_no_mechanism_is_no_injury() -> None:
    assert not injuries(chart(answer("injury-mechanism", "none")), TWO_WEEKS)


@pytest.mark.parametrize(
    ("concept", "force"),
    [
        ("high-energy-trauma", "high"),
        ("low-energy-fall", "low"),
        ("fall-trauma", "low"),
        ("hip-injury", "low"),
        ("hamstring-injury", "tear"),
        ("acute-hip-pelvis-fracture", "low"),
        ("hip-dislocation", "low"),
    ],
)
def test_an_injury_is_told_as_a_problem_or_as_the_reason_of_a_visit(concept: str, force: str) -> None:
    for told in (condition(concept), visit("visit", **{concept: "exact"})):
        (injury,) = injuries(chart(told), TWO_WEEKS)
        assert injury.force == force


def test_a_newer_fall_does_not_hide_an_older_crash() -> None:
    told = chart(
        answer("injury-mechanism", "high-energy", "2026-01-05"),
        answer("injury-mechanism", "low-energy-fall", "2026-01-10"),
    )
    crash = newest_injury(told, TWO_WEEKS, "high")
    assert crash is not None
    assert crash.when == day("2026-01-05")


def test_the_injury_of_the_other_side_is_left_out() -> None:
    told = chart(
        condition("buttock-pain", side=Side.LEFT),
        condition("hip-injury", "2026-01-10", side=Side.RIGHT),
    )
    assert not injuries(told, TWO_WEEKS)
    other = replace(visit("fall"), side=Side.RIGHT)
    assert not injuries(chart(condition("buttock-pain", side=Side.LEFT), other), TWO_WEEKS)


def test_an_undated_injury_is_recent_and_no_study_can_follow_it() -> None:
    (injury,) = injuries(chart(condition("hip-injury", None)), TWO_WEEKS)
    assert injury.day(date(2026, 1, 15)) == date(2026, 1, 15)


def test_no_injury_found_is_no_certainty_where_visits_were_not_supplied() -> None:
    blind = chart(without=["encounters"])
    found, gaps = blind.gaps_of(lambda c: injuries(c, TWO_WEEKS))
    assert found == ()
    assert [g.section for g in gaps] == ["encounters"]


@pytest.mark.parametrize(
    "unread",
    [
        Section("conditions", unreadable={"Condition/1": frozenset({"hip-injury"})}),
        Section("observations", unreadable={"Observation/1": frozenset({"injury-mechanism"})}),
    ],
    ids=lambda unread: unread.name,
)
def test_a_record_of_an_injury_that_cannot_be_read_is_a_gap(unread: Section) -> None:
    assert chart(sections=[unread]).gaps_of(lambda c: injuries(c, TWO_WEEKS))[1]


def test_older_records_that_were_not_supplied_are_no_gap() -> None:
    cut = Section("observations", missing="only the newest were supplied", since=date(2025, 12, 1))
    assert not chart(sections=[cut]).gaps_of(lambda c: injuries(c, TWO_WEEKS))[1]


@pytest.mark.parametrize(
    "walks",
    [
        answer("walks-normally", True, "2026-01-11"),
        answer("gait", "normal", "2026-01-11"),
        answer("unable-to-bear-weight", False, "2026-01-11"),
    ],
    ids=lambda walks: walks.reference,
)
def test_a_later_yes_to_walking_takes_back_the_inability(walks: Observation) -> None:
    unable = condition("unable-to-bear-weight", "2026-01-10")
    assert unable_to_bear_weight(chart(unable), TWO_WEEKS)
    assert not unable_to_bear_weight(chart(unable, walks), TWO_WEEKS)


@pytest.mark.parametrize(
    "walks",
    [
        [answer("gait", "antalgic", "2026-01-11")],
        [answer("walks-normally", True, "2026-01-11", side=Side.RIGHT)],
        [answer("walks-normally", True, "2026-01-11"), answer("walks-normally", False, "2026-01-11")],
        [answer("walks-normally", True, None)],
    ],
    ids=["a limp", "the other leg", "yes and no", "undated"],
)
def test_no_other_answer_does(walks: list[Observation]) -> None:
    painful = condition("buttock-pain", side=Side.LEFT)
    unable = answer("unable-to-bear-weight", True, "2026-01-10", side=Side.LEFT)
    assert unable_to_bear_weight(chart(painful, unable, *walks), TWO_WEEKS)


def test_an_inability_without_a_date_is_not_taken_back() -> None:
    told = chart(condition("unable-to-bear-weight", None), answer("walks-normally", True, "2026-01-11"))
    assert unable_to_bear_weight(told, TWO_WEEKS)


def test_the_inability_of_the_other_leg_is_left_out() -> None:
    told = chart(
        condition("buttock-pain", side=Side.LEFT),
        answer("unable-to-bear-weight", True, "2025-11-01", side=Side.RIGHT),
        condition("unable-to-bear-weight", "2025-12-01", side=Side.RIGHT),
    )
    assert not unable_to_bear_weight(told, timedelta(days=365))
    assert unable_since(told) is None


def test_a_yes_to_walking_of_the_same_day_does_not() -> None:
    told = chart(
        condition("unable-to-bear-weight", "2026-01-10"),
        answer("walks-normally", True, "2026-01-10"),
    )
    assert unable_to_bear_weight(told, TWO_WEEKS)


def test_inability_began_with_the_first_of_an_unbroken_run_of_answers() -> None:
    told = chart(
        answer("unable-to-bear-weight", True, "2025-11-01"),
        answer("unable-to-bear-weight", False, "2025-12-01"),
        answer("unable-to-bear-weight", True, "2026-01-02"),
        answer("unable-to-bear-weight", True, "2026-01-14"),
    )
    assert unable_since(told) == day("2026-01-02")


def test_inability_began_with_the_problem_where_that_is_older() -> None:
    told = chart(condition("unable-to-bear-weight", "2026-01-03"), answer("unable-to-bear-weight", True, "2026-01-10"))
    assert unable_since(told) == day("2026-01-03")


def test_inability_of_which_no_date_tells_has_no_beginning() -> None:
    assert unable_since(chart(condition("unable-to-bear-weight", None))) is None


def test_the_signs_of_fracture_stand_under_their_words() -> None:
    told = chart(
        answer("unable-to-bear-weight", True),
        answer("leg-shortened-rotated", True),
        answer("injury-mechanism", "high-energy"),
        fracture(),
    )
    assert list(fracture_signs(told, TWO_WEEKS)) == [
        "cannot bear weight",
        "leg short or rotated",
        "high energy",
        "fracture or dislocation coded",
    ]


def test_a_fracture_in_follow_up_is_not_new() -> None:
    assert isinstance(coded_fracture(chart(fracture("S72002A")), TWO_WEEKS), Finding)
    assert coded_fracture(chart(fracture("S72002D")), TWO_WEEKS) is None


def test_the_sequela_of_a_fracture_is_not_new() -> None:
    assert coded_fracture(chart(fracture("S72002S")), TWO_WEEKS) is None


def test_a_fracture_is_treated_by_an_operation_on_its_side_since() -> None:
    told = (condition("buttock-pain", side=Side.LEFT), fracture(side=Side.LEFT))
    assert treated_since(chart(*told, hip_replacement("2026-01-06", Side.LEFT))) == day("2026-01-06")
    assert treated_since(chart(*told, hip_replacement("2026-01-06", Side.RIGHT))) is None
    assert treated_since(chart(*told, hip_replacement("2025-01-06", Side.LEFT))) is None


def test_without_a_fracture_nobody_asks_for_procedures() -> None:
    answered, gaps = chart(without=["procedures"]).gaps_of(treated_since)
    assert answered is None
    assert not gaps


def test_normal_imaging_clears_only_together_with_weight_borne() -> None:
    walks = answer("walks-normally", True, "2026-01-14")
    injured = day("2026-01-10")
    assert cleared_since(chart(film(normal=True), walks), injured)
    assert not cleared_since(chart(film(normal=True)), injured)
    assert not cleared_since(chart(film("no fracture"), walks), injured)
    assert not cleared_since(chart(film(normal=True, at="2026-01-09"), walks), injured)
    assert not cleared_since(chart(film(normal=True), walks), None)


def test_a_walk_is_slow_to_heal_only_after_two_days() -> None:
    two_days = timedelta(days=2)
    limps = chart(answer("gait", "antalgic", "2026-01-12"))
    assert lasting_signs(limps, date(2026, 1, 10), two_days)
    assert not lasting_signs(limps, date(2026, 1, 11), two_days)


@pytest.mark.parametrize(
    ("words", "unstable"),
    [
        ("Displaced fracture of the femoral neck", True),
        ("Tension-side stress line", True),
        ("Non-displaced fracture", False),
        ("non displaced line, compression side", False),
        ("Undisplaced", False),
        ("No displaced fracture", False),
        ("", False),
    ],
)
def test_words_of_a_report_alarm_unless_they_deny(words: str, unstable: bool) -> None:
    assert bool(unstable_line(chart(film(words)), date(2026, 1, 1))) is unstable


@pytest.mark.parametrize("words", ["lucency of the superior cortex", "superolateral line"])
def test_words_for_the_tension_side_alarm_too(words: str) -> None:
    assert unstable_line(chart(film(words)), date(2026, 1, 1))
    assert not unstable_line(chart(film()), date(2026, 1, 1))


@pytest.mark.parametrize(
    "sign",
    [
        answer("log-roll", "positive"),
        answer("hip-internal-rotation", "painful"),
        answer("impact-pain", True),
        answer("hop-test", "positive"),
        answer("patellar-pubic-percussion", "positive"),
        answer("unable-to-bear-weight", True),
        condition("unable-to-bear-weight", "2026-01-10"),
        answer("walks-normally", False),
        answer("gait", "antalgic"),
        answer("gait", "aided"),
    ],
    ids=lambda sign: sign.reference,
)
def test_each_of_these_is_a_sign_that_the_injury_lasts(sign: Record) -> None:
    assert lasting_signs(chart(sign), FALL, TWO_DAYS)


@pytest.mark.parametrize(
    "other",
    [
        answer("log-roll", "positive", "2026-01-04"),
        answer("log-roll", "positive", None),
        answer("log-roll", "negative"),
        answer("hip-internal-rotation", "limited"),
        answer("hop-test", "negative"),
        answer("patellar-pubic-percussion", "negative"),
        answer("gait", "antalgic", "2026-01-06"),
        answer("gait", "antalgic", side=Side.RIGHT),
        answer("impact-pain", True, side=Side.RIGHT),
    ],
    ids=lambda other: other.reference,
)
def test_an_earlier_a_normal_and_the_other_sides_answer_is_none(other: Record) -> None:
    assert not lasting_signs(chart(condition("buttock-pain", side=Side.LEFT), other), FALL, TWO_DAYS)


@pytest.mark.parametrize(("since", "gaps"), [(date(2025, 12, 31), 0), (date(2026, 1, 2), 1)])
def test_beside_an_inability_taken_back_a_newer_one_that_is_missing_is_a_gap_while_it_would_count(
    since: date, gaps: int
) -> None:
    answers = (answer("unable-to-bear-weight", True, "2026-01-05"), answer("walks-normally", True, "2026-01-10"))
    cut = Section("observations", answers, missing="only the newest were supplied", since=since)
    found, noted = chart(sections=[cut]).gaps_of(lambda c: unable_to_bear_weight(c, TWO_WEEKS))
    assert (bool(found), len(noted)) == (False, gaps)


@pytest.mark.parametrize("question", ["log-roll", "gait"])
def test_a_lasting_sign_that_cannot_be_read_is_a_gap(question: str) -> None:
    unread = Section("observations", unreadable={"Observation/1": frozenset({question})})
    assert chart(sections=[unread]).gaps_of(lambda c: lasting_signs(c, FALL, TWO_DAYS))[1]
    cut = Section("observations", missing="only the newest were supplied", since=date(2026, 1, 1))
    assert not chart(sections=[cut]).gaps_of(lambda c: lasting_signs(c, FALL, TWO_DAYS))[1]


def test_a_leg_turned_out_long_ago_is_no_new_sign_but_one_without_a_date_is() -> None:
    assert not fracture_signs(chart(answer("leg-shortened-rotated", True, "2025-12-31")), TWO_WEEKS)
    assert fracture_signs(chart(answer("leg-shortened-rotated", True, None)), TWO_WEEKS)


def test_a_fracture_counts_as_new_by_its_date_and_without_one() -> None:
    assert not coded_fracture(chart(fracture(at="2025-12-31")), TWO_WEEKS)
    assert coded_fracture(chart(fracture(at="2026-01-01")), TWO_WEEKS)
    assert coded_fracture(chart(fracture(at=None)), TWO_WEEKS)
    assert coded_fracture(chart(condition("hip-dislocation", "2026-01-10")), TWO_WEEKS)


def test_a_healed_fracture_and_one_of_the_other_side_are_not() -> None:
    painful = condition("buttock-pain", side=Side.LEFT)
    assert not coded_fracture(chart(fracture(clinical="resolved")), TWO_WEEKS)
    assert not coded_fracture(chart(painful, fracture(side=Side.RIGHT)), TWO_WEEKS)


def test_the_newest_fracture_is_told() -> None:
    older, newer = fracture(at="2026-01-03"), fracture(at="2026-01-10")
    for told in (chart(older, newer), chart(newer, older)):
        found = coded_fracture(told, TWO_WEEKS)
        assert found is not None
        assert found.when == day("2026-01-10")


def test_one_code_of_a_later_visit_tells_of_follow_up_but_no_code_of_another_system() -> None:
    sets = {"hip-pelvis-fracture": "exact"}
    both = (Coding(ICD10CM, "S72002D"), Coding("http://snomed.info/sct", "5913000"))
    seen = condition("fracture", "2026-01-05", concepts=sets, codes=both)
    assert coded_fracture(chart(seen), TWO_WEEKS) is None
    local = condition("fracture", "2026-01-05", concepts=sets, codes=(Coding("urn:local", "S72002D"),))
    assert coded_fracture(chart(local), TWO_WEEKS)


def test_a_fracture_without_a_date_is_neither_since_a_day_nor_treated_by_an_operation() -> None:
    undated = chart(fracture(at=None), hip_replacement("2026-01-06"))
    assert fracture_since(undated, FALL) is None
    assert treated_since(undated) is None
    assert treated_since(chart(fracture(), replace(hip_replacement("2026-01-06"), when=None))) is None
    assert treated_since(chart(fracture(), hip_replacement("2026-01-05"))) == day("2026-01-05")


@pytest.mark.parametrize(
    ("done", "counts"),
    [
        (hip_replacement("2026-01-05"), True),
        (hip_replacement("2026-01-04"), False),
        (replace(hip_replacement("2026-01-06"), when=None), False),
        (hip_replacement("2026-01-06", Side.RIGHT), False),
    ],
)
def test_an_operation_since_a_day_is_of_that_day_or_later_and_of_this_side(done: Procedure, counts: bool) -> None:
    assert operated_since(chart(condition("buttock-pain", side=Side.LEFT), done), FALL) is counts


def test_imaging_of_the_other_hip_answers_nothing() -> None:
    painful = condition("buttock-pain", side=Side.LEFT)
    other = replace(film(), side=Side.RIGHT)
    mri = replace(other, concepts={"img-mri-hip": "exact"})
    order = Order(
        reference="ServiceRequest/1",
        text="MRI right hip",
        concepts={"img-mri-hip": "exact"},
        when=day("2026-01-10"),
        status="active",
        side=Side.RIGHT,
    )
    assert film_since(chart(painful, other), FALL) is None
    assert not mri_or_ct_since(chart(painful, mri), FALL)
    assert not ordered_since(chart(painful, order), FALL, MRI_HIP)
    assert ordered_since(chart(painful, replace(order, side=Side.LEFT)), FALL, MRI_HIP)


@pytest.mark.parametrize(
    ("walks", "cleared"),
    [
        ([answer("walks-normally", True, "2026-01-05")], True),
        ([answer("walks-normally", True, "2026-01-04")], False),
        ([answer("walks-normally", True, None)], False),
        ([answer("walks-normally", True, side=Side.RIGHT)], False),
        ([answer("walks-normally", True), answer("walks-normally", False)], False),
        ([], False),
    ],
)
def test_a_normal_film_clears_only_a_leg_that_surely_walks_since(walks: list[Observation], cleared: bool) -> None:
    told = chart(condition("buttock-pain", side=Side.LEFT), film(normal=True), *walks)
    assert cleared_since(told, day("2026-01-05")) is cleared
