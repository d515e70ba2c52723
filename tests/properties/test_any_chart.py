"""Charts that nobody thought of: whatever they hold, the answer keeps its promises."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.rule import ALL_HOOKS, Advise, Hook
from cards.rulebook import all_rules
from tests.vignettes.run import EXTENSION, Result, marks_of, send
from tests.vignettes.shorthand import KEYS, Fact, request_of
from tests.vignettes.table import Row, readable_rows

TODAY = date(2026, 1, 15)
FAMILY = {rule.id: rule.family for rule in all_rules()}
REFUSED_BESIDE_CRITICAL = {"conservative-care", "progress-care", "escalate-care", "likely-source"}
FACTS = (
    "condition: left buttock pain [sct 279043006] from 2025-11-10",
    "condition: right deep gluteal syndrome [icd G57.01] from 2025-08",
    "condition: hip pain [icd M25.552] from 2025-12-20",
    "condition: groin pain from 2026-01-02",
    "condition: numbness of saddle area [sct 449813001] from 2026-01-13",
    "condition: urinary retention [icd R33.9] from 2026-01-14",
    "condition: osteoporosis [icd M81.0] from 2019",
    "condition: fall [icd W01.0XXA] from 2026-01-13",
    "condition: type 2 diabetes [icd E11.9] from 2018",
    "condition: opioid dependence [icd F11.20] undated",
    "condition: history of breast cancer [icd Z85.3] from 2016",
    "condition: prostate cancer [icd C61] from 2024-05 provisional",
    "condition: right hip prosthesis [icd Z96.641] from 2023-05-14",
    "condition: psoriasis [icd L40.0] from 2015",
    "condition: chronic kidney disease stage 4 [icd N18.4] from 2022",
    "condition: abdominal aortic aneurysm [icd I71.4] from 2024",
    "condition: pregnancy [icd Z3A.26] from 2026-01-10",
    "condition: fever [icd R50.9] from 2026-01-14",
    "condition: insomnia [icd G47.00] from 2025-01",
    "condition: alternating buttock pain from 2023-12 refuted",
    "exam: unable-to-bear-weight = true on 2026-01-14",
    "exam: saddle-sensation = reduced on 2026-01-14",
    "exam: saddle-sensation = normal on 2026-01-15",
    "exam: post-void-residual = 380 mL on 2026-01-15",
    "exam: mrc-ankle-dorsiflexion = 2 on 2026-01-15 left",
    "exam: mrc-ankle-dorsiflexion = 3 on 2026-01-15 right preliminary",
    "exam: log-roll = positive on 2026-01-15 left",
    "exam: hop-test = positive on 2026-01-10",
    "exam: seated-piriformis-stretch = positive on 2026-01-15 left",
    "exam: active-piriformis = positive on 2026-01-15 left",
    "exam: morning-stiffness = 60 min on 2026-01-10",
    "exam: night-or-rest-pain = true on 2026-01-10",
    "exam: limb-ischaemia-signs = true on 2026-01-15",
    "exam: gluteal-mass-size = 6 cm on 2026-01-10",
    "exam: pain-location = deep-buttock on 2026-01-10 left",
    "lab: 1988-5 = 142 mg/L on 2026-01-15",
    "lab: 1988-5 = 0.9 mg/dL on 2026-01-15",
    "lab: 1988-5 = 88 on 2026-01-12",
    "lab: 8310-5 = 101.5 [degF] on 2026-01-15",
    "lab: 8310-5 = 39.4 Cel on 2026-01-15 entered-in-error",
    "lab: 29463-7 = 78 kg on 2025-01-20",
    "lab: 29463-7 = 72.6 kg on 2026-01-05",
    "lab: 72514-3 = 6 {score} on 2026-01-10",
    "lab: 33914-3 = 27 mL/min/{1.73_m2} on 2025-12-20",
    "med: apixaban 5 mg twice daily from 2021-04-01",
    "med: prednisone [rx 8640] 40 mg daily from 2025-06-01",
    "med: naproxen [rx 7258] 500 mg twice daily from 2025-12-01",
    "procedure: Physiotherapy [sct 91251008] 2025-09-15..2025-12-01 completed (10 sessions)",
    "report: XR pelvis [loinc 37622-8] on 2025-10-02 normal",
    "report: MRI pelvis [loinc 30673-8] on 2025-12-20 normal",
    "order: Physiotherapy [sct 308447003] on 2026-01-02 active",
    "allergy: naproxen [rx 7258] high confirmed severe",
    "relative: mother psoriasis [icd L40.0]",
    'encounter: 2026-01-10 reason "buttock pain"',
    "careplan: home exercise [sct 51998003] 2025-11-01..",
)
DRAFTS = (
    "draft: MRI pelvis [loinc 30673-8] [cpt 72195] left",
    "draft: MRI lumbar spine [loinc 30679-5]",
    "draft: XR pelvis [loinc 37622-8]",
    "draft: US-guided piriformis injection [sct 61593002] left",
    "draft-med: naproxen [rx 7258] 500 mg twice daily",
    "draft-med: tramadol [rx 10689] 50 mg",
)
IRRELEVANT = (
    "condition: myopia [icd H52.13] from 2015",
    "lab: 1989-3 = 31 ng/mL on 2026-01-14",
    "med: cetirizine [rx 20610] 10 mg daily from 2025-04-01",
    "order: Referral to ophthalmology on 2026-01-10 active",
)
RED_FLAG_FINDINGS = (
    "condition: numbness of saddle area [sct 449813001] from 2026-01-14",
    "condition: urinary retention [icd R33.9] from 2026-01-14",
    "condition: fall [icd W01.0XXA] from 2026-01-14",
    "condition: prostate cancer [icd C61] from 2024-05",
    "condition: fever [icd R50.9] from 2026-01-14",
    "condition: abdominal aortic aneurysm [icd I71.4] from 2024",
    "condition: osteoporosis [icd M81.0] from 2019",
    "exam: unable-to-bear-weight = true on 2026-01-15",
    "exam: post-void-residual = 380 mL on 2026-01-15",
    "exam: mrc-ankle-dorsiflexion = 1 on 2026-01-15 left",
    "exam: mrc-ankle-dorsiflexion = 1 on 2026-01-15 right",
    "exam: limb-ischaemia-signs = true on 2026-01-15",
    "exam: night-or-rest-pain = true on 2026-01-15",
    "exam: gluteal-mass-size = 9 cm on 2026-01-15",
    "lab: 1988-5 = 310 mg/L on 2026-01-15",
    "lab: 8310-5 = 40.1 Cel on 2026-01-15",
)


def in_a_line(fact: Fact) -> Fact:
    """A fact that YAML read as a mapping of words, as the line that it was."""
    kind, said = next(iter(fact.items())) if isinstance(fact, dict) else ("", fact)
    return f"{kind}: {said}" if kind and isinstance(said, str) else fact


def is_a(kind: str, fact: Fact) -> bool:
    """The fact is of this kind, or its kind begins so."""
    return isinstance(fact, str) and fact.startswith(kind)


EXAMPLES = tuple(
    replace(row, facts=tuple(map(in_a_line, row.facts)))
    for row in readable_rows()
    if row.today == TODAY and not isinstance(row.expect, int)
)
CRITICAL = tuple(row for row in EXAMPLES if row.expect == "critical")
TOLD = tuple(sorted({f for row in EXAMPLES for f in row.facts if isinstance(f, str) and not is_a("patient", f)}))
"""Every fact of every example patient, so that each rule is reached."""
at_every_hook = pytest.mark.parametrize("hook", ALL_HOOKS)
facts = st.lists(st.sampled_from(FACTS), max_size=14, unique=True)
strange = st.lists(st.sampled_from(TOLD), max_size=8, unique=True)
drafts = st.lists(st.sampled_from(DRAFTS), max_size=3, unique=True)
left_out = st.lists(st.sampled_from([k for k in KEYS if k != "conditions"]), max_size=4, unique=True)
thorough = settings(max_examples=50, deadline=None, derandomize=True)


@at_every_hook
@thorough
@given(st.sampled_from(EXAMPLES), strange, drafts, left_out)
def test_whatever_a_chart_holds_the_answer_keeps_its_promises(
    hook: Hook, example: Row, told: list[str], drafted: list[str], without: list[str]
) -> None:
    result = answer_to([*example.facts, *told, *drafted], hook, without)
    assert len(result.cards) <= 3
    told_of = [marks_of(card) for card in result.cards]
    indicators = [card["indicator"] for card in result.cards]
    assert indicators.count("critical") <= 2
    assert indicators.count("warning") <= 3
    for card, rules in zip(result.cards, told_of, strict=True):
        assert len(card["summary"]) <= 139
        assert card["source"]["topic"]["code"] in rules
        assert not re.search(r"<[A-Za-z/!]", card["detail"])
    if "critical" in indicators:
        spoken = {rule for rules in told_of for rule in rules}
        assert not {r for r in spoken if FAMILY.get(r) == "management"}
        assert not spoken & REFUSED_BESIDE_CRITICAL


@at_every_hook
@thorough
@given(st.sampled_from(CRITICAL), strange, st.sampled_from(RED_FLAG_FINDINGS))
def test_one_more_red_flag_finding_never_removes_or_lowers_a_critical_card(
    hook: Hook, example: Row, told: list[str], finding: str
) -> None:
    before = answer_to([*example.facts, *told], hook)
    after = answer_to([*example.facts, *told, finding], hook)
    assert critical(before) - only_adding(before) <= critical(after)


@at_every_hook
@thorough
@given(st.sampled_from(EXAMPLES), strange, st.lists(st.sampled_from(IRRELEVANT), max_size=3), st.randoms())
def test_order_and_irrelevant_facts_change_nothing(
    hook: Hook, example: Row, told: list[str], noise: list[str], chance: Random
) -> None:
    patient = [fact for fact in example.facts if is_a("patient", fact)]  # of two the later counts
    others = [fact for fact in (*example.facts, *told) if not is_a("patient", fact)]
    mixed = [*others, *noise]
    chance.shuffle(mixed)
    assert shown(answer_to([*patient, *others], hook)) == shown(answer_to([*patient, *mixed], hook))


def answer_to(facts: Sequence[Fact], hook: Hook, without: Sequence[str] = ()) -> Result:
    """The service's answer, none of whose rules broke. What is drafted is left out where nothing is ordered."""
    if hook == "patient-view":
        facts = [f for f in facts if not is_a("draft", f)]
    result = send(request_of(facts, TODAY, hook=hook, without=without), TODAY)
    assert result.status == 200, result.body
    failed = [n for n in result.body["extension"][EXTENSION].get("notAssessed", ()) if "rules" in n.get("missing", ())]
    assert not failed, "a rule broke"
    return result


def critical(result: Result) -> set[str]:
    """The rules that speak on some card as critical."""
    return {rule for card in result.cards for rule, said in marks_of(card).items() if said == "critical"}


def only_adding(result: Result) -> set[str]:
    """The rules whose advice may only add to another rule's card, and is no more urgent than that."""
    answers = result.advice.answers if result.advice else ()
    return {a.rule.id for a in answers if isinstance(a.outcome, Advise) and not a.outcome.leads}


def shown(result: Result) -> list[tuple[str, dict[str, str], list[str]]]:
    """Of each card its indicator, its rules and what it suggests."""
    return [(c["indicator"], marks_of(c), [s["label"] for s in c.get("suggestions", ())]) for c in result.cards]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data(), facts, drafts)
def test_a_chart_damaged_anywhere_never_breaks_the_service(
    data: st.DataObject, told: list[str], drafted: list[str]
) -> None:
    request = request_of(["patient: F 46", FACTS[0], *told, *drafted], TODAY)
    values = st.one_of(
        st.none(), st.integers(), st.text(max_size=8), st.builds(list), st.builds(dict), st.builds(lambda: [None])
    )
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(inner_places(request["prefetch"])) + list(inner_places(request["context"].get("draftOrders", {})))
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = data.draw(values)
    result = send(json.loads(json.dumps(request)), TODAY)
    assert result.status in (200, 400, 412), result.body
    assert len(result.cards) <= 3


def inner_places(node: Any) -> list[tuple[Any, Any]]:
    """Every place below a node where something can be put: (object or list, key or index)."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [place for key in keys for place in inner_places(node[key])]
