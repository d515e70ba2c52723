"""Charts that nobody thought of: whatever they hold, the answer keeps its promises."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cards.rulebook import all_rules
from tests.vignettes.run import EXTENSION, marks_of, send
from tests.vignettes.shorthand import KEYS, request_of

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
patients = st.tuples(st.sampled_from("FM"), st.integers(0, 104)).map(lambda p: f"patient: {p[0]} {p[1]}")
facts = st.lists(st.sampled_from(FACTS), max_size=14, unique=True)
drafts = st.lists(st.sampled_from(DRAFTS), max_size=3, unique=True)
left_out = st.lists(st.sampled_from([k for k in KEYS if k != "conditions"]), max_size=4, unique=True)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(patients, facts, drafts, left_out)
def test_whatever_a_chart_holds_the_answer_keeps_its_promises(
    patient: str, told: list[str], drafted: list[str], without: list[str]
) -> None:
    result = send(request_of([patient, *told, *drafted], TODAY, without=without), TODAY)
    assert result.status == 200
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
    failed = [n for n in result.body["extension"][EXTENSION].get("notAssessed", ()) if "rules" in n.get("missing", ())]
    assert not failed, "a rule broke"


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
