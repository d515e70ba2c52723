"""Who may speak beside whom, who shares a card, and who is left out when there is no room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.card import Suggestion
from cards.compose import Voice
from cards.orderables import MRI_PELVIS
from cards.orders import DraftOrder
from cards.precedence import capped, host_of, merged, unsaid, without_care, without_suppressed
from cards.rule import Family
from tests.cards.rules import order, voice


def ids(voices: list[Voice]) -> list[str]:
    return [rule.id for rule, _, _ in voices]


def about_a_draft(one: Voice) -> Voice:
    rule, advice, missing = one
    return rule, replace(advice, about=("MedicationRequest/1",)), missing


def groups_of(*voices: Voice) -> list[list[str]]:
    return [ids(group) for group in merged(voices)]


def shown(*voices: Voice) -> tuple[list[str], list[str]]:
    groups, overflow = capped(merged(voices))
    return [group[0][0].id for group in groups], ids(overflow)


@pytest.mark.parametrize("family", ["management", "workup", "follow_up"])
def test_beside_a_critical_red_flag_no_care_pathway_speaks(family: Family) -> None:
    assert ids(without_suppressed([voice("a", "critical"), voice("b", "info", family)])) == ["a"]


@pytest.mark.parametrize("family", ["management", "workup", "follow_up"])
def test_nor_does_one_beside_a_critical_safety_rule(family: Family) -> None:
    kept = without_suppressed([voice("a", "critical", "safety"), voice("b", "info", family)])
    assert ids(kept) == ["a"]


def test_beside_a_critical_red_flag_appropriateness_is_silent_and_safety_is_not() -> None:
    voices = [
        voice("a", "critical"),
        voice("imaging-order-appropriateness", "info", "imaging"),
        voice("imaging-safety", "warning", "imaging"),
        about_a_draft(voice("nsaid-safety", "warning", "safety")),
    ]
    assert ids(without_suppressed(voices)) == ["a", "imaging-safety", "nsaid-safety"]


def test_beside_it_a_mere_warning_is_given_of_what_is_ordered_only() -> None:
    taken, harmful = voice("b", "warning", "safety"), voice("c", "critical", "safety")
    assert ids(without_suppressed([voice("a", "critical"), taken, harmful])) == ["a", "c"]
    assert ids(without_suppressed([voice("a", "warning"), taken])) == ["a", "b"]


@pytest.mark.parametrize("rule_id", ["conservative-care", "progress-care", "escalate-care"])
@pytest.mark.parametrize(("indicator", "kept"), [("critical", False), ("warning", False), ("info", True)])
def test_an_urgent_red_flag_silences_the_stages_of_care_and_an_info_one_does_not(
    rule_id: str, indicator: str, kept: bool
) -> None:
    flag = voice("a", "warning" if indicator == "warning" else "critical" if indicator == "critical" else "info")
    assert (rule_id in ids(without_suppressed([flag, voice(rule_id, "info", "management")]))) is kept


@pytest.mark.parametrize(("indicator", "kept"), [("warning", False), ("info", True)])
def test_an_urgent_red_flag_silences_the_likely_source(indicator: str, kept: bool) -> None:
    flag = voice("a", "warning" if indicator == "warning" else "info")
    assert ("likely-source" in ids(without_suppressed([flag, voice("likely-source", "info", "workup")]))) is kept


def test_a_warning_of_another_family_leaves_the_stages_of_care_alone() -> None:
    voices = [voice("nsaid-safety", "warning", "safety"), voice("conservative-care", "info", "management")]
    assert len(without_suppressed(voices)) == 2


def test_a_red_flag_that_is_already_arranged_still_silences_the_stages_of_care() -> None:
    rule, told, _ = voice("a", "info")
    arranged = (rule, replace(told, lowered=True), ())
    assert ids(without_suppressed([arranged, voice("conservative-care", "info", "management")])) == ["a"]


def test_a_critical_red_flag_that_leads_no_card_still_silences_the_stages_of_care() -> None:
    unled = voice("a", "critical", pathway="p", leads=False)
    assert ids(unsaid([unled])) == ["a"]
    assert ids(without_suppressed([unled, voice("conservative-care", "info", "management")])) == []


def test_nothing_is_left_to_be_said_elsewhere_of_what_has_a_card_or_is_no_critical_red_flag() -> None:
    beside = voice("b", "critical", pathway="p", leads=False)
    assert unsaid([voice("a", "critical", pathway="p"), beside]) == []
    assert unsaid([voice("a", "warning", leads=False)]) == []
    assert unsaid([voice("a", "critical", "safety", leads=False)]) == []


@pytest.mark.parametrize("family", ["management", "workup", "follow_up"])
def test_mild_settling_pain_wants_no_care_but_is_protected_from_a_draft(family: Family) -> None:
    protecting = [
        voice("nsaid-safety", "warning", "safety"),
        voice("imaging-safety", "warning", "imaging"),
        voice("procedure-prerequisites", "warning", "management"),
    ]
    assert without_care([voice("a", "info", family), *protecting]) == protecting


def test_beside_any_red_flag_settling_pain_is_not_left_alone() -> None:
    voices = [voice("a", "info"), voice("b", "info", "workup")]
    assert without_care(voices) == voices


def test_a_warning_leaves_other_work_up_and_follow_up_alone() -> None:
    voices = [
        voice("a"),
        voice("missing-examination", "info", "workup"),
        voice("reassessment-due", "info", "follow_up"),
    ]
    assert len(without_suppressed(voices)) == 3


def test_a_rule_yields_to_another_that_speaks() -> None:
    assert ids(without_suppressed([voice("a"), voice("b", yields_to=("a",))])) == ["a"]
    assert ids(without_suppressed([voice("c"), voice("b", yields_to=("a",))])) == ["c", "b"]


def test_rules_of_one_pathway_share_a_card_led_by_the_worst_then_the_lowest_rank() -> None:
    assert groups_of(
        voice("z", "warning", pathway="p", rank=0),
        voice("a", "critical", pathway="p", rank=3),
        voice("m", pathway="p", rank=1),
    ) == [["a", "z", "m"]]


def test_advice_that_may_not_lead_comes_last_and_alone_makes_no_card() -> None:
    helper = voice("a", "critical", pathway="p", leads=False)
    assert groups_of(helper, voice("b", "warning", pathway="p")) == [["b", "a"]]
    assert groups_of(helper) == []


def test_red_flags_that_recommend_the_same_study_share_a_card() -> None:
    study = order("MRI pelvis")
    assert groups_of(voice("a", "warning", suggestions=(study,)), voice("b", "critical", suggestions=(study,))) == [
        ["b", "a"]
    ]


def test_they_do_so_with_another_card_between_them_and_on_the_more_urgent_of_two() -> None:
    pelvis, spine = order("MRI pelvis"), order("MRI spine")
    first, second = voice("a", "critical", suggestions=(pelvis,)), voice("b", suggestions=(spine,))
    assert groups_of(first, second, voice("c", suggestions=(pelvis,))) == [["a", "c"], ["b"]]
    both = voice("c", suggestions=(pelvis, spine))
    assert groups_of(first, second, both) == [["a", "c"], ["b"]]
    assert groups_of(first, second, both, voice("d", suggestions=(spine,))) == [["a", "c", "d"], ["b"]]


def test_a_change_of_a_draft_is_no_study_that_is_shared() -> None:
    change = Suggestion("Change the draft", update=("ServiceRequest/1", DraftOrder(MRI_PELVIS)), recommended=True)
    assert groups_of(voice("a", suggestions=(change,)), voice("b", suggestions=(change,))) == [["a"], ["b"]]


def test_advice_about_a_drafted_order_keeps_its_own_card_whatever_study_it_recommends() -> None:
    study = order("MRI pelvis")
    drafted = voice("a", "info", "imaging", suggestions=(study,))
    assert groups_of(drafted, voice("b", "warning", suggestions=(study,))) == [["b"], ["a"]]


@pytest.mark.parametrize("kind", ["laboratory", "referral"])
def test_the_same_referral_joins_no_cards(kind: str) -> None:
    same = order("Orthopaedics", "referral" if kind == "referral" else "laboratory")
    assert len(groups_of(voice("a", suggestions=(same,)), voice("b", suggestions=(same,)))) == 2


def test_a_study_that_is_only_an_alternative_joins_no_cards() -> None:
    spare = order("MRI pelvis", recommended=False)
    assert len(groups_of(voice("a", suggestions=(order("MRI pelvis"),)), voice("b", suggestions=(spare,)))) == 2


def test_cards_come_by_urgency_then_family_then_name() -> None:
    cards = groups_of(
        voice("f", "info", "follow_up"),
        voice("z", "warning", "red_flags"),
        voice("b", "warning", "safety"),
        voice("a", "warning", "safety"),
        voice("c", "critical", "safety"),
        voice("s", "warning", "scope"),
    )
    assert cards == [["c"], ["z"], ["s"], ["a"], ["b"], ["f"]]


@pytest.mark.parametrize(
    ("indicators", "leads", "left_over"),
    [
        ("ccc", "ab", "c"),
        ("ccw", "abc", ""),
        ("cww", "abc", ""),
        ("cwww", "abc", "d"),
        ("www", "ab", "c"),
        ("wwi", "abc", ""),
        ("wwii", "abc", ""),
        ("wii", "ab", ""),
        ("cii", "ab", ""),
        ("iii", "ab", ""),
        ("ii", "ab", ""),
        ("cwi", "abc", ""),
        ("cwwi", "abc", ""),
        ("ccwi", "abc", ""),
        ("cccwww", "abd", "cef"),
        ("", "", ""),
    ],
)
def test_at_most_three_cards_two_of_a_kind_and_one_info_beside_higher(
    indicators: str, leads: str, left_over: str
) -> None:
    told = {"c": "critical", "w": "warning", "i": "info"}
    voices = [
        voice("abcdefgh"[n], "critical" if told[i] == "critical" else "warning" if told[i] == "warning" else "info")
        for n, i in enumerate(indicators)
    ]
    assert shown(*voices) == (list(leads), list(left_over))


@pytest.mark.parametrize(
    ("family", "kept"),
    [("red_flags", True), ("safety", True), ("imaging", True), ("management", False), ("workup", False)],
)
def test_urgent_advice_without_a_card_is_not_dropped_where_it_protects(family: Family, kept: bool) -> None:
    voices = [voice("a"), voice("b"), voice("z", "warning", family)]
    assert shown(*voices)[1] == (["z"] if kept else [])


def test_what_has_no_card_is_said_on_the_last_that_is_as_urgent_else_on_the_first() -> None:
    groups = [[voice("a", "critical")], [voice("b", "critical")], [voice("c", "warning")]]
    assert host_of(voice("x", "critical"), groups) is groups[1]
    assert host_of(voice("x", "warning"), groups) is groups[2]
    assert host_of(voice("x", "critical"), groups[2:]) is groups[2]
    assert host_of(groups[1][0], groups) is None


def test_advice_about_one_draft_may_leave_the_pathway_of_its_rule() -> None:
    rule, told, _ = voice("a", "info", "imaging")
    elsewhere = (rule, replace(told, pathway="draft-2"), ())
    assert len(merged([(rule, told, ()), (rule, told, ())])) == 1
    assert len(merged([(rule, told, ()), elsewhere])) == 2
