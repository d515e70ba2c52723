"""When the X-ray shows nothing and six weeks of care have not helped, the next study should fit the place that the
features point to: the spine for a root pattern, pelvis and hip for a gluteal one.

A study of that kind since the onset, one ordered or drafted, and care that helped, leave nothing to add. Red
flags suggest their own studies; the card that escalates care carries the imaging where it speaks.
"""

from __future__ import annotations

from datetime import date

from cards.appropriateness import WORDS
from cards.chart import Chart
from cards.evidence import ACR_CHRONIC_HIP, ACR_LOW_BACK_PAIN, ACR_PLEXOPATHY, PARK_2020
from cards.facts.drafts import all_imaging_drafts
from cards.facts.imaging import told
from cards.facts.imaging_judgement import xrays
from cards.facts.implants import mri_devices
from cards.facts.next_study import NextStudy, next_study
from cards.facts.outcomes import response, watchful_waiting
from cards.facts.therapy import adequate_trial
from cards.orderables import MRI_PELVIS
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest


@rule(
    short="IMG-03",
    title="Next imaging",
    version="1.0.1",
    status="active",
    evidence=(ACR_CHRONIC_HIP, ACR_LOW_BACK_PAIN, ACR_PLEXOPATHY, PARK_2020),
    last_review=date(2026, 11, 21),
    yields_to=("escalate-care",),
)
def next_imaging(chart: Chart) -> Outcome:
    if any(a.indicator != "info" for a in chart.red_flags.values()):
        return Silent("a red flag suggests its own study")
    if any(d.modality != "xr" for d in all_imaging_drafts(chart)):
        return Silent("a study is being ordered")
    course = adequate_trial(chart)
    if course is None:
        return Silent("no six weeks of care yet")
    if watchful_waiting(chart) or response(chart) == "better":
        return Silent("care has helped")
    done = xrays(chart)
    if not done:
        return Silent("no X-ray since the pain began")
    wanted = next_study(chart)
    if wanted is None:
        return Silent("the study that would fit is done or ordered")
    return Advise(
        "info",
        f"Pain after X-ray and {course.days // 7} weeks of care; {wanted.why}: consider {wanted.orderable.text}.",
        f"consider {wanted.orderable.text}, if the result will change what is done.",
        (*wanted.because, told(done[0]), *course.evidence[:1]),
        more=_rating(wanted) + _ultrasound(wanted) + _caution(chart),
        wrong_if="the pain is settling, or the X-ray showed the cause.",
        suggestions=(suggest(wanted.orderable, recommended=True),),
        rests_on=(wanted.scenario.evidence,),
    )


def _rating(wanted: NextStudy) -> tuple[str, ...]:
    row = wanted.scenario
    rating = row.rating("mri", {region for r in row.ratings for region in r.regions}, contrast=False)
    if rating is None:
        return ()
    return (f"**Rating:** {WORDS[rating.category]} ({row.title}; {row.citation}); radiation {rating.dose}.",)


def _ultrasound(wanted: NextStudy) -> tuple[str, ...]:
    if wanted.orderable is not MRI_PELVIS:
        return ()
    return ("**Or:** ultrasound for a tendon or bursa near the skin; it shows what its operator can find.",)


def _caution(chart: Chart) -> tuple[str, ...]:
    if not mri_devices(chart):
        return ()
    return ("**Before MRI:** a device is on file; confirm with MR safety that it is MR-conditional.",)
