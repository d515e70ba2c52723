"""Infection of a vertebra, a disc or the epidural space starts as back or buttock pain and can paralyse; fever,
bacteria in the blood or a raised marker with new pain are the only early signs.

Without back pain this never leads a card: it adds to that of a hip or pelvic infection or of a painful prosthesis.
An abnormal white count counts only beside a recent spinal procedure, injecting drug use, dialysis, diabetes or HIV.
Pain without any date is not taken for new.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_SPINE_INFECTION, IDSA_VERTEBRAL_OSTEOMYELITIS, our_choice
from cards.facts.deficit import neurological_deficit
from cards.facts.host_risk import bacteraemia, spine_risk
from cards.facts.inflammation import abnormal_white_cells, brief, crp, fever, raised_esr
from cards.facts.pain import began_within
from cards.facts.pregnancy import pregnancy
from cards.finding import Look, exam
from cards.orderables import LABS_INFECTION, MRI_LUMBAR, MRI_SPINE_CONTRAST, REFER_EMERGENCY, REFER_SPINE
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

DIAGNOSED = value_set("vertebral-infection-diagnosed")
BACK_PAIN = (value_set("low-back-pain"), exam("pain-location", "low-back"))

CRP_WARNS_ABOVE = Quantity.of(10, "mg/L")
MARKERS_HOLD = timedelta(days=30)
NEW_PAIN = timedelta(weeks=12)
NEW_DIAGNOSIS = timedelta(days=14)

CUT_OFFS = our_choice("CRP above 10 mg/L, markers of 30 days, pain of 12 weeks: the guideline gives no figures")


@rule(
    short="RF-06",
    title="Infection of the spine not excluded",
    version="1.0.1",
    status="active",
    places=("posterior", "unspecified"),
    pathway="infection",
    rank=2,
    evidence=(IDSA_VERTEBRAL_OSTEOMYELITIS, ACR_SPINE_INFECTION, CUT_OFFS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "img-mri-lumbar"),
)
def vertebral_infection(chart: Chart) -> Outcome:
    back = chart.finding(*BACK_PAIN, within=NEW_PAIN)
    if not (back or began_within(chart, NEW_PAIN)):
        return Silent("no pain known to be new or worse in the last 12 weeks")
    known = chart.finding(DIAGNOSED, within=NEW_DIAGNOSIS)
    hot = fever(chart)
    blood = bacteraemia(chart)
    protein = crp(chart, MARKERS_HOLD)
    raised = protein if protein.quantity and protein.quantity > CRP_WARNS_ABOVE else None
    esr = raised_esr(chart, MARKERS_HOLD)
    cells = abnormal_white_cells(chart, MARKERS_HOLD)
    marker = raised or esr or (cells and spine_risk(chart))
    if not (known or hot or blood or marker):
        return Silent("no fever, bacteraemia or raised marker")
    deficit = neurological_deficit(chart)
    found = tuple(look for look in (known, hot, blood, raised, esr, cells, deficit, *spine_risk(chart)) if look)
    if known or hot or blood or deficit:
        return _emergency(chart, back, *found)
    return _urgent(chart, back, *found)


def _emergency(chart: Chart, back: Look, *because: Look) -> Advise:
    return Advise(
        "critical",
        f"{brief(because[0])} with new {_where(back)}: spinal infection not excluded. Cultures and MRI spine now.",
        "send to the emergency department now; two sets of blood cultures, ESR, CRP, a full neurological examination "
        "and MRI of the spine. Hold antibiotics until cultures are taken unless septic or losing power.",
        (*because, back),
        wrong_if="another cause of the fever, the bacteraemia or the raised marker explains the pain too.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(LABS_INFECTION, "stat"),
            suggest(MRI_LUMBAR if pregnancy(chart) else MRI_SPINE_CONTRAST, "stat"),
            suggest(REFER_SPINE, "stat"),
        ),
        leads=bool(back),
    )


def _urgent(chart: Chart, back: Look, *because: Look) -> Advise:
    return Advise(
        "warning",
        f"{brief(because[0])} with new {_where(back)}: spinal infection not excluded. Cultures, MRI spine.",
        "repeat ESR and CRP, take two sets of blood cultures and examine power, sensation and reflexes; MRI of the "
        "spine if no other cause is found. No antibiotics before cultures.",
        (*because, back),
        wrong_if="another cause of the raised marker has been found.",
        suggestions=(
            suggest(LABS_INFECTION, "urgent", recommended=True),
            suggest(MRI_LUMBAR if pregnancy(chart) else MRI_SPINE_CONTRAST, "urgent"),
            suggest(REFER_SPINE, "urgent"),
        ),
        leads=bool(back),
    )


def _where(back: Look) -> str:
    return "back pain" if back else "buttock pain"
