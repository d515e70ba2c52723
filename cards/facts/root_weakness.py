"""Weakness that may come from the lumbar roots, and the other signs of a nerve deficit in a leg."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.strength import Weakness, both_legs, weaknesses
from cards.finding import Finding, exam
from cards.side import Side
from cards.valueset import value_set

HAMSTRING_INJURY = (
    value_set("hamstring-injury"),
    exam("injury-mechanism", "pop-or-tear"),
    exam("palpable-gap"),
)
ABDUCTOR_INJURY = (value_set("gluteal-tendon-injury"),)
ANKLE_AND_TOES = ("mrc-ankle-dorsiflexion", "mrc-great-toe-extension", "mrc-ankle-plantarflexion")
REFLEXES = (
    exam("knee-reflex", "reduced", "absent", "brisk"),
    exam("ankle-reflex", "reduced", "absent", "brisk"),
)
NUMB_OR_TINGLING = (
    value_set("numbness"),
    value_set("paraesthesia"),
    exam("leg-sensation", "reduced", "absent"),
)
WEAK = (
    value_set("leg-weakness"),
    value_set("foot-drop"),
    value_set("abnormal-reflexes"),
    exam("leg-strength", "reduced"),
)

INJURY_HOLDS = timedelta(weeks=6)
EXAM_HOLDS = timedelta(weeks=6)
A_GRADE = 1


@fact
def root_weaknesses(chart: Chart) -> tuple[Weakness, ...]:
    """Weak groups, without knee flexion or hip abduction that a tendon injury of that side explains.

    It does only where ankle or toe power of that side was recorded normal, nothing else there is weak, and
    no reflex was recorded abnormal.
    """
    weak = weaknesses(chart)
    return tuple(w for w in weak if w.root or not (_tendon_injured(chart, w) and _rest_normal(chart, w, weak)))


@fact
def tendon_weaknesses(chart: Chart) -> tuple[Weakness, ...]:
    """Weak groups that a tendon injury explains."""
    return tuple(w for w in weaknesses(chart) if w not in root_weaknesses(chart))


@fact
def unproven_tendon_weakness(chart: Chart) -> tuple[Weakness, ...]:
    """Groups beside an injured tendon for which ankle power, toe power and reflexes were not all looked at."""
    return tuple(
        w
        for w in root_weaknesses(chart)
        if not w.root and _tendon_injured(chart, w) and not _contradicted(chart, w, weaknesses(chart))
    )


@fact
def bilateral_weakness(chart: Chart) -> tuple[Finding, ...]:
    """Grades that show both legs newly weak; empty when not both are."""
    weak = [w for w in root_weaknesses(chart) if w.new or w.drop >= A_GRADE]
    return tuple(f for w in weak for f in w.findings) if both_legs(weak) else ()


@fact
def worsening_of_both_legs(chart: Chart) -> tuple[Finding, ...]:
    """The same, where at least one of those groups has lost a grade or more within six weeks."""
    worse = any(w.drop >= A_GRADE for w in root_weaknesses(chart))
    return bilateral_weakness(chart) if worse else ()


@fact
def leg_signs(chart: Chart) -> tuple[Finding, ...]:
    """Weakness, loss of feeling, tingling or a changed reflex of a leg in the last six weeks, undated ones too."""
    graded = tuple(f for w in root_weaknesses(chart) if w.new or w.drop >= A_GRADE for f in w.findings)
    told = chart.findings(*WEAK, *NUMB_OR_TINGLING, *REFLEXES, within=EXAM_HOLDS, undated_counts=True)
    return graded + told


def _tendon_injured(chart: Chart, w: Weakness) -> bool:
    injury = HAMSTRING_INJURY if w.muscle == "mrc-knee-flexion" else ABDUCTOR_INJURY
    return bool(chart.findings(*injury, within=INJURY_HOLDS, side=w.side, surely=True))


def _rest_normal(chart: Chart, w: Weakness, weak: tuple[Weakness, ...]) -> bool:
    looked_at = any(chart.readings(q, within=EXAM_HOLDS, side=w.side) for q in ANKLE_AND_TOES)
    return looked_at and not _contradicted(chart, w, weak)


def _contradicted(chart: Chart, w: Weakness, weak: tuple[Weakness, ...]) -> bool:
    others = any(o.root and not o.side.opposite_of(w.side) for o in weak)
    reflex = chart.every(*REFLEXES, within=EXAM_HOLDS, undated_counts=True, side=w.side)
    return others or bool(reflex) or w.side is Side.BOTH
