"""What in a chart speaks against a systemic NSAID, whichever it is: kidney, pregnancy, gut, heart, age, medicines."""

from __future__ import annotations

from cards.card import Indicator
from cards.chart import Chart
from cards.evidence import AGS_BEERS, FDA_NSAID_PREGNANCY, KDIGO_NSAID, general_knowledge
from cards.facts import nsaid_risks as risks
from cards.facts.medicines import (
    anticoagulant_name,
    anticoagulation,
    dual_antiplatelets,
    kidney_pair,
    methotrexate,
    taken,
)
from cards.facts.pregnancy import pregnancy
from cards.facts.reasons import Reason, resting_on, sorted_reasons
from cards.facts.renal import Kidney, kidney
from cards.finding import Finding, Look
from cards.quantity import Quantity
from cards.valueset import value_set

SSRI_SNRI = value_set("med-ssri-snri")
STEROID = value_set("med-corticosteroid")
LITHIUM = value_set("med-lithium")
GASTROPROTECTION = value_set("med-gastroprotection")
KIDNEY_RISKS = tuple(value_set(n) for n in ("ckd", "diabetes", "hypertension", "heart-failure"))

AVOID_BELOW = Quantity.of(30, "mL/min/{1.73_m2}")
SHORT_ONLY_BELOW = Quantity.of(60, "mL/min/{1.73_m2}")
SHORT_COURSE_DAYS = 7
METHOTREXATE_HIGH_MG = 15.0
AGE_NOTED = 65
AGE_WARNED = 75
FETAL_RISK_WEEKS = 20
FETAL_HARM_WEEKS = 30

BLEEDING_AND_HEART = general_knowledge("Bleeding, heart, drug-interaction and allergy limits of NSAIDs")
NO_EGFR = "no eGFR in 12 months"
OLD_EGFR = "old eGFR"
CKD_CODED = "CKD stage 4-5"


def against_an_nsaid(chart: Chart, days: int | None = None) -> tuple[Reason, ...]:
    """Every reason with its source, the most urgent first. days: how long it is to be taken, None where not said."""
    return sorted_reasons(
        [
            *resting_on(KDIGO_NSAID, _kidney(chart, days)),
            *resting_on(BLEEDING_AND_HEART, _acute_kidney(chart)),
            *resting_on(FDA_NSAID_PREGNANCY, _pregnant(chart)),
            *resting_on(BLEEDING_AND_HEART, risks.allergy(chart)),
            *resting_on(AGS_BEERS, risks.gut(chart)),
            *resting_on(BLEEDING_AND_HEART, *_vessels_and_medicines(chart)),
            *resting_on(AGS_BEERS, _old(chart)),
        ]
    )


def _vessels_and_medicines(chart: Chart) -> tuple[Reason | None, ...]:
    return (
        _anticoagulated(chart),
        risks.heart_failure(chart),
        risks.vascular_event(chart),
        *_interactions(chart),
    )


def _kidney(chart: Chart, days: int | None) -> Reason | None:
    known = kidney(chart)
    rate = known.rate
    if rate and rate < AVOID_BELOW and known.fresh:
        return Reason("critical", f"eGFR {rate.value:g}", "the kidneys may fail: avoid.", (known.egfr,))
    if rate and rate < AVOID_BELOW:
        return Reason("warning", f"{OLD_EGFR} {rate.value:g}", "repeat it before any NSAID.", (known.egfr,))
    if known.severe:
        return Reason("warning", CKD_CODED, "avoid; measure eGFR.", (known.severe, known.egfr))
    if not (rate and known.fresh):
        return _unmeasured(chart, known)
    return _short_course(days, known.egfr) if rate < SHORT_ONLY_BELOW else None


def _short_course(days: int | None, egfr: Look) -> Reason | None:
    value = egfr.quantity.value if egfr.quantity else 0.0
    ask = f"no more than {SHORT_COURSE_DAYS} days; repeat creatinine after 1 to 2 weeks if it goes on."
    if days is None:
        return Reason("info", f"eGFR {value:g}", ask, (egfr,))
    if days > SHORT_COURSE_DAYS:
        return Reason("warning", f"eGFR {value:g} for {days} days", ask, (egfr,))
    return None


def _unmeasured(chart: Chart, known: Kidney) -> Reason | None:
    if not known.egfr and not known.egfr.certain:
        return None
    risk = chart.finding(*KIDNEY_RISKS)
    if not risk and (chart.age is None or chart.age < AGE_NOTED):
        return None
    words = f"{OLD_EGFR} {known.rate.value:g}" if known.rate else NO_EGFR
    return Reason("info", words, "measure creatinine and eGFR.", (risk, known.egfr))


def _acute_kidney(chart: Chart) -> Reason | None:
    known = kidney(chart)
    if known.injury:
        return Reason("critical", "acute kidney injury", "avoid until it has recovered.", (known.injury,))
    if known.dialysis:
        return Reason("warning", "dialysis", "it takes what function is left: avoid.", (known.dialysis,))
    return None


def _pregnant(chart: Chart) -> Reason | None:
    expected = pregnancy(chart)
    if expected is None:
        return None
    weeks, found = expected.weeks, (expected.evidence,)
    if weeks is None:
        return Reason("warning", "pregnant, weeks unknown", "settle the week first; avoid from week 20.", found)
    if weeks >= FETAL_HARM_WEEKS:
        return Reason("critical", f"pregnant, week {weeks}", "do not give: fetal duct and kidneys.", found)
    if weeks >= FETAL_RISK_WEEKS:
        ask = "avoid; else lowest dose, and amniotic-fluid ultrasound beyond 48 hours."
        return Reason("warning", f"pregnant, week {weeks}", ask, found)
    return Reason("info", f"pregnant, week {weeks}", "not from week 20 on; lowest dose before.", found)


def _anticoagulated(chart: Chart) -> Reason | None:
    found = anticoagulation(chart)
    if not found:
        return None
    name = anticoagulant_name(found)
    bleed = risks.major_bleed(chart)
    if bleed:
        return Reason("critical", f"{name} after a bleed", "anticoagulated and bled lately: avoid.", (*found, bleed))
    return Reason("warning", name, "anticoagulated: bleeding risk, avoid.", found)


def _interactions(chart: Chart) -> tuple[Reason | None, ...]:
    protected = taken(chart, GASTROPROTECTION)
    guard = "" if protected else " Add a proton pump inhibitor."
    return (
        _with("warning", "dual antiplatelets", f"bleeding risk: avoid.{guard}", dual_antiplatelets(chart)),
        _with("warning", "a systemic steroid", f"ulcer risk.{guard}", taken(chart, STEROID)[:1]),
        _with(
            "warning", "ACE inhibitor/ARB and diuretic", "kidney risk: avoid, or check creatinine.", kidney_pair(chart)
        ),
        _with("warning", "lithium", "its level rises: avoid, or measure it.", taken(chart, LITHIUM)[:1]),
        _methotrexate(chart),
        _with("info", "an SSRI or SNRI", f"bleeding risk.{guard}", taken(chart, SSRI_SNRI)[:1]),
    )


def _with(indicator: Indicator, words: str, do: str, found: tuple[Finding, ...]) -> Reason | None:
    return Reason(indicator, words, do, found) if found else None


def _methotrexate(chart: Chart) -> Reason | None:
    weekly = methotrexate(chart)
    if weekly is None or (weekly.mg is not None and weekly.mg < METHOTREXATE_HIGH_MG):
        return None
    dose = "avoid at this dose." if weekly.mg is not None else "find out the weekly dose; avoid from 15 mg."
    return Reason("warning", "methotrexate", f"its toxicity rises: {dose}", (weekly.finding,))


def _old(chart: Chart) -> Reason | None:
    age = chart.age
    if age is None or age < AGE_NOTED:
        return None
    if age >= AGE_WARNED:
        return Reason("warning", f"age {age}", "avoid; else short, with a proton pump inhibitor.")
    return Reason("info", f"age {age}", "short course, with a proton pump inhibitor.")
