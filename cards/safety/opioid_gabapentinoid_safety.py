"""Opioids do not help lasting pain without a root cause and, with a benzodiazepine or a gabapentinoid, stop breathing;
gabapentinoids leave by the kidney and pile up where it is weak.

A gabapentinoid of unknown dose is a note with an eGFR of 30 to 59 and warns below 30. Patches count: they reach
the blood. Pain counts as lasting from twelve weeks.
"""

from __future__ import annotations

from datetime import date

from cards.card import Suggestion
from cards.chart import Chart
from cards.evidence import NICE_QS155, general_knowledge, our_choice
from cards.facts.drafts import medicine_drafts
from cards.facts.medicines import as_finding, drug_name, taken
from cards.facts.pain import pain
from cards.facts.reasons import Reason, because, said, sorted_reasons, to_do, worst
from cards.facts.renal import kidney
from cards.quantity import Quantity
from cards.record import Medication
from cards.rule import ORDER_HOOKS, Advise, Outcome, Silent, rule
from cards.valueset import ValueSet, value_set

OPIOID = value_set("med-opioid")
GABAPENTINOID = value_set("med-gabapentinoid")
BENZODIAZEPINE = value_set("med-benzodiazepine")
NERVE_PAIN = (value_set("sciatica"), value_set("lumbar-radiculopathy"))

CHRONIC_DAYS = 84
WEAK_KIDNEY_BELOW = Quantity.of(60, "mL/min/{1.73_m2}")
VERY_WEAK_KIDNEY_BELOW = Quantity.of(30, "mL/min/{1.73_m2}")
GABAPENTIN_WEAK_MG = 1400.0
GABAPENTIN_VERY_WEAK_MG = 700.0
PREGABALIN_WEAK_MG = 300.0
PREGABALIN_VERY_WEAK_MG = 150.0

RENAL_DOSES = general_knowledge("Renal dose limits of gabapentin and pregabalin; sedation of combinations")
CHRONIC = our_choice("Pain is chronic from 12 weeks")


@rule(
    short="SF-02",
    title="Opioid and gabapentinoid safety",
    version="1.1.0",
    status="active",
    hooks=ORDER_HOOKS,
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(NICE_QS155, RENAL_DOSES, CHRONIC),
    last_review=date(2026, 11, 21),
)
def opioid_gabapentinoid_safety(chart: Chart) -> Outcome:
    drafts = medicine_drafts(chart, OPIOID, GABAPENTINOID, BENZODIAZEPINE)
    if not drafts:
        return Silent("no opioid, gabapentinoid or benzodiazepine is drafted")
    judged = tuple((d, _reasons(chart, d)) for d in drafts)
    found = tuple(_advice(d, reasons) for d, reasons in judged if reasons)
    if not found:
        return Silent("nothing recorded against this medicine")
    return found


def _reasons(chart: Chart, draft: Medication) -> tuple[Reason, ...]:
    opioid = OPIOID.name in draft.concepts
    gabapentinoid = GABAPENTINOID.name in draft.concepts
    benzodiazepine = BENZODIAZEPINE.name in draft.concepts
    return sorted_reasons(
        [
            _beside(chart, draft, BENZODIAZEPINE) if opioid else None,
            _beside(chart, draft, OPIOID) if gabapentinoid or benzodiazepine else None,
            _beside(chart, draft, GABAPENTINOID) if opioid else None,
            _renal_dose(chart, draft) if gabapentinoid else None,
            _chronic(chart) if opioid else None,
        ]
    )


def _advice(draft: Medication, reasons: tuple[Reason, ...]) -> Advise:
    drug = drug_name(draft)
    warned = worst(reasons) == "warning"
    ask = "Avoid, or lower the dose" if warned else "Rarely of use"
    return Advise(
        worst(reasons),
        f"{drug}: {said(reasons)}. {ask}; no driving while drowsy.",
        "reconsider it; if it is given, lowest dose, a date for review, and advice on driving and work.",
        (as_finding(draft), *because(reasons)),
        more=to_do(reasons),
        wrong_if="the other medicine has been stopped, or the dose is already adapted.",
        suggestions=(Suggestion(f"Remove the draft of {drug.lower()}", delete=draft.reference, recommended=warned),),
        about=(draft.reference,),
        pathway=f"order:{draft.reference}",
    )


def _beside(chart: Chart, draft: Medication, kind: ValueSet) -> Reason | None:
    """Another medicine of this kind, taken or drafted with it."""
    drafted = (d for d in medicine_drafts(chart, kind, selected=False) if d.reference != draft.reference)
    found = (*taken(chart, kind, systemic=False), *(as_finding(d) for d in drafted))
    if not found:
        return None
    name = found[0].label.split()[0].lower()
    return Reason("warning", f"beside {name}", "together they sedate and slow breathing: avoid.", found[:1])


def _renal_dose(chart: Chart, draft: Medication) -> Reason | None:
    known = kidney(chart)
    rate = known.rate
    if rate is None or not rate < WEAK_KIDNEY_BELOW:
        return None
    very_weak = rate < VERY_WEAK_KIDNEY_BELOW
    limit = _limit(draft, very_weak=very_weak)
    words = f"eGFR {rate.value:g}"
    ask = f"at this eGFR no more than {limit:g} mg a day (unverified)."
    if draft.daily_mg is None:
        return Reason("warning" if very_weak else "info", words, ask, (known.egfr,))
    return (
        Reason("warning", f"{draft.daily_mg:g} mg/d, {words}", ask, (known.egfr,)) if draft.daily_mg > limit else None
    )


def _limit(draft: Medication, *, very_weak: bool) -> float:
    if "pregabalin" in draft.text.lower() or "lyrica" in draft.text.lower():
        return PREGABALIN_VERY_WEAK_MG if very_weak else PREGABALIN_WEAK_MG
    return GABAPENTIN_VERY_WEAK_MG if very_weak else GABAPENTIN_WEAK_MG


def _chronic(chart: Chart) -> Reason | None:
    known = pain(chart)
    if not known.surely_at_least(CHRONIC_DAYS, chart.today) or chart.finding(*NERVE_PAIN):
        return None
    return Reason("info", "chronic pain, no nerve-root sign", "opioids are not advised for it.", known.evidence[:1])
