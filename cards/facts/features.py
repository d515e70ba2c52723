"""What speaks for and against each source of posterior hip pain, as far as it is recorded.

Features of one group (two tests for the same thing) are one group. Tenderness and pain on sitting are shared by
many sources and weigh little. The weights are this project's own choice; the test studies behind them are small.
"""

from __future__ import annotations

from collections.abc import Callable

from cards.chart import Chart
from cards.facts.examination import RECENT, neuro_deficits, neuro_screened, sacroiliac_cluster
from cards.facts.imaging import MRI_LUMBAR, normal_study, studies
from cards.facts.pain import onset, pain
from cards.facts.pregnancy import postpartum, pregnancy
from cards.finding import Finding, Look, NotFound, exam
from cards.immutable import Struct
from cards.quantity import Quantity
from cards.valueset import value_set

LOW_BACK_PAIN = value_set("low-back-pain")
PRIOR_LESION = (value_set("hip-injury"), value_set("hamstring-injury"))
PRIOR_SURGERY = value_set("proc-hip-pelvic-surgery")

SHORT_SITTING = Quantity.of(30, "min")
NO_STIFFNESS = Quantity.of(0, "min")
JOINT_STIFFNESS_BELOW = Quantity.of(60, "min")
JOINT_WEAR_FROM_AGE = 45

LITTLE = 1
FULL = 2
STRONG = 4


class Feature(Struct, frozen=True):
    """A look at something that speaks for or against a source. `group`: what it is independent of others in."""

    group: str
    words: str
    weight: int
    look: Look


Features = tuple[list[Feature], list[Feature]]
"""Those that speak for a source, and those that speak against it."""


def _deep_gluteal(chart: Chart) -> Features:
    return [
        _at(chart, "deep-buttock", "deep buttock pain"),
        _said(chart, "quality", "electric or tingling pain", "pain-descriptor", "electric", "tingling", "burning"),
        _test(chart, "seated-piriformis-stretch", "seated piriformis stretch"),
        _test(chart, "active-piriformis", "active piriformis"),
        _sitting(chart),
        Feature("neuro", "normal lumbar neurology", LITTLE, _normal_neurology(chart)),
        Feature("history", "earlier hip or gluteal lesion", LITTLE, _prior_lesion(chart)),
        _said(chart, "night", "night pain eased by posture", "night-pain-posture-dependent", weight=LITTLE),
        _said(chart, "palpation", "deep gluteal tenderness", "palpation-tenderness", "deep-gluteal", weight=LITTLE),
    ], [
        _test(chart, "straight-leg-raise", "straight leg raise"),
        _said(chart, "dermatome", "dermatomal pain below the knee", "below-knee-dermatomal-pain"),
        _said(chart, "loss", "loss of feeling", "leg-sensation", "reduced", "absent"),
        _test(chart, "seated-piriformis-stretch", "seated piriformis stretch", "negative"),
        _test(chart, "active-piriformis", "active piriformis", "negative"),
    ]


def _lumbar(chart: Chart) -> Features:
    deficits = neuro_deficits(chart)
    lumbar = studies(chart, MRI_LUMBAR, since=onset(chart))
    normal = normal_study(lumbar)
    return [
        _said(chart, "dermatome", "dermatomal pain below the knee", "below-knee-dermatomal-pain"),
        Feature("back", "low-back pain", FULL, _back_pain(chart)),
        _test(chart, "straight-leg-raise", "straight leg raise"),
        _test(chart, "crossed-straight-leg-raise", "crossed straight leg raise"),
        _test(chart, "slump-test", "slump"),
        *(Feature(f.label, f"{f.label} reduced", FULL, f) for f in deficits),
    ], [
        _test(chart, "straight-leg-raise", "straight leg raise", "negative"),
        Feature("neuro", "normal lumbar neurology", FULL, _normal_neurology(chart)),
        *([Feature("imaging", "normal lumbar MRI", STRONG, normal.finding)] if normal else ()),
    ]


def _sacroiliac(chart: Chart) -> Features:
    born = postpartum(chart)
    expecting = pregnancy(chart)
    birth = expecting.evidence if expecting else born
    cluster = sacroiliac_cluster(chart)
    few = None if cluster else chart.latest("sij-positive-tests", within=RECENT)
    return [
        _at(chart, "sacroiliac", "pain over the sacroiliac joint"),
        Feature("tests", "three or more provocation tests", STRONG, cluster),
        _said(chart, "palpation", "sacroiliac tenderness", "palpation-tenderness", "sacroiliac"),
        *([Feature("birth", "pregnancy or recent birth", FULL, birth)] if birth else ()),
    ], [
        _said(chart, "dermatome", "dermatomal pain below the knee", "below-knee-dermatomal-pain"),
        *(Feature("neuro", f"{f.label} reduced", FULL, f) for f in neuro_deficits(chart)[:1]),
        *([Feature("tests", "fewer than three provocation tests", FULL, few)] if few else ()),
    ]


def _ischiofemoral(chart: Chart) -> Features:
    return [
        _test(chart, "long-stride-walking", "long-stride walking", group="walking"),
        _test(chart, "ischiofemoral-impingement-test", "ischiofemoral impingement test"),
        _at(chart, "ischial", "ischial pain"),
        _said(chart, "walking", "worse walking", "pain-worse-walking", weight=LITTLE),
    ], [
        _test(chart, "long-stride-walking", "long-stride walking", "negative"),
        _test(chart, "ischiofemoral-impingement-test", "ischiofemoral impingement test", "negative"),
    ]


def _hamstring(chart: Chart) -> Features:
    return [
        _at(chart, "ischial", "ischial pain"),
        _said(chart, "palpation", "ischial tenderness", "palpation-tenderness", "ischial"),
        _test(chart, "puranen-orava", "Puranen-Orava"),
        _test(chart, "bent-knee-stretch", "bent-knee stretch"),
        _sitting(chart),
        _said(chart, "load", "running load raised", "training-load-increase", weight=LITTLE),
    ], [
        _test(chart, "puranen-orava", "Puranen-Orava", "negative"),
        _test(chart, "bent-knee-stretch", "bent-knee stretch", "negative"),
        *_not_at(chart, "ischial", "pain away from the ischium"),
    ]


def _bursitis(chart: Chart) -> Features:
    return [
        _at(chart, "ischial", "ischial pain"),
        _said(chart, "palpation", "ischial tenderness", "palpation-tenderness", "ischial"),
        _sitting(chart),
    ], [
        _test(chart, "puranen-orava", "Puranen-Orava"),
        _test(chart, "bent-knee-stretch", "bent-knee stretch"),
        *_not_at(chart, "ischial", "pain away from the ischium"),
    ]


def _pudendal(chart: Chart) -> Features:
    return [
        _at(chart, "perineal", "perineal pain"),
        _said(chart, "sitting", "worse sitting", "pain-worse-sitting"),
        _said(chart, "night", "does not wake", "wakes-second-half-night", False, weight=LITTLE),
        _said(chart, "loss", "normal saddle sensation", "saddle-sensation", "normal", weight=LITTLE),
    ], [*_not_at(chart, "perineal", "pain outside the perineum", weight=STRONG)]


def _gluteal_tendon(chart: Chart) -> Features:
    return [
        _at(chart, "lateral", "lateral pain"),
        _said(chart, "palpation", "trochanteric tenderness", "palpation-tenderness", "trochanteric"),
        _test(chart, "single-leg-stance-30s", "30-second single-leg stance"),
    ], [_test(chart, "single-leg-stance-30s", "30-second single-leg stance", "negative")]


def _hip_joint(chart: Chart) -> Features:
    stiff = chart.latest("morning-stiffness", within=RECENT)
    brief = stiff if stiff.quantity and NO_STIFFNESS < stiff.quantity < JOINT_STIFFNESS_BELOW else None
    worn = brief if brief and (chart.age or 0) >= JOINT_WEAR_FROM_AGE else None
    return [
        _at(chart, "groin", "groin pain too"),
        _said(chart, "rotation", "internal rotation limited or painful", "hip-internal-rotation", "limited", "painful"),
        _test(chart, "fadir-test", "FADIR"),
        *([Feature("stiffness", "brief morning stiffness from 45 years on", LITTLE, worn)] if worn else ()),
    ], [
        _said(chart, "rotation", "free internal rotation", "hip-internal-rotation", "normal"),
        _test(chart, "fadir-test", "FADIR", "negative"),
    ]


def _said(
    chart: Chart, group: str, words: str, question: str, *answers: str | bool, weight: int | None = None
) -> Feature:
    look = chart.finding(exam(question, *answers), within=RECENT, side=pain(chart).side)
    return Feature(group, words, FULL if weight is None else weight, look)


def _at(chart: Chart, place: str, words: str) -> Feature:
    return _said(chart, "location", words, "pain-location", place)


def _not_at(chart: Chart, place: str, words: str, weight: int | None = None) -> list[Feature]:
    """Locations are recorded, this one not among them."""
    told = chart.readings("pain-location", within=RECENT, side=pain(chart).side)
    if not told or any(f.value == place for f in told):
        return []
    return [Feature("location", words, FULL if weight is None else weight, told[0])]


def _test(chart: Chart, question: str, words: str, answer: str = "positive", group: str = "tests") -> Feature:
    return _said(chart, group, f"{words} {answer}", question, answer)


def _sitting(chart: Chart) -> Feature:
    tolerated = chart.latest("sitting-tolerance", within=RECENT, worse="low")
    if tolerated.quantity and tolerated.quantity <= SHORT_SITTING:
        return Feature("sitting", "short sitting tolerance", LITTLE, tolerated)
    return _said(chart, "sitting", "worse sitting", "pain-worse-sitting", weight=LITTLE)


def _back_pain(chart: Chart) -> Look:
    return chart.finding(LOW_BACK_PAIN) or chart.finding(exam("pain-location", "low-back"), within=RECENT)


def _normal_neurology(chart: Chart) -> Look:
    """The normal leg sensation that stands for a full and normal neurological screen."""
    normal = chart.finding(exam("leg-sensation", "normal"), within=RECENT, side=pain(chart).side)
    return normal if neuro_screened(chart) and not neuro_deficits(chart) else NotFound()


def _prior_lesion(chart: Chart) -> Look:
    lesion = chart.finding(*PRIOR_LESION, history=True, side=pain(chart).side)
    if lesion:
        return lesion
    done = [p for p in chart.procedures(PRIOR_SURGERY) if not p.side.opposite_of(pain(chart).side)]
    return Finding(done[0].reference, done[0].text, when=done[0].when, side=done[0].side) if done else lesion


OF_SOURCES: dict[str, Callable[[Chart], Features]] = {
    "Deep gluteal syndrome": _deep_gluteal,
    "Lumbar radiculopathy": _lumbar,
    "Sacroiliac joint": _sacroiliac,
    "Ischiofemoral impingement": _ischiofemoral,
    "Proximal hamstring tendinopathy": _hamstring,
    "Ischial bursitis": _bursitis,
    "Pudendal neuralgia": _pudendal,
    "Gluteal tendinopathy": _gluteal_tendon,
    "Hip joint (osteoarthritis, impingement)": _hip_joint,
}
"""How to look for the features of each source. At equal weight the earlier one leads."""
