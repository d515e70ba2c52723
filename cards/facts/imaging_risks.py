"""What in a chart bears on the safety of a study: pregnancy, devices, contrast, kidneys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.appropriateness import Modality, Region
from cards.card import Indicator
from cards.chart import Chart
from cards.facts.drafts import imaging_drafts
from cards.facts.flagged_imaging import flagged_studies
from cards.facts.implants import mri_devices
from cards.facts.medicines import taken
from cards.facts.menstruation import past_bearing
from cards.facts.naming import study_name
from cards.facts.pregnancy import TEST, pregnancy
from cards.facts.reasons import Reason
from cards.facts.renal import kidney
from cards.look import of_record
from cards.quantity import Quantity
from cards.record import Allergy
from cards.valueset import ValueSet, value_set

GADOLINIUM = value_set("contrast-allergy-gadolinium")
IODINATED = value_set("contrast-allergy-iodinated")
UNSPECIFIED = value_set("contrast-allergy-unspecified")
METFORMIN = value_set("med-metformin")
NOT_PREGNANT = value_set("not-pregnant")

CONTRAST_CARE_BELOW = Quantity.of(30, "mL/min/{1.73_m2}")
MAY_BE_PREGNANT_TO = 50
TEST_HOLDS = timedelta(days=14)
NO_CONTRAST = "prefer MRI without contrast"


@dataclass(frozen=True, slots=True)
class Planned:
    """A study drafted, or suggested by a red flag of this call: then it is `flagged` and has no `reference`.

    A draft that a red flag asks for too is flagged as well.
    """

    name: str
    modality: Modality
    regions: frozenset[Region]
    contrast: bool
    reference: str
    flagged: bool

    @property
    def radiates(self) -> bool:
        """It exposes to ionising radiation."""
        return self.modality in ("xr", "ct", "nm", "dxa")


def planned_studies(chart: Chart) -> tuple[Planned, ...]:
    """Drafted and suggested studies. Only for rules asked after the red flags."""
    flags = flagged_studies(chart)
    drafted = [
        Planned(
            study_name(d),
            d.modality,
            d.regions,
            d.contrast,
            d.reference,
            any(f.urgent and f.modality == d.modality and f.regions & d.shown_regions for f in flags),
        )
        for d in imaging_drafts(chart)
    ]
    suggested = [
        Planned(f.orderable.text, f.modality, f.regions, f.contrast, "", True)
        for f in flags
        if not any(p.modality == f.modality and p.regions & f.regions for p in drafted)
    ]
    return (*drafted, *suggested)


def radiation_in_pregnancy(chart: Chart, study: Planned) -> Reason | None:
    """A known pregnancy and a study with radiation. One that a red flag suggests is a note: it must not wait."""
    expected = pregnancy(chart) if study.radiates else None
    if expected is None:
        return None
    weeks = f"pregnant, week {expected.weeks}" if expected.weeks is not None else "pregnant"
    ask = "prefer ultrasound or MRI without contrast; do not withhold an urgent X-ray or CT."
    urgency: Indicator = "warning" if study.reference else "info"
    return Reason(urgency, weeks, ask, (expected.evidence,), ask="prefer ultrasound or MRI without contrast")


def pregnancy_not_asked(chart: Chart, study: Planned) -> Reason | None:
    """A CT of the pelvis in a woman up to 50 where nothing recent tells of a pregnancy."""
    patient, age = chart.patient, chart.age
    if study.modality != "ct" or study.regions.isdisjoint({"hip", "pelvis", "sacroiliac", "lumbar"}):
        return None
    if patient.sex != "female" or age is None or age > MAY_BE_PREGNANT_TO:
        return None
    if pregnancy(chart) or past_bearing(chart):
        return None
    if chart.latest(TEST, within=TEST_HOLDS) or chart.finding(NOT_PREGNANT, within=TEST_HOLDS):
        return None
    return Reason(
        "info",
        "pregnancy not asked",
        "ask or test for pregnancy before CT of the pelvis; do not withhold an urgent CT.",
        ask="ask or test first",
    )


def device(chart: Chart, study: Planned) -> Reason | None:
    """A device that has to be checked before MRI."""
    if study.modality != "mri":
        return None
    found = mri_devices(chart)
    ask = "confirm with MR safety that every device is MR-conditional, and on which terms, before booking."
    return Reason("warning", found[0].name, ask, found, ask="confirm it is MR-conditional first") if found else None


def gadolinium(chart: Chart, study: Planned) -> tuple[Reason | None, ...]:
    """What bears on MRI contrast: pregnancy, kidneys, earlier reactions."""
    if study.modality != "mri" or not study.contrast:
        return ()
    expected = pregnancy(chart)
    fetal = (
        Reason("warning", "pregnant, gadolinium", "use MRI without contrast.", (expected.evidence,), ask=NO_CONTRAST)
        if expected
        else None
    )
    weak = _weak_kidney(chart, "use a group II agent only; group I is contraindicated.", "group II contrast only")
    return fetal, weak, _reaction(chart, GADOLINIUM, "gadolinium"), _unnamed(chart, "gadolinium")


def iodinated(chart: Chart, study: Planned) -> tuple[Reason | None, ...]:
    """What bears on CT contrast: kidneys, metformin, earlier reactions."""
    if study.modality != "ct" or not study.contrast:
        return ()
    weak = _weak_kidney(
        chart, "weigh the need of contrast; CT without contrast or MRI may do.", "do without contrast if possible"
    )
    metformin = taken(chart, METFORMIN) if weak else ()
    hold = Reason(
        "warning", "metformin", "hold it around the contrast (unverified).", metformin[:1], ask="hold metformin"
    )
    return weak, hold if metformin else None, _reaction(chart, IODINATED, "iodinated"), _unnamed(chart, "iodinated")


def _weak_kidney(chart: Chart, do: str, ask: str) -> Reason | None:
    known = kidney(chart)
    if known.rate and known.rate < CONTRAST_CARE_BELOW:
        return Reason("warning", f"eGFR {known.rate.value:g}", do, (known.egfr,), ask=ask)
    if known.injury:
        return Reason("warning", "acute kidney injury", do, (known.injury,), ask=ask)
    if known.dialysis:
        return Reason("warning", "dialysis", do, (known.dialysis,), ask=ask)
    return Reason("warning", "CKD stage 4-5", do, (known.severe,), ask=ask) if known.severe and not known.rate else None


def _reaction(chart: Chart, agent: ValueSet, name: str) -> Reason | None:
    listed = chart.allergies(agent)
    severe = next((a for a in listed if _is_severe(a)), None)
    if severe:
        ask = "do not give; choose a study without contrast, or ask radiology and allergy first."
        return Reason("critical", f"severe {name} contrast reaction", ask, (of_record(severe),), ask="no contrast")
    if listed:
        return Reason(
            "warning",
            f"{name} contrast reaction",
            "ask radiology about agent and cover.",
            (of_record(listed[0]),),
            ask="ask radiology first",
        )
    return None


def _unnamed(chart: Chart, name: str) -> Reason | None:
    """An allergy to "contrast" without the agent: a warning for CT, a question for gadolinium, never a block."""
    if chart.allergies(GADOLINIUM, IODINATED):
        return None
    listed = chart.allergies(UNSPECIFIED)
    found = of_record(listed[0]) if listed else chart.finding(UNSPECIFIED)
    if not found:
        return None
    ask = "ask which agent it was and what happened."
    return Reason(
        "warning" if name == "iodinated" else "info",
        "contrast allergy, agent not named",
        ask,
        (found,),
        ask="ask which first",
    )


def _is_severe(one: Allergy) -> bool:
    return one.severe or one.criticality == "high"
