"""Which records count: the rules of data hygiene, seen through the questions that rules ask."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.finding import Finding
from cards.quantity import Quantity
from cards.record import Allergy, CarePlan, Encounter, Order, Patient, Procedure, Relative, Report
from cards.side import Side
from cards.valueset import Strength
from cards.when import When
from tests.cards.charts import CRP, OSTEOPOROSIS, TODAY, UNABLE, answer, chart, condition, crp, day, medicine

FORTNIGHT = timedelta(days=14)
X: dict[str, Strength] = {"thing": "exact"}


@pytest.mark.parametrize(
    ("clinical", "now", "past"),
    [
        ("active", True, True),
        ("recurrence", True, True),
        ("relapse", True, True),
        ("inactive", False, True),
        ("remission", False, True),
        ("resolved", False, True),
        (None, True, True),
    ],
)
def test_a_problem_that_has_ended_is_history(clinical: str | None, now: bool, past: bool) -> None:
    asked = chart(condition(clinical=clinical))
    assert bool(asked.finding(OSTEOPOROSIS)) is now
    assert bool(asked.finding(OSTEOPOROSIS, history=True)) is past


def test_a_problem_without_status_but_with_an_end_is_history() -> None:
    asked = chart(condition(clinical=None, ended=day("2025-12-01")))
    assert not asked.finding(OSTEOPOROSIS)
    assert asked.finding(OSTEOPOROSIS, history=True)


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_refuted_or_mistaken_problem_never_counts(verification: str) -> None:
    assert not chart(condition(verification=verification)).finding(OSTEOPOROSIS, history=True)


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_an_unconfirmed_problem_may_raise_but_never_lower(verification: str) -> None:
    asked = chart(condition(verification=verification))
    found = asked.finding(OSTEOPOROSIS)
    assert isinstance(found, Finding)
    assert "unconfirmed" in found.quote()
    assert not asked.finding(OSTEOPOROSIS, surely=True)


def test_a_problem_without_a_status_raises_but_never_lowers() -> None:
    asked = chart(condition(clinical=None))
    assert asked.finding(OSTEOPOROSIS)
    assert not asked.finding(OSTEOPOROSIS, surely=True)


def test_a_problem_that_only_a_broad_code_tells_is_not_found() -> None:
    assert not chart(condition(concepts={"osteoporosis": "broad"})).finding(OSTEOPOROSIS)
    assert chart(condition(concepts={"osteoporosis": "text"})).finding(OSTEOPOROSIS)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("final", True),
        ("amended", True),
        ("corrected", True),
        ("preliminary", False),
        ("registered", False),
        ("cancelled", False),
        ("entered-in-error", False),
        ("unknown", False),
    ],
)
def test_only_a_final_observation_counts(status: str, counts: bool) -> None:
    assert bool(chart(crp(88, status=status)).latest(CRP)) is counts


def test_a_preliminary_observation_counts_where_asked_for_and_says_so() -> None:
    early = chart(crp(88, status="preliminary")).with_preliminary()
    found = early.latest(CRP)
    assert found.quantity == Quantity.of(88, "mg/L")
    assert isinstance(found, Finding)
    assert "preliminary" in found.quote()


def test_a_chart_knows_whether_it_holds_anything_preliminary() -> None:
    assert chart(crp(88, status="preliminary")).has_preliminary
    assert not chart(crp(88)).has_preliminary
    assert not chart(crp(88, status="preliminary", at="2026-02-01")).has_preliminary


def test_a_denied_or_refused_observation_says_no_yes() -> None:
    assert not chart(answer("unable-to-bear-weight", False)).finding(UNABLE)
    assert not chart(crp(88, denied=True)).finding(CRP)
    assert not chart(crp(None, refused="no unit was given")).finding(CRP)


@pytest.mark.parametrize(
    ("at", "inside"),
    [("2026-01-01", True), ("2025-12-31", False), ("2026-01", True), ("2025-12", False), (None, False)],
)
def test_a_window_includes_its_first_day(at: str | None, inside: bool) -> None:
    assert bool(chart(crp(88, at)).latest(CRP, within=FORTNIGHT)) is inside
    assert bool(chart(condition(at=at)).finding(OSTEOPOROSIS, within=FORTNIGHT)) is inside


def test_an_undated_finding_counts_only_where_the_rule_says_so() -> None:
    asked = chart(condition(at=None))
    assert not asked.finding(OSTEOPOROSIS, within=FORTNIGHT)
    assert asked.finding(OSTEOPOROSIS, within=FORTNIGHT, undated_counts=True)
    assert asked.finding(OSTEOPOROSIS)


def test_for_silencing_a_month_must_lie_in_the_window_with_all_its_days() -> None:
    asked = chart(condition(at="2026-01"))
    assert asked.finding(OSTEOPOROSIS, within=timedelta(days=14), surely=True)
    assert not asked.finding(OSTEOPOROSIS, within=timedelta(days=13), surely=True)
    assert asked.finding(OSTEOPOROSIS, within=timedelta(days=13))


@pytest.mark.parametrize(
    ("at", "usable"), [("2026-01-15", True), ("2026-01-16", False), ("2026", True), ("2027", False)]
)
def test_what_lies_in_the_future_is_discarded(at: str, usable: bool) -> None:
    assert bool(chart(crp(88, at)).latest(CRP)) is usable
    assert bool(chart(condition(at=at)).finding(OSTEOPOROSIS)) is usable


@pytest.mark.parametrize(
    ("here", "asked_for", "found"),
    [
        (Side.LEFT, Side.RIGHT, False),
        (Side.RIGHT, Side.LEFT, False),
        (Side.LEFT, Side.LEFT, True),
        (Side.BOTH, Side.LEFT, True),
        (Side.UNKNOWN, Side.LEFT, True),
        (Side.LEFT, Side.UNKNOWN, True),
        (Side.LEFT, Side.BOTH, True),
    ],
)
def test_only_the_surely_opposite_side_is_passed_over(here: Side, asked_for: Side, found: bool) -> None:
    assert bool(chart(condition(side=here)).finding(OSTEOPOROSIS, side=asked_for)) is found
    assert bool(chart(answer("unable-to-bear-weight", True, side=here)).finding(UNABLE, side=asked_for)) is found


@pytest.mark.parametrize(
    ("status", "intent", "until", "taken"),
    [
        ("active", "order", None, True),
        ("active", None, None, True),
        ("active", "proposal", None, False),
        ("active", "plan", None, False),
        ("active", "order", "2026-01-15", True),
        ("active", "order", "2026-01-14", False),
        ("active", "order", "2026-01", True),
        ("stopped", "order", None, False),
        ("completed", "order", None, False),
        ("cancelled", "order", None, False),
        ("on-hold", "order", None, False),
        ("draft", "order", None, False),
        ("entered-in-error", "order", None, False),
    ],
)
def test_only_an_active_prescription_is_taken(status: str, intent: str | None, until: str | None, taken: bool) -> None:
    asked = chart(medicine(status=status, intent=intent, until=day(until)))
    assert bool(asked.medications("med-nsaid")) is taken


def test_a_local_form_is_not_systemic() -> None:
    asked = chart(medicine(systemic=False))
    assert not asked.medications("med-nsaid")
    assert asked.medications("med-nsaid", systemic=False)


@pytest.mark.parametrize(("intent", "past"), [("order", True), (None, True), ("proposal", False), ("plan", False)])
def test_what_was_only_proposed_or_planned_is_no_past_medicine(intent: str | None, past: bool) -> None:
    assert bool(chart(medicine(status="completed", intent=intent)).past_medications("med-nsaid")) is past


@pytest.mark.parametrize(
    ("status", "past"),
    [("active", True), ("completed", True), ("stopped", True), ("draft", False), ("cancelled", False)],
)
def test_past_medicines_are_those_once_taken(status: str, past: bool) -> None:
    assert bool(chart(medicine(status=status)).past_medications("med-nsaid")) is past


@pytest.mark.parametrize(
    ("status", "intent", "ordered"),
    [
        ("active", "order", True),
        ("completed", "order", True),
        ("on-hold", "order", True),
        ("draft", "order", False),
        ("revoked", "order", False),
        ("entered-in-error", "order", False),
        ("active", "proposal", False),
        ("active", "plan", False),
    ],
)
def test_only_an_order_really_placed_counts(status: str, intent: str, ordered: bool) -> None:
    order = Order(
        reference="ServiceRequest/1", text="x", concepts=X, when=day("2026-01-02"), status=status, intent=intent
    )
    assert bool(chart(order).orders("thing")) is ordered


@pytest.mark.parametrize(
    ("status", "done", "under_way"),
    [
        ("completed", True, True),
        ("in-progress", False, True),
        ("not-done", False, False),
        ("preparation", False, False),
    ],
)
def test_only_what_was_carried_out_is_therapy(status: str, done: bool, under_way: bool) -> None:
    asked = chart(Procedure(reference="Procedure/1", text="x", concepts=X, when=day("2025-12-01"), status=status))
    assert bool(asked.procedures("thing")) is done
    assert bool(asked.procedures("thing", under_way=True)) is under_way


@pytest.mark.parametrize(
    ("status", "stands"), [("final", True), ("amended", True), ("preliminary", False), ("partial", False)]
)
def test_only_a_final_report_stands(status: str, stands: bool) -> None:
    report = Report(reference="DiagnosticReport/1", text="x", concepts=X, status=status, results={})
    assert bool(chart(report).reports("thing")) is stands


@pytest.mark.parametrize(
    ("clinical", "verification", "active"),
    [
        ("active", "confirmed", True),
        (None, None, True),
        ("active", "unconfirmed", True),
        ("inactive", "confirmed", False),
        ("resolved", "confirmed", False),
        ("active", "refuted", False),
        ("active", "entered-in-error", False),
    ],
)
def test_an_allergy_counts_while_it_is_active(clinical: str | None, verification: str | None, active: bool) -> None:
    allergy = Allergy(
        reference="AllergyIntolerance/1", text="x", concepts=X, clinical=clinical, verification=verification
    )
    assert bool(chart(allergy).allergies("thing")) is active


def test_a_relatives_illness_is_never_the_patients() -> None:
    relative = Relative(
        reference="FamilyMemberHistory/1",
        text="mother",
        concepts={"osteoporosis": "exact"},
        status="completed",
        first_degree=True,
    )
    asked = chart(relative)
    assert not asked.finding(OSTEOPOROSIS, history=True)
    assert asked.relatives(OSTEOPOROSIS)


@pytest.mark.parametrize(
    ("first", "status", "counts"),
    [
        (True, "completed", True),
        (True, "partial", True),
        (True, "health-unknown", True),
        (False, "completed", False),
        (True, "entered-in-error", False),
    ],
)
def test_only_first_degree_relatives_are_asked_for(first: bool, status: str, counts: bool) -> None:
    relative = Relative(reference="FamilyMemberHistory/1", text="x", concepts=X, status=status, first_degree=first)
    assert bool(chart(relative).relatives("thing")) is counts


@pytest.mark.parametrize(
    ("status", "took_place"),
    [
        ("finished", True),
        ("in-progress", True),
        ("planned", False),
        ("cancelled", False),
        ("unknown", False),
        ("entered-in-error", False),
    ],
)
def test_only_visits_that_took_place_count(status: str, took_place: bool) -> None:
    visit = Encounter(reference="Encounter/1", text="x", concepts=X, when=day("2026-01-10"), status=status)
    assert bool(chart(visit).encounters()) is took_place


@pytest.mark.parametrize(
    ("status", "started", "counts"),
    [
        ("active", "2025-11-01", True),
        ("completed", None, True),
        ("revoked", None, False),
        ("active", "2026-02-01", False),
    ],
)
def test_a_care_plan_counts_once_it_has_begun(status: str, started: str | None, counts: bool) -> None:
    plan = CarePlan(reference="CarePlan/1", text="x", concepts=X, status=status, started=day(started))
    assert bool(chart(plan).care_plans("thing")) is counts


def test_a_care_plan_that_ends_in_the_future_is_not_discarded() -> None:
    plan = CarePlan(
        reference="CarePlan/1", text="x", concepts=X, status="active", started=day("2025-11-01"), when=day("2026-06-01")
    )
    assert chart(plan).care_plans("thing")


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        ("1985-01-15", TODAY, 41),
        ("1985-01-16", TODAY, 40),
        ("1985", TODAY, 40),
        ("1985-01", TODAY, 40),
        ("2008-01-15", TODAY, 18),
        ("2008-02-29", date(2026, 2, 28), 17),
        ("2008-02-29", date(2026, 3, 1), 18),
    ],
)
def test_age_is_in_completed_years_and_the_least_that_a_partial_date_allows(born: str, today: date, age: int) -> None:
    assert chart(today=today, patient=Patient(id="p", born=day(born))).age == age


def test_age_on_a_day_is_told_from_the_middles_of_both_dates() -> None:
    def age_on(born: str | None, at: str) -> float | None:
        when = day(at)
        assert when is not None
        return chart(patient=Patient(id="p", born=day(born))).age_on(when)

    assert age_on("1985-06-01", "2026-01-15") == pytest.approx(40.62, abs=0.01)
    assert age_on("1985", "2026-01-15") == pytest.approx(40.54, abs=0.01)
    assert age_on("1985-06-01", "2025") == pytest.approx(40.08, abs=0.01)
    assert age_on(None, "2025") is None


def test_counting_preliminary_observations_changes_nothing_else() -> None:
    draft = Order(reference="ServiceRequest/d", text="MRI", concepts={}, status="draft")
    asked = chart(condition(), drafts=[draft])
    assert asked.with_preliminary().drafts == (draft,)
    assert asked.with_preliminary().patient == asked.patient


def test_an_unknown_birth_date_is_an_unknown_age() -> None:
    unknown = chart(patient=Patient(id="p"))
    assert unknown.age is None
    assert unknown.age_on(When.on(TODAY)) is None
