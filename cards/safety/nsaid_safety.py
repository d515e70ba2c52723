"""A systemic NSAID can stop a weak kidney, bleed an ulcer or an anticoagulated patient, close the fetal duct.

Every reason found goes on one card of the drafted order, the worst sets its urgency. Where none is drafted, an NSAID
that is taken is judged, for what warns or is critical only: what is taken already was once weighed. Choices where the
sources leave one: an eGFR too old to rely on, and stage 4 or 5 coded without a value, warn; an unknown duration with an
eGFR of 30 to 59 is a note; methotrexate of unknown dose counts as a high one; the same drug already taken is a
renewal, no duplicate. A topical NSAID is judged for allergy only, low-dose aspirin is no NSAID therapy.
"""

from __future__ import annotations

from datetime import date

from cards.card import Indicator, Suggestion
from cards.chart import Chart, fact
from cards.compose import escaped
from cards.evidence import AGS_BEERS, FDA_NSAID_PREGNANCY, KDIGO_NSAID
from cards.facts import nsaid_risks as risks
from cards.facts.drafts import medicine_drafts
from cards.facts.medicines import (
    ASPIRIN,
    NSAID,
    as_finding,
    drug_name,
    is_systemic_nsaid,
    systemic_nsaids,
)
from cards.facts.nsaid_reasons import BLEEDING_AND_HEART, CKD_CODED, NO_EGFR, OLD_EGFR, against_an_nsaid
from cards.facts.pregnancy import pregnancy
from cards.facts.reasons import Reason, because, leading, resting_on, said, sorted_reasons, sources, to_do, worst
from cards.orderables import LAB_RENAL
from cards.record import Medication
from cards.rule import ORDER_HOOKS, Advise, Outcome, Silent, rule
from cards.suggest import suggest


@rule(
    short="SF-01",
    title="NSAID safety",
    version="1.2.1",
    status="active",
    hooks=ORDER_HOOKS,
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(KDIGO_NSAID, AGS_BEERS, FDA_NSAID_PREGNANCY, BLEEDING_AND_HEART),
    last_review=date(2026, 11, 21),
)
def nsaid_safety(chart: Chart) -> Outcome:
    drafts = medicine_drafts(chart, NSAID, ASPIRIN)
    if not drafts:
        return _taken(chart)
    judged = tuple((d, _reasons(chart, d)) for d in drafts)
    found = tuple(_advice(chart, d, reasons) for d, reasons in judged if reasons)
    if not found:
        return Silent("no recorded reason against this medicine")
    return found


def _taken(chart: Chart) -> Outcome:
    """What speaks against the NSAID that the patient takes."""
    medicine = next(iter(systemic_nsaids(chart)), None)
    if medicine is None:
        return Silent("no NSAID is drafted or taken")
    reasons = tuple(r for r in _reasons(chart, medicine) if r.indicator != "info")
    if not reasons:
        return Silent("nothing recorded warns of the NSAID that is taken")
    drug, urgency, instead = drug_name(medicine), worst(reasons), _instead(chart)
    ask, do = (
        ("Stop it; offer", f"stop it and offer {instead}.")
        if urgency == "critical"
        else ("Review it; rather offer", _do(urgency, instead))
    )
    return Advise(
        urgency,
        f"{drug} is taken: {said(reasons)}. {ask} {instead}.",
        f"ask whether it is still taken; if so, {do}",
        (as_finding(medicine), *because(reasons)),
        more=_points(reasons),
        wrong_if="it is no longer taken, or the recorded problem, medicine or value no longer holds.",
        suggestions=(suggest(LAB_RENAL),) if _needs_egfr(reasons) else (),
        rests_on=sources(reasons),
        pathway=f"taken:{medicine.reference}",
    )


def _reasons(chart: Chart, draft: Medication) -> tuple[Reason, ...]:
    if not is_systemic_nsaid(draft):
        topical = NSAID.name in draft.concepts  # else aspirin of a low dose
        return sorted_reasons(resting_on(BLEEDING_AND_HEART, risks.allergy(chart))) if topical else ()
    return sorted_reasons(
        [*against_an_nsaid(chart, draft.days), *resting_on(BLEEDING_AND_HEART, _duplicate(chart, draft))]
    )


def _advice(chart: Chart, draft: Medication, reasons: tuple[Reason, ...]) -> Advise:
    drug, urgency = drug_name(draft), worst(reasons)
    ask = {"critical": "Avoid; offer", "warning": "Rather offer", "info": "Check first, or use"}[urgency]
    instead = _instead(chart)
    remove = Suggestion(f"Remove the draft of {drug.lower()}", delete=draft.reference, recommended=urgency != "info")
    return Advise(
        urgency,
        f"{drug}: {said(reasons)}. {ask} {instead}.",
        _do(urgency, instead),
        (as_finding(draft), *because(reasons)),
        more=_points(reasons),
        wrong_if="the recorded problem, medicine or value no longer holds.",
        suggestions=(remove, suggest(LAB_RENAL)) if _needs_egfr(reasons) else (remove,),
        about=(draft.reference,),
        rests_on=sources(reasons),
        pathway=f"order:{draft.reference}",
    )


def _needs_egfr(reasons: tuple[Reason, ...]) -> bool:
    return any(r.words.startswith((NO_EGFR, OLD_EGFR, CKD_CODED)) for r in reasons)


def _points(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """What a medicine that must not be given would also need is not told, only that more speaks against it."""
    if worst(reasons) != "critical":
        return to_do(reasons)
    others = ", ".join(dict.fromkeys(r.words for r in reasons if r.indicator != "critical"))
    return (*to_do(leading(reasons)), *([f"**Also against it:** {escaped(others)}."] if others else ()))


def _instead(chart: Chart) -> str:
    """A gel is no way round an allergy, nor one to advise in pregnancy."""
    return "paracetamol" if pregnancy(chart) or risks.allergy(chart) else "paracetamol or a topical NSAID"


def _do(urgency: Indicator, instead: str) -> str:
    if urgency == "critical":
        return f"do not start this medicine; offer {instead}."
    if urgency == "warning":
        return f"offer {instead} instead, or the lowest dose for the shortest time once each point below is settled."
    return f"settle the points below first, then the lowest dose for the shortest time; or {instead}."


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
