"""From rules to cards: who is asked, what a broken or blind rule becomes, and what a clinician sees."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from cards.advise import Advice, advise
from cards.card import Card, Indicator
from cards.chart import Chart
from cards.finding import Finding, Gap, Look, NotFound
from cards.immutable import replace
from cards.quantity import Quantity
from cards.record import Observation, Order, Patient, Procedure, Report
from cards.rule import CannotTell, Family, Hook, Outcome, Silent
from cards.section import Section
from cards.side import Side
from cards.valueset import Strength
from tests.cards.charts import CRP, SECTIONS, UNABLE, answer, chart, condition, crp, day
from tests.cards.rules import advice, made_rule, only_these, order, saying

ARRANGED: dict[str, Strength] = {"img-mri-pelvis": "exact"}


def leads(found: Advice) -> list[str]:
    return [card.source.topic for card in found.cards]


def blind(c: Chart) -> Outcome:
    return Silent("nothing") if not c.latest(CRP) else Silent("something")


def posterior(*records: Any, **options: Any) -> Chart:
    return chart(*records, posterior=True, **options)


def test_a_patient_without_hip_pain_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a", "critical"))
    found = advise(chart(condition("diabetes")), "patient-view")
    assert (found.cards, found.answers) == ((), ())


def test_a_deceased_patient_gets_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a", "critical"))
    patient = Patient(id="p", born=day("1950-01-01"), deceased=True)
    assert advise(posterior(patient=patient), "patient-view").cards == ()


@pytest.mark.parametrize(
    ("hook", "asked"), [("patient-view", ["a"]), ("order-select", ["a", "b"]), ("order-sign", ["a", "b"])]
)
def test_a_rule_is_asked_at_its_hooks_only(hook: Hook, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a"), saying("b", hooks=("order-select", "order-sign")))
    assert [a.rule.id for a in advise(posterior(), hook).answers] == asked


def test_a_rule_is_asked_where_the_pain_is_only(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a"), saying("b", places=("elsewhere",)), saying("c", places=("posterior", "child")))
    assert leads(advise(posterior(), "patient-view")) == ["a", "c"]
    child = Patient(id="p", born=day("2014-01-01"))
    assert leads(advise(posterior(patient=child), "patient-view")) == ["c"]


def test_a_draft_rule_is_asked_but_never_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a", "critical", status="draft"))
    found = advise(posterior(), "patient-view")
    assert len(found.answers) == 1
    assert found.cards == ()


def test_red_flags_are_asked_first_and_told_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[set[str]] = []

    def listening(c: Chart) -> Outcome:
        heard.append(set(c.red_flags))
        return Silent("listening")

    only_these(
        monkeypatch,
        made_rule("listener", listening, "management"),
        saying("flag", "info"),
        saying("draft-flag", status="draft"),
    )
    advise(posterior(), "patient-view")
    assert heard == [{"flag"}]


def test_a_broken_rule_cannot_tell_and_leaks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(c: Chart) -> Outcome:
        raise ValueError("Mrs Example, born 1950")

    only_these(monkeypatch, made_rule("broken", broken), saying("works", "warning"))
    with caplog.at_level(logging.DEBUG):
        found = advise(posterior(), "patient-view")
    assert leads(found) == ["works", "not-assessed"]
    assert [(n.rule, n.why) for n in found.not_assessed] == [("broken", "rules: this rule failed and did not answer")]
    assert [len(a.gaps) for a in found.answers] == [1, 0]
    assert "Example" not in repr(found.cards) + caplog.text
    (logged,) = caplog.records
    assert (logged.levelname, logged.message) == ("ERROR", "rule_failed")
    assert (logged.__dict__["rule"], logged.__dict__["error"]) == ("broken", "ValueError")


def test_silence_in_a_chart_with_gaps_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, made_rule("flag", blind))
    assert advise(posterior(), "patient-view").cards == ()
    found = advise(posterior(without=["observations"]), "patient-view")
    assert isinstance(found.answers[0].outcome, CannotTell)
    assert leads(found) == ["not-assessed"]


def test_advice_in_a_chart_with_gaps_stands_and_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def sees(c: Chart) -> Outcome:
        c.latest(CRP)
        return advice("warning", "Found.")

    only_these(monkeypatch, made_rule("flag", sees))
    (card,) = advise(posterior(without=["observations"]), "patient-view").cards
    assert "**Could not check:** observations: not supplied" in card.detail
    assert card.not_assessed[0].missing == ("observations",)


def test_when_every_red_flag_is_blind_the_card_warns_and_comes_before_all_but_critical(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only_these(
        monkeypatch, made_rule("flag", blind), saying("care", "info", "management"), saying("drug", "warning", "safety")
    )
    found = advise(posterior(without=["observations"]), "patient-view")
    assert [(c.source.topic, c.indicator) for c in found.cards] == [
        ("not-assessed", "warning"),
        ("drug", "warning"),
        ("care", "info"),
    ]
    assert "No red flag could be checked" in found.cards[0].summary
    assert "not an all-clear" in found.cards[0].summary


def test_the_summary_of_what_was_not_assessed_is_never_cut_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks_everywhere(c: Chart) -> Outcome:
        return Silent(", ".join(name for name in SECTIONS if c.supplied(name)))

    only_these(monkeypatch, made_rule("flag", looks_everywhere))
    summary = advise(posterior(without=SECTIONS[1:]), "patient-view").cards[0].summary
    assert "data missing (observations, medications" in summary
    assert summary.endswith(" more). This is not an all-clear.")
    assert len(summary) < 140


def test_a_single_record_that_cannot_be_used_is_not_called_missing_data(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, made_rule("flag", blind), saying("seen"))
    known = posterior()
    odd = Section("observations", unreadable={"Observation/odd": None})
    found = advise(Chart(known.patient, known.today, {**known._sections, "observations": odd}), "patient-view")
    assert [card.summary for card in found.cards if card.source.topic == "not-assessed"] == [
        "1 red-flag check could not be completed: records could not be used (observations). This is not an all-clear."
    ]


def test_when_some_red_flags_are_blind_the_card_informs_after_what_is_urgent(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, made_rule("blind", blind), saying("seen", "warning"), saying("care", "info", "follow_up"))
    found = advise(posterior(without=["observations"]), "patient-view")
    assert [(c.source.topic, c.indicator) for c in found.cards] == [
        ("seen", "warning"),
        ("not-assessed", "info"),
        ("care", "info"),
    ]


def test_a_red_flag_that_spoke_though_it_missed_a_section_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoke(c: Chart) -> Outcome:
        return advice("info", "Something.") if not c.latest(CRP) else Silent("nothing")

    only_these(monkeypatch, made_rule("blind", blind), made_rule("spoke", spoke))
    found = advise(posterior(without=["observations"]), "patient-view")
    assert ("not-assessed", "info") in [(c.source.topic, c.indicator) for c in found.cards]


@pytest.mark.parametrize(("missing", "indicator"), [("only the first page", "warning"), (None, "info")])
def test_a_single_record_that_cannot_be_read_never_makes_the_card_a_warning(
    missing: str | None, indicator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Section("observations", unreadable={"Observation/odd": None}, missing=missing)
    only_these(monkeypatch, made_rule("flag", blind))
    (card,) = advise(posterior(sections=[odd]), "patient-view").cards
    assert (card.source.topic, card.indicator) == ("not-assessed", indicator)


def test_critical_flags_that_lead_no_card_are_said_on_one_where_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only_these(
        monkeypatch,
        saying("a", "critical", pathway="p", leads=False),
        saying("b", "critical", pathway="q", leads=False),
    )
    (card,) = advise(posterior(), "patient-view").cards
    assert (card.source.topic, [m.id for m in card.rules]) == ("a", ["a", "b"])


def test_beside_three_urgent_cards_the_last_says_what_was_not_assessed(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, made_rule("blind", blind), saying("a", "critical"), saying("b"), saying("c"))
    found = advise(posterior(without=["observations"]), "patient-view")
    assert leads(found) == ["a", "b", "c"]
    assert "**Not assessed:** blind: observations: not supplied." in found.cards[-1].detail
    assert [n.rule for n in found.cards[-1].not_assessed] == ["blind"]


@pytest.mark.parametrize("family", ["safety", "imaging", "management", "workup", "follow_up"])
def test_only_blind_red_flags_take_a_card(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("seen", "info"), made_rule("blind", blind, family))
    found = advise(posterior(without=["observations"]), "patient-view")
    assert leads(found) == ["seen"]
    assert [n.rule for n in found.not_assessed] == ["blind"]


def test_urgent_advice_without_room_is_said_on_the_last_card(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, *(saying(x) for x in "abcd"))
    found = advise(posterior(), "patient-view")
    assert leads(found) == ["a", "b"]
    assert "**Also found:** C\n\n**Also found:** D" in found.cards[-1].detail
    assert "**Also found:**" not in found.cards[0].detail
    assert [m.id for m in found.cards[-1].rules] == ["b", "c", "d"]


def test_what_is_said_on_another_card_keeps_its_urgency(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, *(saying(x, "critical") for x in "abc"), *(saying(x) for x in "def"))
    marks = [(m.id, m.indicator) for card in advise(posterior(), "patient-view").cards for m in card.rules]
    assert marks == [
        ("a", "critical"),
        ("b", "critical"),
        ("c", "critical"),
        ("d", "warning"),
        ("e", "warning"),
        ("f", "warning"),
    ]


def test_the_other_voices_of_a_card_are_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a", "warning", pathway="p"), saying("b", "critical", pathway="p"))
    (card,) = advise(posterior(), "patient-view").cards
    assert (card.source.topic, card.indicator, card.summary) == ("b", "critical", "B")
    assert "**Also:** A Do something about it." in card.detail
    assert [(m.id, m.version, m.indicator) for m in card.rules] == [
        ("b", "1.2.3", "critical"),
        ("a", "1.2.3", "warning"),
    ]


def arranged_card(record: Order | Report | Procedure, monkeypatch: pytest.MonkeyPatch, **rule: Any) -> Card:
    flag = made_rule("flag", _found_crp, arranged_by=("img-mri-pelvis",), **rule)
    only_these(monkeypatch, flag)
    (card,) = advise(posterior(crp(142, "2026-01-10"), record), "patient-view").cards
    return card


def _found_crp(c: Chart) -> Outcome:
    return advice("critical", "CRP is high.", because=(c.latest(CRP),), suggestions=(order("MRI pelvis"),))


@pytest.mark.parametrize(
    ("at", "lowered"),
    [
        ("2026-01-15", True),
        ("2026-01-10", True),
        ("2026-01-08", True),
        ("2026-01-07", False),
        ("2026-01", False),
        (None, False),
    ],
)
def test_what_was_ordered_since_the_finding_lowers_the_card(
    at: str | None, lowered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = Order(
        reference="ServiceRequest/1",
        text="MRI <b>pelvis</b>",
        concepts=ARRANGED,
        when=day(at),
        status="active",
        intent="order",
    )
    card = arranged_card(placed, monkeypatch)
    assert card.indicator == ("info" if lowered else "critical")
    assert ("already arranged" in card.summary) is lowered
    assert bool(card.suggestions) is not lowered
    assert "<b>" not in card.detail


def ordered(at: str = "2026-01-12", **members: Any) -> Order:
    """MRI of the pelvis, really ordered."""
    given = {"status": "active", "intent": "order"} | members
    return Order(reference="ServiceRequest/1", text="MRI", concepts=ARRANGED, when=day(at), **given)


def left_of(
    told: Outcome, *records: Any, monkeypatch: pytest.MonkeyPatch, arranged_by: tuple[str, ...] = ("img-mri-pelvis",)
) -> str:
    """The indicator that is left of an advice."""
    only_these(monkeypatch, made_rule("flag", lambda c: told, arranged_by=arranged_by))
    (card,) = advise(chart(condition("buttock-pain", side=Side.LEFT), *records), "patient-view").cards
    return card.indicator


OLD, NEW, UNDATED = (
    Finding(f"Observation/{n}", "CRP", when=day(at)) for n, at in enumerate(("2026-01-01", "2026-01-10", None))
)


@pytest.mark.parametrize(
    ("indicator", "because", "record", "left"),
    [
        ("critical", (NotFound(), UNDATED, NEW), ordered("2026-01-08"), "info"),
        ("critical", (OLD, NEW), ordered("2026-01-07"), "critical"),
        ("critical", (UNDATED,), ordered(), "critical"),
        ("critical", (NEW,), ordered(side=Side.RIGHT), "critical"),
        ("critical", (NEW,), ordered(side=Side.LEFT), "info"),
        ("critical", (NEW,), ordered(priority="routine"), "critical"),
        ("critical", (NEW,), ordered(priority="urgent"), "info"),
        ("warning", (NEW,), ordered(priority="routine"), "info"),
    ],
)
def test_an_order_arranges_by_its_day_its_side_and_its_priority(
    indicator: Indicator, because: tuple[Look, ...], record: Order, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert left_of(advice(indicator, because=because), record, monkeypatch=monkeypatch) == left


def test_a_note_or_what_nothing_arranges_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(
        monkeypatch, made_rule("flag", lambda c: advice("info", because=(NEW,)), arranged_by=("img-mri-pelvis",))
    )
    (card,) = advise(posterior(ordered()), "patient-view").cards
    assert "already arranged" not in card.summary
    assert left_of(advice("warning", because=(NEW,)), ordered(), monkeypatch=monkeypatch, arranged_by=()) == "warning"


@pytest.mark.parametrize("status", ["draft", "revoked", "entered-in-error"])
def test_a_draft_or_revoked_order_arranges_nothing(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = Order(
        reference="ServiceRequest/1",
        text="MRI",
        concepts=ARRANGED,
        when=day("2026-01-12"),
        status=status,
        intent="order",
    )
    assert arranged_card(placed, monkeypatch).indicator == "critical"


def test_a_report_or_a_procedure_arranges_too(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(
        reference="DiagnosticReport/1",
        text="MRI",
        concepts=ARRANGED,
        when=day("2026-01-12"),
        status="final",
        results={},
    )
    done = Procedure(reference="Procedure/1", text="MRI", concepts=ARRANGED, when=day("2026-01-12"), status="completed")
    assert arranged_card(report, monkeypatch).indicator == "info"
    assert arranged_card(done, monkeypatch).indicator == "info"


@pytest.mark.parametrize(("results", "lowered"), [({}, False), ({"img-result-normal": "exact"}, True)])
def test_where_the_result_decides_only_a_study_coded_normal_lowers_the_card(
    results: dict[str, Strength], lowered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(
        reference="DiagnosticReport/1",
        text="MRI",
        concepts=ARRANGED,
        when=day("2026-01-12"),
        status="final",
        results=results,
    )
    card = arranged_card(report, monkeypatch, result_decides=True)
    assert card.indicator == ("info" if lowered else "critical")
    assert ("MRI, 12 Jan 2026, not coded as normal: read it first" in card.detail) is not lowered


@pytest.mark.parametrize(
    ("concepts", "lowered"),
    [
        ({"img-mri-pelvis": "exact", "proc-lumbar-surgery": "exact"}, False),
        ({"referral-orthopaedics": "exact"}, True),
    ],
)
def test_where_the_result_decides_imaging_known_only_as_done_lowers_nothing_and_a_visit_does(
    concepts: dict[str, Strength], lowered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Procedure(
        reference="Procedure/1", text="Done", concepts=concepts, when=day("2026-01-12"), status="completed"
    )
    names = ("img-mri-pelvis", "referral-orthopaedics")
    only_these(monkeypatch, made_rule("flag", _found_crp, arranged_by=names, result_decides=True))
    (card,) = advise(posterior(crp(142, "2026-01-10"), done), "patient-view").cards
    assert card.indicator == ("info" if lowered else "critical")
    (card,) = advise(posterior(crp(142, "2026-01-10"), replace(ordered(), concepts=concepts)), "patient-view").cards
    assert card.indicator == "info"


def test_beside_a_red_flag_that_is_arranged_the_stages_of_care_stay_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    flag = made_rule("flag", _found_crp, arranged_by=("img-mri-pelvis",))
    only_these(monkeypatch, flag, saying("conservative-care", "info", "management"))
    assert leads(advise(posterior(crp(142, "2026-01-10"), ordered()), "patient-view")) == ["flag"]


def test_a_preliminary_value_speaks_through_no_rule_that_may_not_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    def follower(c: Chart) -> Outcome:
        found = c.latest(CRP)
        return advice("critical", "x", because=(found,), leads=False) if found else Silent("no CRP")

    only_these(monkeypatch, made_rule("flag", follower))
    assert advise(posterior(crp(142, "2026-01-10", status="preliminary")), "patient-view").cards == ()


def test_advice_of_another_study_names_what_arranges_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(c: Chart) -> Outcome:
        return advice("critical", "x", because=(c.latest(CRP),), arranged_by=())

    placed = Order(
        reference="ServiceRequest/1",
        text="MRI",
        concepts=ARRANGED,
        when=day("2026-01-12"),
        status="active",
        intent="order",
    )
    only_these(monkeypatch, made_rule("flag", other, arranged_by=("img-mri-pelvis",)))
    (card,) = advise(posterior(crp(142, "2026-01-10"), placed), "patient-view").cards
    assert card.indicator == "critical"


@pytest.mark.parametrize(
    ("family", "value", "heard"),
    [("red_flags", 400, True), ("scope", 400, True), ("red_flags", 88, False), ("safety", 400, False)],
)
def test_preliminary_observations_only_ever_make_a_red_flag_critical(
    family: Family, value: float, heard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(c: Chart) -> Outcome:
        found = c.latest(CRP)
        if not found.quantity:
            return Silent("no value")
        return advice("critical" if found.quantity.value > 100 else "warning", "High.", because=(found,))

    only_these(monkeypatch, made_rule("flag", judge, family))
    cards = advise(posterior(crp(value, status="preliminary")), "patient-view").cards
    assert bool(cards) is heard
    assert all("(preliminary)" in card.detail for card in cards)


def test_mild_and_falling_pain_under_care_gets_no_card_of_care(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = (
        Observation(
            reference=f"Observation/{n}",
            text="Pain",
            concepts={"pain-nrs": "exact"},
            when=day(at),
            status="final",
            value=Quantity.of(n, "{score}"),
        )
        for n, at in ((4, "2026-01-05"), (3, "2026-01-14"))
    )
    therapy = Procedure(
        reference="Procedure/1",
        text="Physiotherapy",
        concepts={"proc-physical-therapy": "exact"},
        when=day("2026-01-08"),
        started=day("2026-01-08"),
        status="completed",
    )
    only_these(monkeypatch, saying("care", "info", "management"), saying("drug", "warning", "safety"))
    assert leads(advise(posterior(*scores, therapy), "patient-view")) == ["drug"]


def test_a_preliminary_value_silences_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(c: Chart) -> Outcome:
        return advice("warning", "None was measured.") if not c.latest(CRP) else Silent("one was measured")

    only_these(monkeypatch, made_rule("flag", judge))
    assert leads(advise(posterior(crp(4, status="preliminary")), "patient-view")) == ["flag"]


def test_of_several_advices_one_that_is_critical_lets_preliminary_values_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(c: Chart) -> Outcome:
        look = c.latest(CRP)
        return (advice("critical", "High.", because=(look,)), advice("info")) if look else Silent("no value")

    only_these(monkeypatch, made_rule("flag", judge))
    (card,) = advise(posterior(crp(400, status="preliminary")), "patient-view").cards
    assert card.indicator == "critical"


def test_suggested_orders_point_at_what_called_for_them_and_at_the_side(monkeypatch: pytest.MonkeyPatch) -> None:
    pain = condition("buttock-pain", side=Side.LEFT, ref="Condition/pain")
    only_these(monkeypatch, made_rule("flag", _found_crp))
    (card,) = advise(chart(pain, crp(142, "2026-01-10", ref="Observation/crp")), "patient-view").cards
    (suggestion,) = card.suggestions
    assert suggestion.create
    assert suggestion.create.reasons == ("Condition/pain", "Observation/crp")


def test_where_conditions_cannot_be_read_the_scope_is_unknown_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch, saying("a"))
    odd = Section("conditions", unreadable={"Condition/odd": None})
    found = advise(chart(sections=[odd]), "patient-view")
    assert found.scope.place == "unknown"
    assert leads(found) == ["not-assessed"]


def test_a_problem_that_could_not_be_read_but_is_no_pain_leaves_the_scope_known() -> None:
    rhinitis = Section("conditions", unreadable={"Condition/odd": frozenset({"asthma"})})
    assert advise(chart(sections=[rhinitis]), "patient-view").scope.place == "none"
    pain = Section("conditions", unreadable={"Condition/odd": frozenset({"buttock-pain"})})
    assert advise(chart(sections=[pain]), "patient-view").scope.place == "unknown"


def test_several_advices_of_one_rule_are_several_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(c: Chart) -> Outcome:
        return advice("warning", "one", pathway="draft-1"), advice("warning", "two", pathway="draft-2")

    only_these(monkeypatch, made_rule("safety", two, "safety"))
    assert [c.summary for c in advise(posterior(), "order-sign").cards] == ["One", "Two"]


def test_cannot_tell_names_the_gaps_of_the_looks_that_failed() -> None:
    asked = chart(without=["observations", "conditions"])
    outcome = CannotTell.without(asked.finding(UNABLE), asked.latest(CRP))
    assert Gap("observations", "not supplied") in outcome.missing
    assert CannotTell.without(chart().finding(UNABLE)) == CannotTell(())


def test_an_answer_that_was_asked_and_negative_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def asks(c: Chart) -> Outcome:
        return advice() if c.finding(UNABLE, within=timedelta(days=14)) else Silent("stands")

    only_these(monkeypatch, made_rule("flag", asks))
    assert advise(posterior(answer("unable-to-bear-weight", False)), "patient-view").cards == ()
