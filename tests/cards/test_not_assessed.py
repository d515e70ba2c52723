"""The card that says what could not be checked: how urgent it is, where it stands, and what it names."""

from __future__ import annotations

from dataclasses import replace

from cards.card import Card, Indicator, NotAssessed, RuleMark
from cards.compose import card_of
from cards.finding import Gap
from cards.not_assessed import TOPIC, unknown_scope_card, with_not_assessed
from cards.rule import Rule
from tests.cards.rules import saying, voice

NOT_SENT = Gap("observations", "not supplied")
UNREADABLE = Gap("conditions", "a record could not be read", "Condition/odd")
FLAG = saying("flag")


def shown(rule_id: str, indicator: Indicator = "warning") -> Card:
    return card_of([voice(rule_id, indicator)], [])


def added(*gaps: Gap, beside: tuple[Card, ...] = (), none_judged: bool = False) -> tuple[Card, ...]:
    blind: list[tuple[Rule, tuple[Gap, ...]]] = [(FLAG, gaps or (NOT_SENT,))]
    return with_not_assessed(beside, blind, no_flag_judged=none_judged)


def test_it_names_the_rule_what_it_missed_and_its_own_version() -> None:
    (card,) = added()
    assert card.rules == (RuleMark(TOPIC, "1.0.0", "info"),)
    assert card.not_assessed == (NotAssessed("flag", (NOT_SENT,)),)
    assert "**Not assessed:** flag." in card.detail
    assert "**Why:** observations: not supplied." in card.detail


def test_where_no_flag_was_judged_only_what_is_critical_comes_before_it() -> None:
    others = (shown("bleeding", "critical"), shown("drug"))
    topics = [(c.source.topic, c.indicator) for c in added(beside=others, none_judged=True)]
    assert topics == [("bleeding", "critical"), (TOPIC, "warning"), ("drug", "warning")]
    topics = [(c.source.topic, c.indicator) for c in added(beside=others)]
    assert topics == [("bleeding", "critical"), ("drug", "warning"), (TOPIC, "info")]


def test_it_takes_no_other_card_s_place() -> None:
    three = (shown("a", "critical"), shown("b"), replace(shown("c"), not_assessed=(NotAssessed("c", (UNREADABLE,)),)))
    *first, last = added(beside=three)
    assert first == [*three[:2]]
    assert last.not_assessed == (NotAssessed("c", (UNREADABLE,)), NotAssessed("flag", (NOT_SENT,)))
    assert last.detail == f"{three[2].detail}\n\n**Not assessed:** flag: observations: not supplied."


def test_missing_data_and_a_record_that_could_not_be_used_are_told_apart() -> None:
    assert "data missing (observations)" in added()[0].summary
    assert "records could not be used (conditions)" in added(UNREADABLE)[0].summary
    assert "data missing (conditions, observations)" in added(UNREADABLE, NOT_SENT)[0].summary


def test_as_many_missing_parts_are_named_as_the_summary_has_room_for() -> None:
    def summary(number: int) -> str:
        keys = ("observations", "medications", "procedures", "serviceRequests", "diagnosticReports", "encounters")
        return added(*(Gap(key, "not supplied") for key in keys[:number]))[0].summary

    lead = "1 red-flag check could not be completed: data missing"
    end = "This is not an all-clear."
    assert summary(2) == f"{lead} (observations, medications). {end}"
    assert summary(3) == f"{lead} (observations, medications, procedures). {end}"
    assert summary(4) == f"{lead} (observations, medications, procedures, service requests). {end}"
    assert summary(5) == f"{lead} (observations, medications, procedures and 2 more). {end}"
    assert summary(6) == f"{lead} (observations, medications, procedures and 3 more). {end}"


def test_a_patient_of_whom_not_even_the_pain_could_be_told_gets_a_note() -> None:
    card = unknown_scope_card((UNREADABLE,))
    assert card.indicator == "info"
    assert card.not_assessed == (NotAssessed(TOPIC, (UNREADABLE,)),)
    assert card.rules == (RuleMark(TOPIC, "1.0.0", "info"),)
    assert card.summary.endswith("This is not an all-clear.")
