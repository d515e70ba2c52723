"""What is being ordered: the study, procedure or medicine that a drafted order means.

A code decides where it says all; a code that fits several joints, and words, are read together with the body
site and the order's own reason. What stays unknown is no draft of ours: a rule never guesses at an order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

from cards.appropriateness import Modality, Region
from cards.chart import Chart, fact
from cards.facts.imaging import KINDS
from cards.facts.scope import POSTERIOR
from cards.finding import Gap
from cards.record import Medication, Order
from cards.side import Side
from cards.valueset import ValueSet, value_set

Procedure = Literal["injection", "block", "radiofrequency", "neurostimulation", "surgery"]
Target = Literal["deep-gluteal", "hip", "sacroiliac", "spine", "tendon", "unknown"]

ANY: dict[str, Modality] = {
    value_set("img-any-mri").name: "mri",
    value_set("img-any-ct").name: "ct",
    value_set("img-any-xr").name: "xr",
}
WITH_CONTRAST = frozenset(
    value_set(name).name for name in ("img-mri-with-gadolinium", "img-ct-with-contrast", "img-with-contrast-text")
)
ELECTRODIAGNOSTICS = value_set("proc-electrodiagnostics")
PIRIFORMIS_INJECTION = value_set("proc-piriformis-injection").name
HIP_INJECTION = value_set("proc-hip-injection").name
SI_INJECTION = value_set("proc-si-joint-injection").name
GUIDED_INJECTION = value_set("proc-us-guided-injection").name
DIAGNOSTIC_BLOCK = value_set("proc-diagnostic-block").name
STEROID_INJECTION = value_set("proc-steroid-injection").name
RADIOFREQUENCY = value_set("proc-radiofrequency").name
NEUROSTIMULATION = value_set("proc-neurostimulation").name
SURGERY = frozenset({value_set("proc-neurolysis").name, value_set("proc-hip-pelvic-surgery").name})
HIP_PAIN = POSTERIOR | {
    value_set(name).name for name in ("hip-pain-unspecified", "groin-pain", "lateral-hip-pain", "hip-osteoarthritis")
}
HIP_SITE = value_set("hip-site").name
POSTERIOR_SITE = value_set("posterior-site").name
THIGH_SITE = value_set("thigh-site").name
STEROID = value_set("med-corticosteroid").name

_NEEDLE = re.compile(r"\b(guid\w*|inject\w*|infiltrat\w*|block|aspirat\w*|biops\w*|arthrocentesis)\b")
_INJECTION = re.compile(r"\b(inject\w*|infiltrat\w*|block)\b")
_STEROID_WORDS = re.compile(r"\b(\w*steroid\w*|cortison\w*|triamcinolon\w*|methylpred\w*|betameth\w*|kenalog)\b")
_NO_STEROID = re.compile(r"\b(without|no|non)[ -](cortico)?steroid")
_XRAY_GUIDED = re.compile(r"\b(fluoro\w*|ct[- ]guid\w*|x-?ray[- ]guid\w*)\b")
_OTHER_JOINT = re.compile(r"\b(knee|ankle|foot|toe|shoulder|elbow|wrist|hand|finger)s?\b")
_OTHER_QUESTION = re.compile(r"\b(angio\w*|cta|venogra\w*|fo?etal|urogra\w*|enterogra\w*)\b")
_PET = re.compile(r"\b(pet|positron)\b")
_OTHER_PART = re.compile(
    r"\b(brain|head|skull|face|facial|sinus|sinuses|orbits?|pituitary|neck|cervical|thoracic|chest|lungs?|heart|cardiac"
    r"|breasts?|shoulders?|elbows?|wrists?|hands?|fingers?|knees?|ankles?|foot|feet|toes?)\b"
)
_TENDON_WORDS = re.compile(r"\b(hamstring|tendon\w*|ischial)\b")
_MODALITY_WORDS: tuple[tuple[re.Pattern[str], Modality], ...] = (
    (re.compile(r"\b(mri?|mra|magnetic resonance)\b"), "mri"),
    (re.compile(r"\b(ct|computed tomography)\b"), "ct"),
    (re.compile(r"\b(xr|x-?rays?|radiographs?|plain films?)\b"), "xr"),
    (re.compile(r"\b(us|ultrasound|sonogra\w*)\b"), "us"),
)
_REGION_WORDS: tuple[tuple[re.Pattern[str], Region], ...] = (
    (re.compile(r"\b(plexus|neurogra\w*|sciatic nerve)\b"), "plexus"),
    (re.compile(r"\b(lumbar|lumbosacral spine|l-?spine|l/s spine)\b"), "lumbar"),
    (re.compile(r"\b(sacroiliac|si joints?|sij|sacrum|sacral)\b"), "sacroiliac"),
    (re.compile(r"\b(thighs?|hamstrings?|femurs?)\b"), "thigh"),
    (re.compile(r"\b(pelvis|pelvic|buttocks?|gluteal)\b"), "pelvis"),
    (re.compile(r"\bhips?\b"), "hip"),
)
FAMILY: dict[Region, frozenset[Region]] = {
    "hip": frozenset({"hip", "pelvis"}),
    "pelvis": frozenset({"hip", "pelvis"}),
}
"""Studies of hip and of pelvis show each other's region."""
MOST_JUDGED = 50  # drafted studies, procedures or medicines; no order set has as many of ours: our own choice
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class ImagingDraft:
    """A drafted study. `regions` has at least one; `contrast` is True only where the order says so."""

    order: Order
    modality: Modality
    regions: frozenset[Region]
    contrast: bool

    @property
    def reference(self) -> str:
        """The draft's reference, for suggestions that change or delete it."""
        return self.order.reference

    @property
    def side(self) -> Side:
        """The side ordered."""
        return self.order.side

    @property
    def other_question(self) -> bool:
        """It is of vessels, a fetus, the urinary tract or the bowel, whatever it shows of the hip beside them."""
        return bool(_OTHER_QUESTION.search(self.order.text.lower()))

    @property
    def shown_regions(self) -> frozenset[Region]:
        """What the study shows: hip and pelvis go together."""
        return frozenset().union(*(FAMILY.get(r, frozenset({r})) for r in self.regions))


@dataclass(frozen=True, slots=True)
class ProcedureDraft:
    """A drafted procedure for pain. `steroid`: the order names one; `x_ray`: guided by fluoroscopy or CT."""

    order: Order
    kind: Procedure
    target: Target
    steroid: bool
    x_ray: bool

    @property
    def reference(self) -> str:
        """The draft's reference."""
        return self.order.reference


@fact
def imaging_drafts(chart: Chart) -> tuple[ImagingDraft, ...]:
    """The studies that the hook asks about."""
    found = (imaging_of(d) for d in chart.drafts if isinstance(d, Order) and d.selected)
    return _as_many(chart, (d for d in found if d))


@fact
def all_imaging_drafts(chart: Chart) -> tuple[ImagingDraft, ...]:
    """Every drafted study, those in the background too."""
    found = (imaging_of(d) for d in chart.drafts if isinstance(d, Order))
    return _as_many(chart, (d for d in found if d))


@fact
def other_imaging_drafts(chart: Chart) -> tuple[Order, ...]:
    """MRI and CT that the hook asks about, of a part of the body that these rules do not judge, by its words."""
    return _as_many(chart, (d for d in chart.drafts if isinstance(d, Order) and d.selected and _is_of_another_part(d)))


@fact
def procedure_drafts(chart: Chart) -> tuple[ProcedureDraft, ...]:
    """The procedures for pain that the hook asks about."""
    found = (procedure_of(d) for d in chart.drafts if isinstance(d, Order) and d.selected)
    return _as_many(chart, (d for d in found if d))


@fact
def electrodiagnostic_drafts(chart: Chart) -> tuple[Order, ...]:
    """Nerve studies that the hook asks about."""
    orders = (d for d in chart.drafts if isinstance(d, Order) and d.selected)
    return _as_many(chart, (d for d in orders if ELECTRODIAGNOSTICS.name in d.concepts))


def medicine_drafts(chart: Chart, *kinds: ValueSet, selected: bool = True) -> tuple[Medication, ...]:
    """Drafted medicines of these kinds; with `selected=False` those in the background too."""
    medicines = (d for d in chart.drafts if isinstance(d, Medication) and (d.selected or not selected))
    return _as_many(chart, (d for d in medicines if any(k.name in d.concepts for k in kinds)))


def _as_many(chart: Chart, found: Iterable[D]) -> tuple[D, ...]:
    """As many as can be judged, each against the whole chart; it is said where there are more."""
    judged = tuple(islice(found, MOST_JUDGED + 1))
    if len(judged) > MOST_JUDGED:
        chart.lacks(Gap("drafts", f"of more than {MOST_JUDGED} alike only the first were judged"))
    return judged[:MOST_JUDGED]


def imaging_of(order: Order) -> ImagingDraft | None:
    """The study that this order means; None when it is no imaging of hip, pelvis, sacrum, thigh or lumbar spine."""
    words = order.text.lower()
    if _NEEDLE.search(words):
        return None
    found = _coded(order) or _worded(order, words)
    if found is None:
        return None
    modality, regions = found
    return ImagingDraft(order, modality, regions, not WITH_CONTRAST.isdisjoint(order.concepts))


def _is_of_another_part(order: Order) -> bool:
    words = order.text.lower()
    return (
        not (imaging_of(order) or _NEEDLE.search(words) or _PET.search(words))
        and bool(_OTHER_PART.search(words))
        and _modality(order, words) in ("mri", "ct")
    )


def procedure_of(order: Order) -> ProcedureDraft | None:
    """The procedure that this order means; None when it is none that these rules know."""
    words = order.text.lower()
    kind = _procedure_kind(order, words)
    if kind is None:
        return None
    steroid = STEROID_INJECTION in order.concepts or STEROID in order.concepts or bool(_STEROID_WORDS.search(words))
    return ProcedureDraft(
        order,
        kind,
        _target(order, words),
        steroid and not _NO_STEROID.search(words),
        bool(_XRAY_GUIDED.search(words)),
    )


def _coded(order: Order) -> tuple[Modality, frozenset[Region]] | None:
    """By the value sets of its code; a code for any joint of the leg counts where site or reason say hip."""
    sure = [KINDS[name] for name in KINDS if order.concepts.get(name) not in (None, "broad")]
    if not sure and not _OTHER_JOINT.search(order.text.lower()):
        broad = [KINDS[name] for name in KINDS if order.concepts.get(name) == "broad"]
        sure = [(kind, _of_the_leg(region)) for kind, region in broad if region in _regions_meant(order)]
    if not sure:
        return None
    modality = sure[0][0]
    coded = {region for kind, region in sure if kind == modality}
    named = {region for pattern, region in _REGION_WORDS if region in FAMILY and pattern.search(order.text.lower())}
    return modality, frozenset(coded | (named if coded & FAMILY.keys() else set()))


def _of_the_leg(region: Region) -> Region:
    """A code for the leg never means the pelvis."""
    return "hip" if region == "pelvis" else region


def _regions_meant(order: Order) -> frozenset[Region]:
    """Where an order of no exact place is meant: by its body site, else by its reason."""
    sites = order.sites or {}
    if sites:
        hip: set[Region] = {"hip", "pelvis"} if {HIP_SITE, POSTERIOR_SITE} & set(sites) else set()
        return frozenset(hip | ({"thigh"} if THIGH_SITE in sites else set()))
    return frozenset({"hip", "pelvis"}) if HIP_PAIN & set(order.reasons or {}) else frozenset()


def _worded(order: Order, words: str) -> tuple[Modality, frozenset[Region]] | None:
    modality = _modality(order, words)
    if modality is None:
        return None
    regions = frozenset(region for pattern, region in _REGION_WORDS if pattern.search(words))
    if not regions and not _OTHER_JOINT.search(words):
        regions = _regions_meant(order) if order.sites else frozenset()
    return (modality, regions) if regions else None


def _modality(order: Order, words: str) -> Modality | None:
    named = next((kind for name, kind in ANY.items() if name in order.concepts), None)
    return named or _first(_MODALITY_WORDS, words)


def _first(patterns: Iterable[tuple[re.Pattern[str], Modality]], words: str) -> Modality | None:
    return next((what for pattern, what in patterns if pattern.search(words)), None)


def _procedure_kind(order: Order, words: str) -> Procedure | None:
    sure = {name for name, strength in order.concepts.items() if strength != "broad"}
    if RADIOFREQUENCY in sure:
        return "radiofrequency"
    if NEUROSTIMULATION in sure:
        return "neurostimulation"
    if SURGERY & sure:
        return "surgery"
    if DIAGNOSTIC_BLOCK in sure:
        return "block"
    if {PIRIFORMIS_INJECTION, HIP_INJECTION, SI_INJECTION, STEROID_INJECTION, GUIDED_INJECTION} & sure:
        return "injection"
    broad = {PIRIFORMIS_INJECTION, GUIDED_INJECTION, DIAGNOSTIC_BLOCK} & set(order.concepts)
    if (broad or _INJECTION.search(words)) and _target(order, words) != "unknown":
        return "block" if "diagnostic" in words else "injection"
    return None


def _target(order: Order, words: str) -> Target:
    concepts, sites = order.concepts, order.sites or {}
    if SI_INJECTION in concepts or "sacroiliac" in words:
        return "sacroiliac"
    if _TENDON_WORDS.search(words):
        return "tendon"
    if "piriformis" in words or "gluteal" in words or "buttock" in words or POSTERIOR_SITE in sites:
        return "deep-gluteal"
    if HIP_INJECTION in concepts or HIP_SITE in sites or re.search(r"\bhip\b", words):
        return "hip"
    if concepts.get(PIRIFORMIS_INJECTION) in ("exact", "text"):
        return "deep-gluteal"
    return "spine" if re.search(r"\b(epidural|facet|lumbar|transforaminal)\b", words) else "unknown"
