"""MRC grades: which one counts, against what it is compared, and when weakness is old."""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.facts.root_weakness import bilateral_weakness, root_weaknesses, worsening_of_both_legs
from cards.facts.strength import Weakness, weaknesses
from cards.quantity import Quantity
from cards.record import Condition, Observation, Patient, Record
from cards.section import Section
from cards.side import Side
from cards.valueset import TERMINOLOGY
from cards.when import When

TODAY = date(2026, 1, 15)
L, R, BOTH, UNKNOWN = Side.LEFT, Side.RIGHT, Side.BOTH, Side.UNKNOWN


def power(grade: int | bool, days: int | None, side: Side = L, muscle: str = "ankle-dorsiflexion") -> Observation:
    """A grade found so many days ago; None is without date. A truth value is no grade."""
    return Observation(
        reference=f"Observation/{muscle}-{grade}-{days}-{side.value}",
        text=muscle,
        concepts={},
        when=None if days is None else When.on(TODAY - timedelta(days=days)),
        side=side,
        status="final",
        question=f"mrc-{muscle}",
        value=grade if isinstance(grade, bool) else Quantity(grade, "1"),
    )


def foot_drop(days: int | None, side: Side, text: str = "foot drop", verification: str = "confirmed") -> Condition:
    return Condition(
        reference="Condition/foot-drop",
        text=text,
        concepts=TERMINOLOGY.concepts([], text),
        when=None if days is None else When.on(TODAY - timedelta(days=days)),
        side=side,
        clinical="active",
        verification=verification,
    )


def chart(*records: Record) -> Chart:
    return Chart(
        Patient(id="p"),
        TODAY,
        {
            "conditions": Section("conditions", tuple(r for r in records if isinstance(r, Condition))),
            "observations": Section("observations", tuple(r for r in records if isinstance(r, Observation))),
        },
    )


def only(*records: Record) -> Weakness:
    (one,) = weaknesses(chart(*records))
    return one


def test_full_power_is_no_weakness() -> None:
    assert weaknesses(chart(power(5, 0))) == ()


def test_the_newest_day_counts_and_of_one_day_the_lower_grade() -> None:
    assert weaknesses(chart(power(2, 5), power(5, 0))) == ()
    assert only(power(5, 0), power(3, 0)).grade == 3
    assert only(power(3, 0), power(5, 0)).grade == 3
    assert only(power(4, 5, L), power(3, 0, BOTH)).side is BOTH


def test_an_answer_that_is_no_grade_says_nothing() -> None:
    assert only(power(3, 5), power(True, 0)).grade == 3


def test_a_grade_of_more_than_six_weeks_ago_says_nothing_of_now() -> None:
    assert only(power(3, 42)).grade == 3
    assert weaknesses(chart(power(3, 43))) == ()


def test_a_grade_without_a_date_counts_as_of_today() -> None:
    found = only(power(3, None))
    assert (found.grade, found.new, found.severe) == (3, True, True)
    assert only(power(5, 0), power(3, None)).grade == 3


def test_a_drop_is_measured_from_the_best_grade_of_six_weeks_before() -> None:
    found = only(power(5, 40), power(4, 20), power(3, 0))
    assert found.drop == 2
    assert [f.reference for f in found.findings] == [
        "Observation/ankle-dorsiflexion-3-0-left",
        "Observation/ankle-dorsiflexion-5-40-left",
    ]
    assert only(power(5, 43), power(3, 0)).drop == 0


def test_a_rise_is_no_drop() -> None:
    risen = only(power(2, 10), power(4, 0))
    assert (risen.drop, len(risen.findings)) == (0, 1)
    assert len(only(power(4, 10), power(4, 0)).findings) == 1


def test_sides_are_kept_apart_but_an_unsaid_side_is_compared() -> None:
    assert only(power(5, 10, R), power(4, 0, L)).drop == 0
    assert only(power(5, 10, UNKNOWN), power(4, 0, L)).drop == 1
    assert only(power(5, 10, BOTH), power(4, 0, L)).drop == 1


def test_a_normal_grade_without_a_side_reassures_nobody() -> None:
    assert only(power(3, 5, L), power(5, 0, UNKNOWN)).side is L


def test_a_normal_grade_of_both_sides_does() -> None:
    assert weaknesses(chart(power(3, 5, L), power(5, 0, BOTH))) == ()


def test_weakness_found_before_the_last_six_weeks_is_old() -> None:
    assert only(power(4, 43), power(4, 0)).new is False
    assert only(power(4, 42), power(4, 0)).new is True


def test_severe_weakness_is_severe_news_for_14_days() -> None:
    assert only(power(3, 14), power(3, 0)).severe is True
    assert only(power(3, 15), power(3, 0)).severe is False
    assert only(power(4, 0)).severe is False


def test_an_old_foot_drop_explains_the_ankle_of_its_side_only() -> None:
    assert only(foot_drop(43, L), power(2, 0, L)).new is False
    assert only(foot_drop(42, L), power(2, 0, L)).new is True
    assert only(foot_drop(400, R), power(2, 0, L)).new is True
    assert only(foot_drop(400, UNKNOWN), power(2, 0, L)).new is True
    assert only(foot_drop(400, UNKNOWN), power(2, 0, UNKNOWN)).new is True
    assert only(foot_drop(400, L), power(2, 0, L, "knee-extension")).new is True
    assert only(foot_drop(400, L), power(2, 0, L, "great-toe-extension")).new is False


def test_an_old_weakness_of_the_leg_explains_every_group_of_its_side() -> None:
    assert only(foot_drop(43, L, "leg weakness"), power(2, 0, L)).new is False
    assert only(foot_drop(43, BOTH, "weakness of both legs"), power(2, 0, L, "knee-extension")).new is False


def test_what_is_not_known_for_certain_or_not_known_since_when_explains_no_weakness() -> None:
    assert only(foot_drop(400, L, verification="provisional"), power(2, 0, L)).new is True
    assert only(foot_drop(None, L), power(2, 0, L)).new is True
    seen = Observation(
        reference="Observation/foot-drop",
        text="foot drop",
        concepts={"foot-drop": "exact"},
        when=When.on(TODAY - timedelta(days=400)),
        side=L,
        status="final",
        value=True,
    )
    assert only(seen, power(2, 0, L)).new is True


def test_both_legs_are_weak_in_whatever_groups() -> None:
    weak = chart(power(4, 0, L), power(4, 0, R, "hip-flexion"))
    assert len(bilateral_weakness(weak)) == 2
    assert worsening_of_both_legs(weak) == ()
    assert len(bilateral_weakness(chart(power(4, 0, BOTH)))) == 1
    for one in (L, R):
        assert bilateral_weakness(chart(power(4, 0, one), power(4, 0, one, "hip-flexion"))) == ()
    assert len(worsening_of_both_legs(chart(power(5, 9, L), power(4, 0, L), power(4, 0, R)))) == 3


def test_knee_flexion_without_an_injury_is_a_root_group_too() -> None:
    assert [w.muscle for w in root_weaknesses(chart(power(3, 0, L, "knee-flexion")))] == ["mrc-knee-flexion"]


def test_a_chart_without_observations_cannot_be_sure_of_full_power() -> None:
    found, gaps = Chart(Patient(id="p"), TODAY, {}).gaps_of(weaknesses)
    assert found == ()
    assert {g.section for g in gaps} == {"observations"}
