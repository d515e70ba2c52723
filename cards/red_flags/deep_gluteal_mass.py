"""A soft-tissue sarcoma of the buttock grows unseen and presses on the sciatic nerve; an injection or an unplanned
excision spreads it and can cost the leg.

A lump above 5 cm, growing, deep to the fascia or painful, or a mass named in an imaging report, goes to the sarcoma
pathway. Choices: a lump on the painful side whose size was never recorded counts; one recorded as 5 cm or smaller
counts only when it grows, lies deep or is itself called painful; reports from before the pain do not count.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import ACR_SOFT_TISSUE_MASS, general_knowledge, our_choice
from cards.facts.mass import IMAGED, suspicious_lump
from cards.facts.pregnancy import no_x_ray, pregnancy
from cards.orderables import REFER_SARCOMA, US_GLUTEAL, XR_PELVIS
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

LARGE_ABOVE = Quantity.of(5, "cm")

TWO_WEEKS = general_knowledge("NICE NG12: direct-access ultrasound of a growing lump within two weeks")
CHOICES = our_choice("A lump of unknown size on the painful side counts")
FIRST = "radiograph and ultrasound first, then MRI without and with contrast,"
NEXT = "what that imaging left open (radiograph, ultrasound, MRI without and with contrast)"


@rule(
    short="RF-18",
    title="Deep gluteal or pelvic mass",
    version="1.0.2",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(ACR_SOFT_TISSUE_MASS, TWO_WEEKS, CHOICES),
    last_review=date(2026, 11, 21),
)
def deep_gluteal_mass(chart: Chart) -> Outcome:
    signs = suspicious_lump(chart, LARGE_ABOVE)
    if not signs:
        return Silent("no lump, or a small one that does not grow, lie deep or hurt")
    xray = () if pregnancy(chart) else (suggest(XR_PELVIS, "urgent"),)
    return Advise(
        "warning",
        f"Buttock or pelvic mass ({', '.join(list(signs)[:2])}): urgent imaging, sarcoma pathway, no injection.",
        f"no injection, aspiration or excision; {NEXT if IMAGED in signs else FIRST} within two weeks; sarcoma "
        "pathway.",
        tuple(signs.values()),
        more=no_x_ray(chart),
        wrong_if="the mass is known, imaged and benign.",
        suggestions=(suggest(US_GLUTEAL, "urgent", recommended=True), *xray, suggest(REFER_SARCOMA, "urgent")),
        arranged_by=() if IMAGED in signs else ("img-us-hip-gluteal", "img-mri-pelvis", "img-mri-thigh"),
    )
