"""Cancer on file, and what in blood tests and at night suggests one.

Units: ALP and GGT in U/L against their own reference ranges, ESR in mm/h, calcium in mmol/L, haemoglobin in g/L,
PSA in ng/mL. Calcium is corrected for albumin (g/L) by 0.02 mmol/L for each g/L below 40 where albumin is on file,
else taken as measured. When a PSA below the limit is rising has no figure in the sources; ours are below.
"""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.imaging import MRI_PELVIS, normal_study, studies
from cards.facts.inflammation import raised_esr
from cards.facts.pain import pain
from cards.finding import Finding, Look, NotFound, exam
from cards.immutable import replace
from cards.quantity import Quantity
from cards.valueset import value_set

CANCER = (value_set("bone-metastasis"), value_set("active-cancer"), value_set("history-of-cancer"))
NIGHT_PAIN = value_set("night-pain")
NIGHT_OR_REST = exam("night-or-rest-pain")
POSTURAL = exam("night-pain-posture-dependent")
ALP = value_set("lab-alp")
GGT = value_set("lab-ggt")
BILIRUBIN = value_set("lab-bilirubin")
CALCIUM = value_set("lab-calcium")
ALBUMIN = value_set("lab-albumin")
HYPERCALCAEMIA = value_set("hypercalcaemia")
HAEMOGLOBIN = value_set("lab-hemoglobin")
ANAEMIA_EXPLAINED = (value_set("gi-bleed"), value_set("ckd-4-5"))
PSA = value_set("lab-psa")
RAISED_PSA = value_set("raised-psa")
PARAPROTEIN = value_set("monoclonal-gammopathy")

LABS_HOLD = timedelta(days=90)
ANSWERS_HOLD = timedelta(days=90)
ALP_ABOVE = 1.5  # times its own upper limit
ESR_ABOVE = Quantity.of(50, "mm/h")
CALCIUM_ABOVE = Quantity.of(2.6, "mmol/L")
ALBUMIN_NORMAL = 40.0  # g/L
CALCIUM_PER_ALBUMIN = 0.02  # mmol/L of calcium for each g/L of albumin
HAEMOGLOBIN_BELOW = Quantity.of(100, "g/L")
PSA_ABOVE = Quantity.of(10, "ng/mL")
PSA_FROM_AGE = 50
PSA_RISING_ABOVE = Quantity.of(4, "ng/mL")  # a usual upper limit of laboratories; our own choice
PSA_RISE_FROM = 0.75  # ng/mL above the lowest of the last year; our own choice
PSA_COMPARED = timedelta(days=365)


@fact
def cancer(chart: Chart) -> Look:
    """Cancer now or ever: a bone metastasis before active cancer before history; there is no limit to looking back."""
    looks = (chart.finding(kind, history=kind is not CANCER[0]) for kind in CANCER)
    return next((look for look in looks if look), NotFound())


def stage(found: Look, chart: Chart) -> str:
    """What kind of cancer record that is, in words; a cancer in remission is history."""
    if not isinstance(found, Finding):
        return ""
    if CANCER[0].name in found.concepts:
        return "Bone metastasis on file"
    return "Active cancer on file" if chart.finding(CANCER[1]) else "History of cancer"


@fact
def cleared_by_mri(chart: Chart) -> bool:
    """MRI of the pelvis after the pain began is coded normal."""
    began = pain(chart).began
    return began is not None and bool(normal_study(studies(chart, MRI_PELVIS, since=began.latest)))


@fact
def night_pain(chart: Chart) -> Look:
    """Constant pain at night or rest; night pain that eases with another posture is mechanical or neural."""
    constant = chart.finding(NIGHT_OR_REST, within=ANSWERS_HOLD)
    if constant:
        return constant
    recorded = chart.finding(NIGHT_PAIN)
    return NotFound() if recorded and chart.finding(POSTURAL, within=ANSWERS_HOLD) else recorded


@fact
def cancer_signs(chart: Chart) -> tuple[Finding, ...]:
    """Blood tests of the last 90 days, or problems on file, that suggest bone metastasis or myeloma."""
    looks = (_alkaline_phosphatase(chart), _esr(chart), _calcium(chart), _anaemia(chart), _psa(chart))
    found = [*looks, chart.finding(PARAPROTEIN)]
    return tuple(look for look in found if isinstance(look, Finding))


def highest_calcium(chart: Chart) -> Look:
    """The newest calcium, of one day the highest, corrected for the newest albumin where there is one."""
    calcium = chart.latest(CALCIUM, within=LABS_HOLD)
    albumin = chart.latest(ALBUMIN, within=LABS_HOLD, worse="low")
    if not (isinstance(calcium, Finding) and calcium.quantity and albumin.quantity):
        return calcium
    missing = ALBUMIN_NORMAL - albumin.quantity.value
    corrected = round(calcium.quantity.value + CALCIUM_PER_ALBUMIN * missing, 3)
    label = f"calcium corrected for albumin {albumin.quantity.value:g} g/L"
    return replace(calcium, label=label, value=replace(calcium.quantity, value=corrected))


def _alkaline_phosphatase(chart: Chart) -> Look:
    alp = chart.latest(ALP, within=LABS_HOLD)
    if not _times_its_limit(alp, ALP_ABOVE):
        return NotFound()
    liver = (chart.latest(kind, within=LABS_HOLD, surely=True) for kind in (GGT, BILIRUBIN))
    return NotFound() if any(_times_its_limit(found, 1) for found in liver) else alp


def _times_its_limit(found: Look, times: float) -> bool:
    """Above that many times its own upper limit; never where the limit is not given."""
    if not isinstance(found, Finding) or not found.quantity or not found.upper_limit:
        return False
    limit = Quantity.of(found.upper_limit.value * times, found.upper_limit.unit)
    return found.quantity > limit


def _esr(chart: Chart) -> Look:
    esr = raised_esr(chart, LABS_HOLD)
    return esr if esr.quantity and esr.quantity > ESR_ABOVE else NotFound()


def _calcium(chart: Chart) -> Look:
    calcium = highest_calcium(chart)
    if calcium.quantity and calcium.quantity > CALCIUM_ABOVE:
        return calcium
    return chart.finding(HYPERCALCAEMIA, within=LABS_HOLD)


def _anaemia(chart: Chart) -> Look:
    haemoglobin = chart.latest(HAEMOGLOBIN, within=LABS_HOLD, worse="low")
    if not (haemoglobin.quantity and haemoglobin.quantity < HAEMOGLOBIN_BELOW):
        return NotFound()
    return NotFound() if chart.finding(*ANAEMIA_EXPLAINED, surely=True) else haemoglobin


def _psa(chart: Chart) -> Look:
    if chart.patient.sex == "female" or (chart.age is not None and chart.age < PSA_FROM_AGE):
        return NotFound()
    psa = chart.latest(PSA, within=LABS_HOLD)
    if isinstance(psa, Finding) and psa.quantity:
        if psa.quantity > PSA_ABOVE:
            return psa
        if psa.quantity > PSA_RISING_ABOVE and _rise(chart, psa) >= PSA_RISE_FROM:
            return replace(psa, label=f"rising {psa.label}")
    return chart.finding(RAISED_PSA, within=LABS_HOLD)


def _rise(chart: Chart, psa: Finding) -> float:
    """How much the newest PSA lies above the lowest one of an earlier day of the last year."""
    before = [
        f.quantity.value
        for f in chart.readings(PSA, within=PSA_COMPARED)
        if f.quantity and f.when and psa.when and f.when.latest < psa.when.earliest
    ]
    now = psa.quantity.value if psa.quantity else 0.0
    return round(now - min(before, default=now), 3)
