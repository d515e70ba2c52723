"""A needle can bleed in an anticoagulated patient, spread an infection, and a steroid can raise sugar, weaken a
tendon and hasten the collapse of a dying femoral head.

Asked of every drafted injection, block, ablation and stimulation. Any open suspicion of infection at the order is
critical; X-ray guidance in pregnancy warns only where the order names it, else it is a note.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import Indicator, Suggestion
from cards.chart import Chart
from cards.compose import capital, uncapital
from cards.evidence import DGS_GUIDE, general_knowledge, our_choice
from cards.facts.drafts import ProcedureDraft, procedure_drafts
from cards.facts.inflammation import brief, fever
from cards.facts.medicines import anticoagulant_name, anticoagulation
from cards.facts.past_injections import steroid_injections
from cards.facts.pregnancy import pregnancy
from cards.facts.reasons import Reason, because, said, sorted_reasons, to_do, worst
from cards.finding import Finding
from cards.look import of_record
from cards.quantity import Quantity
from cards.rule import ORDER_HOOKS, Advise, Outcome, Silent, rule
from cards.valueset import value_set

INFECTION_FLAGS = ("hip-pelvic-infection", "vertebral-infection", "painful-hip-prosthesis")
INFECTION = tuple(value_set(n) for n in ("active-infection", "skin-soft-tissue-infection", "infection-elsewhere"))
DIABETES = value_set("diabetes")
HBA1C = value_set("lab-hba1c")
INR = value_set("lab-inr")
PLATELETS = value_set("lab-platelets")
OSTEONECROSIS = value_set("avascular-necrosis")
TENDON = tuple(value_set(n) for n in ("proximal-hamstring-tendinopathy", "hamstring-injury", "gluteal-tendon-injury"))
ANAESTHETIC = value_set("local-anaesthetic-allergen")
CONTRAST = value_set("contrast-allergy")

THINNED_ABOVE = Quantity.of(1.5, "{INR}")
FEW_PLATELETS_BELOW = Quantity.of(50, "10*9/L")
SUGAR_HIGH_ABOVE = Quantity.of(8, "%")
INR_HOLDS = timedelta(days=30)
PLATELETS_HOLD = timedelta(days=90)
HBA1C_HOLDS = timedelta(days=183)
STEROIDS_A_YEAR = 3
YEAR = timedelta(days=365)
OPEN = "infection not excluded"
NEEDLES = ("injection", "block", "radiofrequency", "neurostimulation")

LIMITS = general_knowledge(
    "Limits of an injection: infection, anticoagulation, INR 1.5, platelets 50, three steroids a year, HbA1c 8 %"
)
WINDOWS = our_choice("INR of 30 days, platelets of 90, HbA1c of 6 months")


@rule(
    short="SF-03",
    title="Injection safety",
    version="1.2.1",
    status="active",
    hooks=ORDER_HOOKS,
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(LIMITS, WINDOWS, DGS_GUIDE),
    last_review=date(2026, 11, 21),
)
def injection_safety(chart: Chart) -> Outcome:
    drafts = tuple(d for d in procedure_drafts(chart) if d.kind in NEEDLES)
    if not drafts:
        return Silent("no needle procedure is drafted")
    judged = tuple((d, _reasons(chart, d)) for d in drafts)
    found = tuple(_advice(d, reasons) for d, reasons in judged if reasons)
    if not found:
        return Silent("nothing recorded against a needle")
    return found


def _reasons(chart: Chart, draft: ProcedureDraft) -> tuple[Reason, ...]:
    return sorted_reasons(
        [
            _infected(chart),
            _anticoagulated(chart),
            _thinned(chart),
            _platelets(chart),
            _pregnant(chart, draft),
            _anaesthetic(chart),
            _contrast(chart, draft),
            *(_steroid(chart, draft) if draft.steroid else ()),
        ]
    )


def _advice(draft: ProcedureDraft, reasons: tuple[Reason, ...]) -> Advise:
    urgency = worst(reasons)
    ask = {"critical": "do not inject", "warning": "settle before injecting", "info": "keep in mind"}[urgency]
    return Advise(
        urgency,
        f"{capital(said(reasons))}: {ask}.",
        _do(reasons),
        because(reasons),
        more=to_do(reasons) if len(reasons) > 1 else (),
        wrong_if="the recorded problem, medicine or value no longer holds.",
        suggestions=_removal(draft) if urgency == "critical" else (),
        about=(draft.reference,),
        pathway=f"order:{draft.reference}",
    )


def _do(reasons: tuple[Reason, ...]) -> str:
    if len(reasons) == 1:
        return reasons[0].do
    return "do not inject before each point is settled." if worst(reasons) == "critical" else "settle each point first."


def _removal(draft: ProcedureDraft) -> tuple[Suggestion, ...]:
    return (Suggestion("Remove the draft of the injection", delete=draft.reference, recommended=True),)


def _infected(chart: Chart) -> Reason | None:
    flags = [chart.red_flags[name] for name in INFECTION_FLAGS if name in chart.red_flags]
    open_flag = next((f for f in flags if f.indicator != "info"), None)
    hot = fever(chart)
    known = chart.finding(*INFECTION)
    if not (open_flag or hot or known):
        return None
    suspected = open_flag.because if open_flag else ()
    words = uncapital(brief(hot)) if hot else uncapital(known.label) if isinstance(known, Finding) else OPEN
    return Reason("critical", words, "no needle until infection is excluded or treated.", (hot, known, *suspected))


def _anticoagulated(chart: Chart) -> Reason | None:
    found = anticoagulation(chart)
    if not found:
        return None
    return Reason("warning", anticoagulant_name(found), "hold or bridge by local policy before the needle.", found)


def _thinned(chart: Chart) -> Reason | None:
    inr = chart.latest(INR, within=INR_HOLDS)
    if not (inr.quantity and inr.quantity > THINNED_ABOVE):
        return None
    return Reason("warning", f"INR {inr.quantity.value:g}", "correct it, or wait.", (inr,))


def _platelets(chart: Chart) -> Reason | None:
    count = chart.latest(PLATELETS, within=PLATELETS_HOLD, worse="low")
    if not (count.quantity and count.quantity < FEW_PLATELETS_BELOW):
        return None
    return Reason("warning", f"platelets {count.quantity.value:g}", "ask haematology first.", (count,))


def _pregnant(chart: Chart, draft: ProcedureDraft) -> Reason | None:
    expected = pregnancy(chart)
    if expected is None:
        return None
    indicator: Indicator = "warning" if draft.x_ray else "info"
    return Reason(indicator, "pregnant", "no fluoroscopy or CT; ultrasound guidance only.", (expected.evidence,))


def _anaesthetic(chart: Chart) -> Reason | None:
    listed = chart.allergies(ANAESTHETIC)
    if not listed:
        return None
    grave = next((a for a in listed if a.severe or a.criticality == "high"), None)
    indicator: Indicator = "critical" if grave else "warning"
    found = of_record(grave or listed[0])
    return Reason(indicator, "local anaesthetic allergy", "clarify the agent; use another class or none.", (found,))


def _contrast(chart: Chart, draft: ProcedureDraft) -> Reason | None:
    listed = chart.allergies(CONTRAST) if draft.x_ray else ()
    if not listed:
        return None
    return Reason("warning", "contrast allergy", "use ultrasound guidance, no contrast.", (of_record(listed[0]),))


def _steroid(chart: Chart, draft: ProcedureDraft) -> tuple[Reason | None, ...]:
    given = steroid_injections(chart, draft.target, YEAR)
    often = None
    if len(given) >= STEROIDS_A_YEAR:
        often = Reason("warning", f"{len(given)} steroid injections in a year", "no further one at this site.", given)
    return _sugar(chart), often, _tendon(chart, draft), _bone(chart)


def _sugar(chart: Chart) -> Reason | None:
    diabetes = chart.finding(DIABETES)
    if not diabetes:
        return None
    hba1c = chart.latest(HBA1C, within=HBA1C_HOLDS)
    if hba1c.quantity and hba1c.quantity > SUGAR_HIGH_ABOVE:
        words = f"HbA1c {hba1c.quantity.value:g} % and steroid"
        return Reason("warning", words, "better control first, or anaesthetic alone.", (hba1c, diabetes))
    if hba1c:
        return None
    return Reason("info", "diabetes, no recent HbA1c", "measure HbA1c before a steroid.", (diabetes,))


def _tendon(chart: Chart, draft: ProcedureDraft) -> Reason | None:
    known = chart.finding(*TENDON, side=draft.order.side)
    if draft.target != "tendon" and not known:
        return None
    return Reason("warning", "steroid near a tendon", "the tendon may tear: anaesthetic alone.", (known,))


def _bone(chart: Chart) -> Reason | None:
    """Of either hip and for any target: where one is dying the other is at risk, and what is injected spreads."""
    dying = chart.finding(OSTEONECROSIS)
    if not dying:
        return None
    return Reason("warning", "steroid and osteonecrosis", "it may hasten collapse: avoid.", (dying,))
