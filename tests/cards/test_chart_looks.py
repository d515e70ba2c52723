"""Newest, conflicting and repeated answers; and what a chart says that was not told everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cards.chart import Chart, fact
from cards.finding import Finding, Gap, exam
from cards.immutable import replace
from cards.quantity import Quantity
from cards.record import Encounter, Observation, Order, Procedure, Record, Report, SectionName
from cards.section import Section
from cards.side import Side
from tests.cards.charts import (
    CRP,
    FEVER,
    OSTEOPOROSIS,
    UNABLE,
    answer,
    chart,
    condition,
    crp,
    day,
    medicine,
    section_of,
)

SADDLE = exam("saddle-sensation", "reduced", "absent")


def value_of(asked: Chart, worse: str = "high", *, surely: bool = False) -> float | None:
    found = asked.latest(CRP, worse="low" if worse == "low" else "high", surely=surely)
    return found.quantity.value if found.quantity else None


def test_the_newest_value_is_taken_whatever_the_order() -> None:
    readings = [crp(9, "2026-01-12"), crp(88, "2025-06-02"), crp(40, "2026-01-10")]
    assert value_of(chart(*readings)) == value_of(chart(*readings[::-1])) == 9


def test_a_newer_month_is_as_new_as_its_last_day() -> None:
    assert value_of(chart(crp(9, "2026-01"), crp(88, "2026-01-10"))) == 9


@pytest.mark.parametrize(("worse", "value"), [("high", 88), ("low", 9)])
def test_of_two_values_of_one_day_the_worse_is_taken_and_both_are_told(worse: str, value: float) -> None:
    asked = chart(crp(9, "2026-01-10"), crp(88, "2026-01-10"), crp(200, "2026-01-09"))
    assert value_of(asked, worse) == value
    found = asked.latest(CRP, worse="low" if worse == "low" else "high")
    assert isinstance(found, Finding)
    assert "same day also" in found.quote()


def test_of_three_values_of_one_day_the_extremes_are_told() -> None:
    found = chart(crp(40, "2026-01-10"), crp(9, "2026-01-10"), crp(88, "2026-01-10")).latest(CRP)
    assert isinstance(found, Finding)
    assert "88 mg/L" in found.quote()
    assert "same day also 9 mg/L" in found.quote()


def test_a_value_without_a_date_stands_behind_every_dated_one() -> None:
    assert value_of(chart(crp(88, None), crp(9, "2025-06-02"))) == 9
    assert value_of(chart(crp(88, None))) == 88


def test_an_answer_without_a_value_hides_no_older_one_that_has_one() -> None:
    assert value_of(chart(crp(None, "2026-01-12"), crp(9, "2026-01-10"))) == 9


def test_of_values_that_are_too_old_none_hides_one_that_cannot_be_read() -> None:
    cut = section_of("observations", [crp(9, "2025-06-02")], unreadable={"Observation/odd": frozenset({"lab-crp"})})
    look, gaps = chart(sections=[cut]).gaps_of(lambda c: c.latest(CRP, within=timedelta(days=30)))
    assert (bool(look), [(g.section, g.reference) for g in gaps]) == (False, [("observations", "Observation/odd")])
    other = section_of("observations", [crp(9, "2025-06-02")], unreadable={"Observation/odd": frozenset({"lab-esr"})})
    assert chart(sections=[other]).latest(CRP, within=timedelta(days=30)).certain
    page = section_of("observations", [crp(9, "2025-06-02")], missing="cut off", since=date(2025, 6, 2))
    assert chart(sections=[page]).latest(CRP, within=timedelta(days=30)).certain


def test_for_silencing_two_values_of_one_day_are_none() -> None:
    assert value_of(chart(crp(9, "2026-01-10"), crp(88, "2026-01-10")), surely=True) is None
    assert value_of(chart(crp(9, "2026-01-10"), crp(9, "2026-01-10", ref="Observation/again")), surely=True) == 9


def test_a_value_that_could_not_be_evaluated_is_noted_as_a_gap() -> None:
    asked = chart(crp(None, refused="no unit was given"))
    look, gaps = asked.gaps_of(lambda c: c.latest(CRP))
    assert not look
    assert [g.why for g in gaps] == ["CRP: no unit was given"]


def test_an_older_usable_value_stands_while_the_newer_is_noted() -> None:
    asked = chart(crp(9, "2026-01-02"), crp(None, "2026-01-10", refused="no unit was given"))
    look, gaps = asked.gaps_of(lambda c: c.latest(CRP))
    assert look
    assert gaps


def test_a_newer_answer_takes_the_place_of_an_older_one() -> None:
    assert not chart(
        answer("unable-to-bear-weight", True, "2026-01-10"), answer("unable-to-bear-weight", False, "2026-01-14")
    ).finding(UNABLE)
    assert chart(
        answer("unable-to-bear-weight", False, "2026-01-10"), answer("unable-to-bear-weight", True, "2026-01-14")
    ).finding(UNABLE)


def test_a_newer_answer_of_the_other_side_takes_no_place() -> None:
    asked = chart(
        answer("femoral-pulse", "absent", "2026-01-10", side=Side.LEFT),
        answer("femoral-pulse", "normal", "2026-01-14", side=Side.RIGHT),
    )
    assert asked.finding(exam("femoral-pulse", "absent"))
    assert not asked.finding(exam("femoral-pulse", "absent"), side=Side.RIGHT)


def test_a_newer_answer_of_the_other_side_hides_no_older_one_of_the_side_asked_for() -> None:
    gap, painful = exam("palpable-gap"), Side.LEFT
    asked = chart(
        answer("palpable-gap", True, "2026-01-14", side=Side.RIGHT),
        answer("palpable-gap", None, "2026-01-13", side=Side.RIGHT, refused="not understood"),
        answer("palpable-gap", True, "2026-01-10", side=painful),
    )
    found, gaps = asked.gaps_of(lambda c: c.finding(gap, side=painful))
    assert found
    assert gaps == ()


def test_an_answer_that_could_not_be_read_takes_the_place_of_none_and_is_a_gap_while_it_would_count() -> None:
    asked = chart(
        answer("palpable-gap", None, "2026-01-14", refused="not understood"),
        answer("palpable-gap", True, "2026-01-10"),
    )
    found, gaps = asked.gaps_of(lambda c: c.finding(exam("palpable-gap")))
    assert (bool(found), len(gaps)) == (True, 1)
    month = chart(answer("palpable-gap", None, "2025-12", refused="not understood"))
    undated = chart(answer("palpable-gap", None, None, refused="not understood"))
    for days, noted in ((20, 1), (10, 0)):
        within = timedelta(days=days)
        assert len(month.gaps_of(lambda c, w=within: c.finding(exam("palpable-gap"), within=w))[1]) == noted
        assert undated.gaps_of(lambda c, w=within: c.finding(exam("palpable-gap"), within=w))[1] == ()


def test_without_a_date_no_answer_takes_the_place_of_another() -> None:
    asked = chart(answer("palpable-gap", True, "2026-01-10"), answer("palpable-gap", False, None))
    assert asked.finding(exam("palpable-gap"))
    undated = chart(answer("palpable-gap", False, None), answer("palpable-gap", True, None))
    assert undated.finding(exam("palpable-gap"))


def test_only_an_answer_of_the_same_day_contradicts() -> None:
    asked = chart(answer("pain-cyclic", True, "2026-01-14"), answer("pain-cyclic", False, "2026-01-10"))
    assert asked.finding(exam("pain-cyclic"), surely=True)


def test_a_finding_without_a_date_lies_in_no_window() -> None:
    assert chart(condition(at=None)).findings(OSTEOPOROSIS, within=timedelta(days=30)) == ()
    assert chart(condition(at=None)).findings(OSTEOPOROSIS, within=timedelta(days=30), undated_counts=True)


def test_an_older_answer_of_one_side_hides_no_still_older_one_of_the_other() -> None:
    asked = chart(
        answer("femoral-pulse", "normal", "2026-01-14", side=Side.LEFT),
        answer("femoral-pulse", "absent", "2026-01-10", side=Side.LEFT),
        answer("femoral-pulse", "absent", "2026-01-05", side=Side.RIGHT),
    )
    assert [f.side for f in asked.findings(exam("femoral-pulse", "absent"))] == [Side.RIGHT]


@pytest.mark.parametrize(
    ("question", "older", "newer"),
    [
        ("pain-location", "deep-buttock", "groin"),
        ("pain-descriptor", "electric", "aching"),
        ("palpation-tenderness", "ischial", "sacroiliac"),
        ("injury-mechanism", "low-energy-fall", "twist"),
    ],
)
def test_a_question_with_many_answers_keeps_them_all(question: str, older: str, newer: str) -> None:
    asked = chart(answer(question, older, "2026-01-10"), answer(question, newer, "2026-01-14"))
    assert asked.finding(exam(question, older))
    assert asked.finding(exam(question, newer))


def test_contradicting_answers_of_one_day_raise_but_do_not_lower() -> None:
    asked = chart(answer("saddle-sensation", "reduced"), answer("saddle-sensation", "normal"))
    assert asked.finding(SADDLE)
    assert not asked.finding(SADDLE, surely=True)
    assert not asked.finding(exam("saddle-sensation", "normal"), surely=True)


@pytest.mark.parametrize(
    "beside",
    [
        [],
        [answer("saddle-sensation", "absent", side=Side.LEFT)],
        [answer("saddle-sensation", None, side=Side.LEFT)],
        [answer("saddle-sensation", "normal", side=Side.RIGHT)],
    ],
    ids=["nothing", "another yes", "no answer", "a no of the other side"],
)
def test_what_does_not_contradict_leaves_an_answer_certain(beside: list[Observation]) -> None:
    asked = chart(answer("saddle-sensation", "reduced", side=Side.LEFT), *beside)
    assert asked.finding(SADDLE, surely=True)


def test_one_place_of_pain_does_not_contradict_another_of_the_same_day() -> None:
    asked = chart(answer("pain-location", "ischial"), answer("pain-location", "groin"))
    assert asked.finding(exam("pain-location", "ischial"), surely=True)


def test_a_finding_denied_without_a_value_contradicts_too() -> None:
    told = Observation(
        reference="Observation/yes", text="fever", concepts={"fever": "exact"}, when=day("2026-01-14"), status="final"
    )
    denied = replace(told, reference="Observation/no", denied=True)
    assert chart(told).finding(FEVER, surely=True)
    assert chart(told, denied).finding(FEVER)
    assert not chart(told, denied).finding(FEVER, surely=True)


def test_findings_come_newest_first_and_each_record_once() -> None:
    twice = condition(ref="Condition/1", concepts={"osteoporosis": "exact", "fever": "exact"})
    asked = chart(twice, condition("fever", "2026-01-05", ref="Condition/2"))
    assert [f.reference for f in asked.findings(OSTEOPOROSIS, FEVER)] == ["Condition/2", "Condition/1"]


def test_two_findings_come_newest_first_too() -> None:
    asked = chart(
        condition("osteoporosis", "2025-01-05", ref="Condition/1"), condition("fever", "2026-01-05", ref="Condition/2")
    )
    assert [f.reference for f in asked.findings(OSTEOPOROSIS, FEVER)] == ["Condition/2", "Condition/1"]


def test_a_value_of_the_other_side_is_passed_over() -> None:
    asked = chart(
        answer("mrc-hip-flexion", Quantity.of(3, "1"), "2026-01-14", side=Side.RIGHT),
        answer("mrc-hip-flexion", Quantity.of(4, "1"), "2026-01-10", side=Side.LEFT),
    )
    found = asked.latest("mrc-hip-flexion", side=Side.LEFT)
    assert found.quantity == Quantity.of(4, "1")


def test_one_of_several_findings_is_enough_wherever_it_stands_in_the_list() -> None:
    asked = chart(condition("fever", "2026-01-05"))
    for wanted in ((OSTEOPOROSIS, FEVER), (FEVER, OSTEOPOROSIS)):
        assert asked.finding(*wanted)
        assert len(asked.findings(*wanted)) == 1


def test_none_is_certain_only_where_both_sections_were_supplied() -> None:
    assert chart().finding(OSTEOPOROSIS).certain
    assert not chart(without=["observations"]).finding(OSTEOPOROSIS).certain
    assert not chart(without=["conditions"]).finding(OSTEOPOROSIS).certain


def test_one_item_is_enough_for_a_yes_in_a_chart_with_gaps() -> None:
    look, gaps = chart(condition(), without=["observations"]).gaps_of(lambda c: c.finding(OSTEOPOROSIS))
    assert isinstance(look, Finding)
    assert not gaps


def test_where_each_of_them_counts_a_further_one_that_is_missing_is_a_gap_although_some_were_found() -> None:
    odd = section_of("conditions", [condition()], unreadable={"Condition/odd": frozenset({"fever"})})
    found, gaps = chart(sections=[odd]).gaps_of(lambda c: c.every(OSTEOPOROSIS, FEVER))
    assert ([f.label for f in found], [g.reference for g in gaps]) == (["osteoporosis"], ["Condition/odd"])
    assert chart(sections=[odd]).gaps_of(lambda c: c.every(OSTEOPOROSIS))[1] == ()
    assert chart(condition()).gaps_of(lambda c: c.every(OSTEOPOROSIS, FEVER))[1] == ()


def test_each_of_them_is_looked_for_as_any_of_them_is() -> None:
    asked = chart(
        condition("fever", "2026-01-05", side=Side.LEFT),
        condition("fever", "2026-01-01", side=Side.RIGHT),
        condition("fever", "2025-12-20", clinical="resolved"),
        condition("fever", None),
    )
    week, side = timedelta(days=10), Side.LEFT
    assert len(asked.every(FEVER)) == 3
    assert len(asked.every(FEVER, within=week)) == 1
    assert len(asked.every(FEVER, within=week, undated_counts=True)) == 2
    assert len(asked.every(FEVER, side=side)) == 2
    assert len(asked.every(FEVER, history=True)) == 4
    cut = section_of("conditions", [condition("fever", "2026-01-10")], missing="cut off", since=date(2026, 1, 4))
    assert chart(sections=[cut]).gaps_of(lambda c: c.every(FEVER, within=week))[1] == ()
    assert chart(sections=[cut]).gaps_of(lambda c: c.every(FEVER))[1]


def test_a_section_never_heard_of_is_not_supplied() -> None:
    _, gaps = chart(without=["allergies"]).gaps_of(lambda c: c.allergies("nsaid-allergen"))
    assert [str(g) for g in gaps] == ["allergies: not supplied"]
    assert not chart(without=["allergies"]).supplied("allergies")
    assert chart().supplied("allergies")


@pytest.mark.parametrize(
    ("within", "certain"),
    [(timedelta(days=29), True), (timedelta(days=30), False), (timedelta(days=31), False), (None, False)],
)
def test_a_page_cut_off_is_certain_for_windows_that_begin_after_its_oldest_record(
    within: timedelta | None, certain: bool
) -> None:
    cut = section_of("observations", [crp(9, "2025-12-16")], missing="only the first page", since=date(2025, 12, 16))
    found = chart(sections=[cut]).latest("sitting-tolerance", within=within)
    assert found.certain is certain


def test_a_page_of_unknown_order_is_never_certain() -> None:
    cut = section_of("observations", [crp(9, "2025-12-16")], missing="only the first page")
    assert not chart(sections=[cut]).latest("sitting-tolerance", within=timedelta(days=1)).certain


@pytest.mark.parametrize(
    ("could_be", "certain"),
    [(frozenset({"osteoporosis"}), False), (frozenset({"fever"}), True), (None, False), (frozenset(), True)],
)
def test_an_unreadable_record_makes_none_uncertain_for_what_it_could_be(
    could_be: frozenset[str] | None, certain: bool
) -> None:
    odd = Section("conditions", unreadable={"Condition/odd": could_be})
    assert chart(sections=[odd]).finding(OSTEOPOROSIS).certain is certain


@pytest.mark.parametrize(("could_be", "certain"), [("lab-crp", False), ("fever", True)])
def test_an_unreadable_observation_makes_no_value_uncertain_for_what_it_could_be(could_be: str, certain: bool) -> None:
    odd = Section("observations", unreadable={"Observation/odd": frozenset({could_be})})
    assert chart(sections=[odd]).latest(CRP).certain is certain


@pytest.mark.parametrize(
    ("since", "gaps"), [(date(2025, 12, 16), 0), (date(2025, 12, 20), 0), (date(2025, 12, 21), 1), (None, 1)]
)
def test_the_newest_value_of_a_page_cut_off_is_the_newest_only_where_its_order_is_known(
    since: date | None, gaps: int
) -> None:
    cut = section_of("observations", [crp(9, "2025-12-20")], missing="only the first page", since=since)
    look, noted = chart(sections=[cut]).gaps_of(lambda c: c.latest(CRP))
    assert look
    assert len(noted) == gaps


LOOKS: dict[SectionName, list[Callable[[Chart], object]]] = {
    "procedures": [lambda c: c.procedures("thing")],
    "medications": [lambda c: c.medications("thing"), lambda c: c.past_medications("thing")],
    "diagnosticReports": [lambda c: c.reports("thing")],
    "serviceRequests": [lambda c: c.orders("thing")],
    "allergies": [lambda c: c.allergies("thing")],
    "familyHistory": [lambda c: c.relatives("thing")],
    "encounters": [lambda c: c.encounters()],
    "carePlans": [lambda c: c.care_plans("thing")],
}


@pytest.mark.parametrize("section", LOOKS)
def test_none_of_a_section_that_was_not_supplied_names_that_section(section: SectionName) -> None:
    for look in LOOKS[section]:
        found, gaps = chart(without=[section]).gaps_of(look)
        assert (found, [g.section for g in gaps]) == ((), [section])
        assert chart().gaps_of(look) == ((), ())


THING: dict[str, Any] = {"text": "x", "concepts": {"thing": "exact"}, "when": day("2025-12")}
DATED: dict[str, tuple[Record, Callable[[Chart, timedelta], object]]] = {
    "value": (crp(9, "2025-12"), lambda c, within: c.latest(CRP, within=within)),
    "procedure": (
        Procedure(reference="Procedure/1", status="completed", **THING),
        lambda c, within: c.procedures("thing", within=within),
    ),
    "report": (
        Report(reference="DiagnosticReport/1", status="final", results={}, **THING),
        lambda c, within: c.reports("thing", within=within),
    ),
    "order": (
        Order(reference="ServiceRequest/1", status="active", intent="order", **THING),
        lambda c, within: c.orders("thing", within=within),
    ),
    "visit": (
        Encounter(reference="Encounter/1", status="finished", **THING),
        lambda c, within: c.encounters(within=within),
    ),
}


@pytest.mark.parametrize("kind", DATED)
def test_a_month_counts_while_some_day_of_it_lies_in_the_window(kind: str) -> None:
    record, look = DATED[kind]
    assert look(chart(record), timedelta(days=20))
    assert not look(chart(record), timedelta(days=10))
    if not isinstance(record, Observation):
        assert look(chart(replace(record, when=None)), timedelta(days=20)) == ()


def test_one_visit_says_nothing_of_those_that_were_not_supplied() -> None:
    visit = DATED["visit"][0]
    cut = section_of("encounters", [visit], missing="only the first page")
    found, gaps = chart(sections=[cut]).gaps_of(lambda c: c.encounters())
    assert (len(found), [g.section for g in gaps]) == (1, ["encounters"])


def test_a_problem_that_ended_hides_none_that_stands() -> None:
    ended = condition(at="2026-01-10", clinical="resolved", ref="Condition/ended")
    provisional = condition(at="2026-01-09", verification="provisional", ref="Condition/provisional")
    assert chart(ended, provisional, condition()).finding(OSTEOPOROSIS, surely=True)


def test_a_gap_is_noted_once_and_only_for_the_one_who_asked() -> None:
    asked = chart(without=["observations"])
    _, gaps = asked.gaps_of(lambda c: (c.latest(CRP), c.latest(CRP), c.finding(OSTEOPOROSIS)))
    assert len(gaps) == 1
    _, later = asked.gaps_of(lambda c: c.medications("med-nsaid"))
    assert later == ()


def test_a_fact_is_worked_out_once_and_hands_its_gaps_to_every_reader() -> None:
    worked: list[int] = []

    @fact
    def inflamed(c: Chart) -> bool:
        worked.append(1)
        return bool(c.latest(CRP))

    asked = chart(without=["observations"])
    first, gaps = asked.gaps_of(inflamed)
    again, gaps_again = asked.gaps_of(inflamed)
    assert (first, again, len(worked)) == (False, False, 1)
    assert gaps == gaps_again != ()


def test_gaps_survive_an_error_in_the_question() -> None:
    asked = chart(without=["observations"])

    def broken(c: Chart) -> None:
        c.latest(CRP)
        raise KeyError("x")

    with pytest.raises(KeyError):
        asked.gaps_of(broken)
    _, gaps = asked.gaps_of(lambda c: None)
    assert gaps == ()


def test_other_sections_come_newest_first_and_each_record_once() -> None:
    old, new = medicine(ref="MedicationRequest/old"), medicine("med-opioid", ref="MedicationRequest/new")
    asked = chart(old, new)
    found = asked.medications("med-nsaid", "med-nsaid", "med-opioid")
    assert {m.reference for m in found} == {"MedicationRequest/old", "MedicationRequest/new"}
    assert len(found) == 2


def test_a_finding_quotes_label_value_and_date() -> None:
    found = chart(crp(142, "2026-01-15")).latest(CRP)
    assert isinstance(found, Finding)
    assert found.quote() == "CRP 142 mg/L, 15 Jan 2026"
    undated = chart(condition(at=None)).finding(OSTEOPOROSIS)
    assert isinstance(undated, Finding)
    assert undated.quote() == "osteoporosis, date not recorded"
    no = Finding("Observation/1", "Walks normally", value=False)
    assert no.quote().startswith("Walks normally: no,")
    coded = Finding("Observation/1", "Saddle sensation", value="not-done")
    assert "not done" in coded.quote()


def test_a_section_with_a_record_that_cannot_be_read_is_not_whole_whatever_it_could_be() -> None:
    told = chart(sections=[Section("procedures", unreadable={"Procedure/odd": frozenset({"another-kind"})})])
    assert not told.supplied("procedures")
    assert told.supplied("procedures", "this-kind")
    assert not told.supplied("procedures", "another-kind")


def test_what_was_not_looked_at_is_a_gap_of_whoever_asks() -> None:
    gap = Gap("drafts", "only the first were judged")
    assert chart().gaps_of(lambda c: c.lacks(gap)) == (None, (gap,))
