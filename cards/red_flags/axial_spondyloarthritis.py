"""Inflammation of the sacroiliac joints in the young is treated years late because it passes for mechanical pain;
features counted together tell it apart, no single test does.

Buttock pain is counted as the guideline counts it, although nearly everyone here has it. A normal CRP, a negative
HLA-B27 or a normal X-ray never silences this. Three features with HLA-B27 found are enough for a referral; with
HLA-B27 looked for and not found there is nothing left to test. A visit to rheumatology or a completed
referral there within 12 months is "seen"; an open referral makes this an information.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_INFLAMMATORY_BACK_PAIN, EULAR_IMAGING_SPA, NICE_NG65
from cards.facts.imaging import XR_SI, studies
from cards.facts.pain import further_pain, pain
from cards.facts.pregnancy import no_x_ray, pregnancy
from cards.facts.spondyloarthritis import SPONDYLOARTHRITIS, Features, age_at_onset, features, hla_b27, rheumatology
from cards.finding import Finding, Gap, Look
from cards.orderables import LAB_HLA_B27, MRI_SI, REFER_RHEUMATOLOGY
from cards.orderables import XR_SI as XRAY_SI
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

ALONE = (value_set("uveitis"), value_set("psoriasis"), value_set("ibd"))

ONSET_BELOW = 45  # years
LASTS_LONGER_THAN = timedelta(days=90)
REFERS_FROM = 4  # features
TESTS_FROM = 3
SEEN_WITHIN = timedelta(days=365)


@rule(
    short="RF-15",
    title="Axial spondyloarthritis not excluded",
    version="1.1.2",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(NICE_NG65, ACR_INFLAMMATORY_BACK_PAIN, EULAR_IMAGING_SPA),
    last_review=date(2026, 11, 21),
)
def axial_spondyloarthritis(chart: Chart) -> Outcome:
    began = pain(chart).began
    if began is None or chart.today - began.earliest <= LASTS_LONGER_THAN:
        further_pain(chart)
        return Silent("pain not known to last longer than 90 days")
    onset = age_at_onset(chart)
    if onset is None:
        return CannotTell((Gap("patient", "birth date not recorded"),))
    if onset >= ONSET_BELOW:
        further_pain(chart)
        return Silent("onset at 45 or later")
    if chart.finding(SPONDYLOARTHRITIS, surely=True):
        return Silent("spondyloarthritis is known")
    counted = features(chart)
    alone = chart.finding(*ALONE, history=True)
    if counted.count < TESTS_FROM and not alone:
        return Silent("fewer than three features")
    referral, seen = rheumatology(chart, SEEN_WITHIN)
    if seen:
        return Silent("seen by rheumatology in the last 12 months")
    if counted.count >= REFERS_FROM or (counted.count >= TESTS_FROM and hla_b27(chart)):
        return _pending(counted, referral) if referral else _refer(chart, counted)
    if counted.count >= TESTS_FROM and hla_b27(chart) is None:
        return _test(counted)
    return _watch(counted, alone)


def _refer(chart: Chart, counted: Features) -> Advise:
    done = studies(chart, XR_SI)
    imaging = MRI_SI if done or pregnancy(chart) else XRAY_SI
    test = () if hla_b27(chart) is not None else (suggest(LAB_HLA_B27),)
    found = " and HLA-B27" if hla_b27(chart) else ""
    return Advise(
        "warning",
        f"{counted.count} of 9 features of spondyloarthritis{found}, pain over 3 months: refer to rheumatology, image "
        "SI joints.",
        f"refer to rheumatology; X-ray of the sacroiliac joints, MRI if it is normal or unclear. {_counted(counted)} "
        "A normal CRP, a negative HLA-B27 or a normal X-ray does not exclude it.",
        counted.evidence,
        more=no_x_ray(chart),
        wrong_if="rheumatology has seen the patient for this, or the pain began with an injury.",
        suggestions=(
            suggest(REFER_RHEUMATOLOGY, recommended=True),
            suggest(imaging),
            *test,
        ),
    )


def _pending(counted: Features, referral: Finding) -> Advise:
    return Advise(
        "info",
        f"{counted.count} of 9 features of spondyloarthritis: referral to rheumatology is open since {referral.when}.",
        f"make sure that the referral is acted on. {_counted(counted)}",
        (referral, *counted.evidence),
    )


def _test(counted: Features) -> Advise:
    return Advise(
        "info",
        "3 of 9 features of spondyloarthritis, pain over 3 months: test HLA-B27; refer to rheumatology if positive.",
        f"test HLA-B27 and refer to rheumatology if it is positive. {_counted(counted)} A normal CRP does not "
        "exclude it.",
        counted.evidence,
        wrong_if="the pain began with an injury.",
        suggestions=(suggest(LAB_HLA_B27, recommended=True),),
    )


def _watch(counted: Features, alone: Look) -> Advise:
    told = alone.name if isinstance(alone, Finding) else "three features"
    return Advise(
        "info",
        f"Pain over 3 months and {told[:50]}: ask rheumatology for advice; return if new signs appear.",
        f"seek advice from rheumatology, and ask the patient to return with night waking, lasting morning stiffness, "
        f"a red eye, swollen joints or heel pain. {_counted(counted)}",
        (alone, *counted.evidence),
        wrong_if="the pain began with an injury.",
    )


def _counted(counted: Features) -> str:
    return f"Counted: {', '.join(counted.words)}." if counted.words else "No feature counted."
