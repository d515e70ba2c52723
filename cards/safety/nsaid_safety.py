"""A systemic NSAID can stop a weak kidney, bleed an ulcer or an anticoagulated patient, close the fetal duct.

Every reason found goes on one card of the drafted order, the worst sets its urgency. Choices where the sources
leave one: an eGFR too old to rely on, and stage 4 or 5 coded without a value, warn; an unknown duration with an
eGFR of 30 to 59 is a note; methotrexate of unknown dose counts as a high one; the same drug already taken is a
renewal, no duplicate. A topical NSAID is judged for allergy only, low-dose aspirin is no NSAID therapy.
"""

from __future__ import annotations

from datetime import date

from cards.card import Indicator, Suggestion
from cards.chart import Chart, fact
from cards.evidence import AGS_BEERS, FDA_NSAID_PREGNANCY, KDIGO_NSAID, general_knowledge
from cards.facts import nsaid_risks as risks
from cards.facts.drafts import medicine_drafts
from cards.facts.medicines import (
    ASPIRIN,
    NSAID,
    anticoagulation,
    as_finding,
    drug_name,
    dual_antiplatelets,
    is_systemic_nsaid,
    kidney_pair,
    methotrexate,
    systemic_nsaids,
    taken,
)
from cards.facts.pregnancy import pregnancy
from cards.facts.reasons import Reason, because, resting_on, said, sorted_reasons, sources, to_do, worst
from cards.facts.renal import Kidney, kidney
from cards.finding import Finding, Look
from cards.orderables import LAB_RENAL
from cards.quantity import Quantity
from cards.record import Medication
from cards.rule import ORDER_HOOKS, Advise, Outcome, Silent, rule
from cards.suggest import suggest
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


@rule(
    short="SF-01",
    title="NSAID safety",
    version="1.0.3",
    status="active",
    hooks=ORDER_HOOKS,
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(KDIGO_NSAID, AGS_BEERS, FDA_NSAID_PREGNANCY, BLEEDING_AND_HEART),
    last_review=date(2026, 11, 21),
)
def nsaid_safety(chart: Chart) -> Outcome:
    drafts = medicine_drafts(chart, NSAID, ASPIRIN)
    if not drafts:
        return Silent("no NSAID is drafted")
    judged = tuple((d, _reasons(chart, d)) for d in drafts)
    found = tuple(_advice(chart, d, reasons) for d, reasons in judged if reasons)
    if not found:
        return Silent("no recorded reason against this medicine")
    return found


def _reasons(chart: Chart, draft: Medication) -> tuple[Reason, ...]:
    if not is_systemic_nsaid(draft):
        topical = NSAID.name in draft.concepts and not draft.systemic
        return sorted_reasons(resting_on(BLEEDING_AND_HEART, risks.allergy(chart))) if topical else ()
    return sorted_reasons(
        [
            *resting_on(KDIGO_NSAID, _kidney(chart, draft)),
            *resting_on(BLEEDING_AND_HEART, _acute_kidney(chart)),
            *resting_on(FDA_NSAID_PREGNANCY, _pregnant(chart)),
            *resting_on(BLEEDING_AND_HEART, risks.allergy(chart)),
            *resting_on(AGS_BEERS, risks.gut(chart)),
            *resting_on(BLEEDING_AND_HEART, *_vessels_and_medicines(chart), _duplicate(chart, draft)),
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


def _advice(chart: Chart, draft: Medication, reasons: tuple[Reason, ...]) -> Advise:
    drug, urgency = drug_name(draft), worst(reasons)
    ask = {"critical": "Avoid; offer", "warning": "Rather offer", "info": "Check first, or use"}[urgency]
    instead = _instead(chart)
    needs_egfr = any(r.words.startswith((NO_EGFR, OLD_EGFR, CKD_CODED)) for r in reasons)
    remove = Suggestion(f"Remove the draft of {drug.lower()}", delete=draft.reference, recommended=urgency != "info")
    return Advise(
        urgency,
        f"{drug}: {said(reasons)}. {ask} {instead}.",
        _do(urgency, instead),
        (as_finding(draft), *because(reasons)),
        more=to_do(reasons),
        wrong_if="the recorded problem, medicine or value no longer holds.",
        suggestions=(remove, suggest(LAB_RENAL)) if needs_egfr else (remove,),
        about=(draft.reference,),
        rests_on=sources(reasons),
        pathway=f"order:{draft.reference}",
    )


def _instead(chart: Chart) -> str:
    """A gel is no way round an allergy, nor one to advise in pregnancy."""
    return "paracetamol" if pregnancy(chart) or risks.allergy(chart) else "paracetamol or a topical NSAID"


def _do(urgency: Indicator, instead: str) -> str:
    if urgency == "critical":
        return f"do not start this medicine; offer {instead}."
    if urgency == "warning":
        return f"offer {instead} instead, or the lowest dose for the shortest time once each point below is settled."
    return "lowest dose for the shortest time, with the points below in mind."


def _kidney(chart: Chart, draft: Medication) -> Reason | None:
    known = kidney(chart)
    rate = known.rate
    if rate and rate < AVOID_BELOW and known.fresh:
        return Reason("critical", f"eGFR {rate.value:g}", "avoid.", (known.egfr,))
    if rate and rate < AVOID_BELOW:
        return Reason("warning", f"{OLD_EGFR} {rate.value:g}", "repeat it before any NSAID.", (known.egfr,))
    if known.severe:
        return Reason("warning", CKD_CODED, "avoid; measure eGFR.", (known.severe, known.egfr))
    if not (rate and known.fresh):
        return _unmeasured(chart, known)
    return _short_course(draft, known.egfr) if rate < SHORT_ONLY_BELOW else None


def _short_course(draft: Medication, egfr: Look) -> Reason | None:
    value = egfr.quantity.value if egfr.quantity else 0.0
    ask = f"no more than {SHORT_COURSE_DAYS} days; repeat creatinine after 1 to 2 weeks if it goes on."
    if draft.days is None:
        return Reason("info", f"eGFR {value:g}", ask, (egfr,))
    if draft.days > SHORT_COURSE_DAYS:
        return Reason("warning", f"eGFR {value:g} for {draft.days} days", ask, (egfr,))
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
    name = found[0].label.split()[0].lower()
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


def _duplicate(chart: Chart, draft: Medication) -> Reason | None:
    own = drug_name(draft).lower()
    second = next(((name, m) for name, m in _nsaids_by_name(chart).items() if name != own), None)
    if second is None:
        return None
    name, medicine = second
    return Reason("warning", f"{name} too", "two NSAIDs: stop one.", (as_finding(medicine),))


@fact
def _nsaids_by_name(chart: Chart) -> dict[str, Medication]:
    """The first NSAID of each name, taken now or drafted."""
    found: dict[str, Medication] = {}
    for one in [*systemic_nsaids(chart), *medicine_drafts(chart, NSAID, ASPIRIN, selected=False)]:
        if is_systemic_nsaid(one):
            found.setdefault(drug_name(one).lower(), one)
    return found


def _old(chart: Chart) -> Reason | None:
    age = chart.age
    if age is None or age < AGE_NOTED:
        return None
    if age >= AGE_WARNED:
        return Reason("warning", f"age {age}", "avoid; else short, with a proton pump inhibitor.")
    return Reason("info", f"age {age}", "short course, with a proton pump inhibitor.")
