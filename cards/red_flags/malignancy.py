"""Cancer reaches the pelvis and sacrum often, and its pain is easily taken for a muscle's; exercise on a bone
that is eaten away can break it.

Any cancer but non-melanoma skin cancer counts, now or ever, however long ago. Night pain alone never speaks, nor
does night pain that eases with posture. Of a weight loss that a drug, a diet, an operation or a mistaken reading
may explain only an information is given, at any age. Only a coded normal MRI of the pelvis after onset answers
the question that a known cancer asks; pain without a date counts as long enough.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import (
    ACP_APS,
    ACR_BONE_TUMOUR,
    ACR_LOW_BACK_PAIN,
    BJGP_OPEN_2024,
    DOWNIE_2013,
    FINUCANE_2020,
    WONG_2014,
    our_choice,
)
from cards.facts.cancer import cancer, cancer_signs, cleared_by_mri, highest_calcium, night_pain, stage
from cards.facts.deficit import neurological_deficit
from cards.facts.inflammation import brief
from cards.facts.injury import unable_to_bear_weight
from cards.facts.pain import began_by, pain
from cards.facts.pregnancy import no_x_ray, pregnancy
from cards.facts.weight import Loss, weight_loss
from cards.finding import Look
from cards.orderables import LABS_MALIGNANCY, MRI_PELVIS, REFER_EMERGENCY, REFER_ONCOLOGY, XR_PELVIS_AND_HIP
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

PERSISTS_FROM = timedelta(days=14)
MYELOMA_PAIN_FROM = timedelta(days=28)
LOSS_WARNS_FROM_AGE = 50
CALCIUM_ALARMS_FROM = Quantity.of(3, "mmol/L")
UNABLE_WITHIN = timedelta(days=14)

CUT_OFFS = our_choice("Cut-offs of the blood tests, pain of 2 and 4 weeks, age 50 for weight loss")


@rule(
    short="RF-08",
    title="Malignancy of pelvis or spine not excluded",
    version="1.2.1",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(
        ACR_LOW_BACK_PAIN,
        DOWNIE_2013,
        ACP_APS,
        ACR_BONE_TUMOUR,
        FINUCANE_2020,
        WONG_2014,
        BJGP_OPEN_2024,
        CUT_OFFS,
    ),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-oncology", "img-mri-pelvis"),
    result_decides=True,
)
def malignancy(chart: Chart) -> Outcome:
    known = cancer(chart)
    loss = weight_loss(chart)
    signs = cancer_signs(chart)
    if not (known or loss or signs):
        return Silent("no cancer on file, no weight loss and no suspicious blood test")
    night = night_pain(chart)
    lost = loss.evidence if loss else ()
    found = tuple(look for look in (known, *lost, *signs, night, *pain(chart).evidence[:1]) if look)
    if known and not cleared_by_mri(chart) and (night or _lasted(chart, PERSISTS_FROM)):
        danger = _danger(chart)
        return _emergency(chart, known, danger, *found) if danger else _image(chart, stage(known, chart), *found)
    if loss and not loss.explained and (night or known or signs or _old_enough(chart)):
        return _image(chart, _lost(loss), *found)
    if len(signs) > 1 or (signs and night and _lasted(chart, MYELOMA_PAIN_FROM)):
        return _image(chart, brief(signs[0]), *signs, *found)
    if loss or signs:
        return _blood_tests(loss, *lost, *signs)
    return Silent("known cancer, but the pain is too new or MRI has answered")


def _lasted(chart: Chart, long: timedelta) -> bool:
    return began_by(chart, chart.today - long)


def _old_enough(chart: Chart) -> bool:
    return chart.age is None or chart.age >= LOSS_WARNS_FROM_AGE


def _danger(chart: Chart) -> Look:
    """A bone about to break, a nerve or cord compressed, or dangerous calcium."""
    calcium = highest_calcium(chart)
    if calcium.quantity and calcium.quantity >= CALCIUM_ALARMS_FROM:
        return calcium
    unable = unable_to_bear_weight(chart, UNABLE_WITHIN)
    return unable or neurological_deficit(chart)


def _emergency(chart: Chart, known: Look, danger: Look, *because: Look) -> Advise:
    return Advise(
        "critical",
        f"{stage(known, chart)} and {uncapital(brief(danger))}: emergency assessment for metastasis or compression "
        "now.",
        "send for emergency assessment now: no weight on the leg, calcium, X-ray and MRI of pelvis and spine, and "
        "tell the treating oncologist. No exercise plan.",
        (danger, *because),
        wrong_if="the finding is old, unchanged and known to the oncology team.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(MRI_PELVIS, "stat"),
            suggest(REFER_ONCOLOGY, "stat"),
            suggest(LABS_MALIGNANCY, "stat"),
        ),
        arranged_by=("referral-emergency",),
    )


def _image(chart: Chart, first: str, *because: Look) -> Advise:
    known = first.startswith("Bone metastasis")
    feared = "exclude fracture risk and spread" if known else "exclude metastasis or myeloma"
    plain_film = () if pregnancy(chart) else (suggest(XR_PELVIS_AND_HIP, "urgent"),)
    return Advise(
        "warning",
        f"{first} with this pain: {feared} before exercise. Blood tests, X-ray, MRI.",
        "blood count, calcium, ALP, ESR, CRP, creatinine, protein electrophoresis and light chains (PSA in "
        "men from 50); X-ray, then MRI of the pelvis with or without the spine; refer to oncology or the local "
        "suspected-cancer pathway within 1 to 2 weeks.",
        because,
        more=("**Until then:** no plan of exercise alone.", *no_x_ray(chart)),
        wrong_if="MRI of the pelvis since the pain began shows no lesion, or another cause has been found.",
        suggestions=(
            suggest(LABS_MALIGNANCY, "urgent", recommended=True),
            *plain_film,
            suggest(MRI_PELVIS, "urgent"),
            suggest(REFER_ONCOLOGY, "urgent"),
        ),
    )


def _blood_tests(loss: Loss | None, *because: Look) -> Advise:
    first = _lost(loss) if loss else brief(because[0])
    causes = ", ".join(uncapital(f.name) for f in loss.explained_by) if loss else ""
    explained = f"the loss may be explained by {causes or 'a mistaken reading'}; " if loss and loss.explained else ""
    return Advise(
        "info",
        f"{first} with hip or buttock pain: check blood tests for a systemic cause.",
        f"{explained}check blood count, calcium, ALP, ESR, CRP, creatinine, protein electrophoresis and light chains; "
        "image if pain lasts, wakes at night or another sign appears.",
        (*because, *(loss.explained_by if loss else ())),
        wrong_if="the cause is known.",
        suggestions=(suggest(LABS_MALIGNANCY, recommended=True),),
    )


def _lost(loss: Loss) -> str:
    return f"Weight loss {loss.percent:.1f} %" if loss.percent is not None else brief(loss.evidence[0])
