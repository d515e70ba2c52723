"""Signs that the cauda equina may be compressed, old and imaged ones left out.

A sign counts for new for 14 days, without a date always. One that was already on file, the same, more than six
months ago and has been imaged by lumbar MRI since is long-standing and left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.imaging import MRI_LUMBAR, studies
from cards.facts.root_weakness import bilateral_weakness, leg_signs
from cards.finding import Answer, Finding, exam
from cards.quantity import Quantity
from cards.record import Order
from cards.side import Side
from cards.valueset import ValueSet, value_set
from cards.when import When

CAUDA_EQUINA = value_set("cauda-equina-syndrome")
SADDLE = (value_set("saddle-anaesthesia"), exam("saddle-sensation", "reduced", "absent"))
RETENTION = (value_set("urinary-retention"), exam("bladder-function-change"))
INCONTINENCE = (value_set("bladder-incontinence"),)
BOWEL = (value_set("fecal-incontinence"), exam("bowel-function-change"))
SEXUAL = (exam("sexual-function-change"),)
BLADDER_EXPLAINED = value_set("bladder-explanation")
BLADDER_DRUGS = (value_set("med-anticholinergic-bladder"), value_set("med-opioid"))
BOTH_LEGS = (value_set("bilateral-sciatica"), value_set("bilateral-leg-symptoms"))
ONE_LEG = (
    value_set("sciatica"),
    value_set("lumbar-radiculopathy"),
    value_set("leg-pain"),
    value_set("numbness"),
    value_set("paraesthesia"),
    exam("pain-location", "below-knee"),
    exam("below-knee-dermatomal-pain"),
    exam("leg-sensation", "reduced", "absent"),
)
SADDLE_NORMAL = exam("saddle-sensation", "normal")
BLADDER_NORMAL = exam("bladder-function-change", False)

RETAINS_FROM = Quantity.of(200, "mL")
RECENT = timedelta(days=14)
LONG_STANDING = timedelta(days=183)
NEW_DRUG = timedelta(weeks=6)
BOTH_LEGS_WITHIN = timedelta(weeks=12)
ANSWER_HOLDS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class CaudaSigns:
    """What points to the cauda equina now, newest first; each tuple empty where nothing was found."""

    saddle: tuple[Finding, ...]
    retention: tuple[Finding, ...]
    bowel: tuple[Finding, ...]
    sexual: tuple[Finding, ...]
    incontinence: tuple[Finding, ...]


@fact
def cauda_signs(chart: Chart) -> CaudaSigns:
    """The signs of the last 14 days."""
    residual = chart.latest("post-void-residual", within=RECENT)
    retains = residual.quantity and residual.quantity >= RETAINS_FROM
    measured = (residual,) if isinstance(residual, Finding) and retains else ()
    return CaudaSigns(
        saddle=_new(chart, *SADDLE),
        retention=_new(chart, *RETENTION) + measured,
        bowel=_new(chart, *BOWEL),
        sexual=_new(chart, *SEXUAL),
        incontinence=_new(chart, *INCONTINENCE),
    )


@fact
def suspected_by_an_order(chart: Chart) -> tuple[Finding, ...]:
    """Drafts that name the syndrome as their reason, where no record of it explains that; undated ones are of today."""
    if chart.findings(CAUDA_EQUINA, history=True):
        return ()
    return tuple(
        Finding(d.reference, "; ".join(d.reason_texts) or d.text, when=d.when or When.on(chart.today))
        for d in chart.drafts
        if isinstance(d, Order) and (d.reasons or {}).get(CAUDA_EQUINA.name) in ("exact", "text")
    )


@fact
def bladder_explained(chart: Chart) -> Finding | None:
    """What else may hold the urine back: a confirmed problem, or a drug begun in the last six weeks."""
    other = chart.finding(BLADDER_EXPLAINED, surely=True)
    if isinstance(other, Finding):
        return other
    for kind in BLADDER_DRUGS:
        begun = [m for m in chart.past_medications(kind) if m.systemic]
        taken = chart.medications(kind)
        if taken and all(m.when and m.when.certainly_within(NEW_DRUG, chart.today) for m in begun):
            return Finding(taken[0].reference, taken[0].text, when=taken[0].when)
    return None


@fact
def both_leg_symptoms(chart: Chart) -> tuple[Finding, ...]:
    """Pain, numbness or weakness of both legs in the last 12 weeks; pain of both buttocks alone is none."""
    told = chart.every(*BOTH_LEGS, within=BOTH_LEGS_WITHIN, undated_counts=True)
    sided = chart.every(*ONE_LEG, within=BOTH_LEGS_WITHIN, undated_counts=True)
    sides = {f.side for f in sided}
    both = Side.BOTH in sides or {Side.LEFT, Side.RIGHT} <= sides
    return told + bilateral_weakness(chart) + (tuple(f for f in sided if f.side is not Side.UNKNOWN) if both else ())


@fact
def saddle_and_bladder_normal(chart: Chart) -> bool:
    """Both were asked about in the last 48 hours and are normal."""
    saddle = chart.finding(SADDLE_NORMAL, within=ANSWER_HOLDS, surely=True)
    bladder = chart.finding(BLADDER_NORMAL, within=ANSWER_HOLDS, surely=True)
    return bool(saddle and bladder)


@fact
def stands_alone(chart: Chart) -> bool:
    """No deficit of a leg and no symptom of both legs goes with the sign."""
    return not leg_signs(chart) and not both_leg_symptoms(chart)


def _new(chart: Chart, *what: ValueSet | Answer) -> tuple[Finding, ...]:
    found = chart.every(*what, within=RECENT, undated_counts=True)
    return () if found and _long_standing(chart, found, what) else found


def _long_standing(chart: Chart, found: tuple[Finding, ...], what: Iterable[ValueSet | Answer]) -> bool:
    if any(f.when is None for f in found):
        return False
    told = [f for one in what for f in _ever(chart, one)]
    since = min((f.when.latest for f in told if f.when), default=chart.today)
    unchanged = {f.value for f in told if f.reference.startswith("Observation/")} | {f.value for f in found}
    imaged = any(s.reported for s in studies(chart, MRI_LUMBAR, since=since))
    return chart.today - since > LONG_STANDING and len(unchanged) == 1 and imaged


def _ever(chart: Chart, what: ValueSet | Answer) -> tuple[Finding, ...]:
    """Every answer to a question, every record of a problem."""
    if isinstance(what, Answer):
        return chart.readings(what.question)
    return tuple(f for f in chart.findings(what, surely=True) if f.reference.startswith("Condition/"))
