"""The structured examination: which of its items are recorded, and what the neurological part found.

Answers count for twelve weeks, the longest time between two reviews; that is this project's own choice. An item
answered "not done" is not recorded. Of the other side's leg only the painful side's is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.imaging import MRI_HIP_OR_PELVIS, MRI_PLEXUS, US_HIP, studies
from cards.facts.pain import onset, pain
from cards.finding import Finding, Look, NotFound, exam
from cards.quantity import Quantity
from cards.valueset import value_set

RECENT = timedelta(weeks=12)
FULL_POWER = Quantity.of(5, "1")
CLUSTER_FROM = Quantity.of(3, "1")
LOCALISED_BY_TESTS = 2

ROOT_MUSCLES = (
    "mrc-hip-flexion",
    "mrc-knee-extension",
    "mrc-ankle-dorsiflexion",
    "mrc-great-toe-extension",
    "mrc-ankle-plantarflexion",
)
REFLEXES = ("knee-reflex", "ankle-reflex")
LOCAL_TESTS = (
    "seated-piriformis-stretch",
    "active-piriformis",
    "fair-test",
    "puranen-orava",
    "bent-knee-stretch",
    "long-stride-walking",
    "ischiofemoral-impingement-test",
    "single-leg-stance-30s",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item for a card, recorded where one of the sets of questions was answered in full.

    core: an examination finding without which sources cannot be told apart; the others are history.
    """

    name: str
    any_of: tuple[tuple[str, ...], ...]
    core: bool = True


SCREEN = (
    Item("leg strength L2 to S1", (("leg-strength",), ("mrc-ankle-dorsiflexion", "mrc-ankle-plantarflexion"))),
    Item("leg sensation", (("leg-sensation",),)),
    Item("reflexes", (("knee-reflex",), ("ankle-reflex",))),
)
ITEMS = (
    *SCREEN,
    Item("straight leg raise or slump", (("straight-leg-raise",), ("slump-test",))),
    Item("piriformis tests (seated stretch, active)", (("seated-piriformis-stretch", "active-piriformis"),)),
    Item("sacroiliac provocation tests", (("sij-positive-tests",),)),
    Item("hip rotation", (("hip-internal-rotation",), ("hip-range-of-motion",))),
    Item("FADIR or FABER", (("fadir-test",), ("faber-test",))),
    Item("palpation (ischium, piriformis, sacroiliac, trochanter)", (("palpation-tenderness",),)),
    Item("gait", (("gait",), ("walks-normally",))),
    Item("exact location", (("pain-location",),), core=False),
    Item("sitting tolerance", (("sitting-tolerance",), ("pain-worse-sitting",)), core=False),
    Item("pain below the knee", (("below-knee-dermatomal-pain",),), core=False),
    Item("kind of pain", (("pain-descriptor",),), core=False),
    Item("morning stiffness", (("morning-stiffness",),), core=False),
    Item(
        "night pattern",
        (("night-or-rest-pain",), ("wakes-second-half-night",), ("night-pain-posture-dependent",)),
        core=False,
    ),
    Item("injury", (("injury-mechanism",),), core=False),
    Item("weight bearing", (("unable-to-bear-weight",), ("walks-normally",)), core=False),
)
SADDLE = Item("saddle sensation", (("saddle-sensation",),))
PULSE = Item("femoral pulse", (("femoral-pulse",),))
BOTH_LEGS_OR_BLADDER = (
    value_set("bilateral-sciatica"),
    value_set("bilateral-leg-symptoms"),
    value_set("urinary-retention"),
    exam("bladder-function-change"),
)
EXERTIONAL = (exam("pain-worse-walking"), exam("pain-eased-standing-still"))


@fact
def missing_items(chart: Chart) -> tuple[Item, ...]:
    """The items that are not recorded, examination before history."""
    wanted = list(ITEMS)
    if chart.finding(*BOTH_LEGS_OR_BLADDER, within=RECENT):
        wanted.insert(0, SADDLE)
    if chart.finding(*EXERTIONAL, within=RECENT):
        wanted.insert(0, PULSE)
    return tuple(item for item in wanted if not _recorded(item, chart))


@fact
def neuro_screened(chart: Chart) -> bool:
    """Strength, sensation and reflexes of the painful side are recorded."""
    return all(_recorded(item, chart) for item in SCREEN)


@fact
def neuro_deficits(chart: Chart) -> tuple[Finding, ...]:
    """Weakness, loss of feeling and loss of a reflex of the painful leg."""
    side = pain(chart).side
    weak = [chart.latest(m, within=RECENT, side=side, worse="low") for m in ROOT_MUSCLES]
    found: list[Look] = [w for w in weak if w.quantity and w.quantity < FULL_POWER]
    found.append(chart.finding(exam("leg-strength", "reduced"), within=RECENT, side=side))
    found.append(chart.finding(exam("leg-sensation", "reduced", "absent"), within=RECENT, side=side))
    found += [chart.finding(exam(r, "reduced", "absent"), within=RECENT, side=side) for r in REFLEXES]
    return tuple(f for f in found if isinstance(f, Finding))


@fact
def local_signs(chart: Chart) -> tuple[Finding, ...]:
    """Positive tests that point to one place behind the hip."""
    side = pain(chart).side
    looks = [chart.finding(exam(t, "positive"), within=RECENT, side=side) for t in LOCAL_TESTS]
    looks.append(sacroiliac_cluster(chart))
    return tuple(f for f in looks if isinstance(f, Finding))


def sacroiliac_cluster(chart: Chart) -> Look:
    """The number of positive provocation tests, where it is three or more of the six."""
    count = chart.latest("sij-positive-tests", within=RECENT)
    return count if count.quantity and count.quantity >= CLUSTER_FROM else NotFound()


@fact
def localised(chart: Chart) -> bool:
    """Two tests point to the place, or an MRI or ultrasound since the onset was not normal."""
    if len(local_signs(chart)) >= LOCALISED_BY_TESTS:
        return True
    seen = studies(chart, *MRI_HIP_OR_PELVIS, MRI_PLEXUS, US_HIP, since=onset(chart))
    return any(s.reported and not s.normal for s in seen)


def _recorded(item: Item, chart: Chart) -> bool:
    return any(all(_answered(q, chart) for q in questions) for questions in item.any_of)


def _answered(question: str, chart: Chart) -> bool:
    found = chart.latest(question, within=RECENT, side=pain(chart).side)
    return bool(found) and found.value != "not-done"
