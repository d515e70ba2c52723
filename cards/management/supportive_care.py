"""Poor sleep, low mood and long pain without care keep pain going whatever its source; naming them adds sleep,
pacing and coping to the plan.

Only a symptom score or a coded problem speaks alone. Pain that went untreated for over twelve weeks only adds a
line to the advice on care. Beside an urgent red flag the rule is silent: there the cause comes first.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import DGS_GUIDE, POSTERIOR_HIP_ARTICLE, general_knowledge
from cards.facts.outcomes import watchful_waiting
from cards.facts.pain import pain
from cards.facts.therapy import courses
from cards.finding import Look
from cards.orderables import REFER_PSYCHOLOGY
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

POOR_SLEEP = value_set("insomnia")
DISTRESS = value_set("chronic-pain-psychosocial")
LOW_MOOD_SCORE = value_set("phq9-score")
ANXIETY_SCORE = value_set("gad7-score")

SCREEN_POSITIVE_FROM = Quantity.of(10, "{score}")
SCORE_HOLDS = timedelta(days=90)  # our choice
LONG_UNTREATED_DAYS = 84

SCREENS = general_knowledge("PHQ-9 or GAD-7 of 10 or more as a positive screen")


@rule(
    short="MG-05",
    title="Sleep, mood and self-management",
    version="1.1.0",
    status="active",
    hooks=("patient-view", "order-select"),
    pathway="care",
    rank=1,
    yields_to=("imaging-order-appropriateness", "duplicate-imaging", "procedure-prerequisites"),
    evidence=(DGS_GUIDE, POSTERIOR_HIP_ARTICLE, SCREENS),
    last_review=date(2026, 11, 21),
)
def supportive_care(chart: Chart) -> Outcome:
    if any(flag.indicator != "info" for flag in chart.red_flags.values()):
        return Silent("an urgent red flag comes first")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    mood = chart.latest(LOW_MOOD_SCORE, within=SCORE_HOLDS)
    if mood.quantity and mood.quantity >= SCREEN_POSITIVE_FROM:
        return _cope("Low-mood screen positive", mood)
    anxiety = chart.latest(ANXIETY_SCORE, within=SCORE_HOLDS)
    if anxiety.quantity and anxiety.quantity >= SCREEN_POSITIVE_FROM:
        return _cope("Anxiety screen positive", anxiety)
    distress = chart.finding(DISTRESS)
    if distress:
        return _cope("Distress or widespread pain recorded", distress)
    sleep = chart.finding(POOR_SLEEP)
    if sleep:
        return _sleep(sleep)
    if not courses(chart) and pain(chart).surely_longer_than(LONG_UNTREATED_DAYS, chart.today):
        return _pace()
    return Silent("no sleep or mood problem, and the pain is not long untreated")


def _cope(why: str, found: Look) -> Advise:
    return Advise(
        "info",
        f"{why} with the pain: add cognitive coping; consider pain psychology.",
        "ask about mood, safety and sleep; add pacing, goals and cognitive coping, and offer pain psychology.",
        (found,),
        wrong_if="this is known and already treated.",
        beside=f"{why} with the pain: ask about mood, safety and sleep; add coping skills, offer pain psychology.",
        suggestions=(suggest(REFER_PSYCHOLOGY, recommended=True),),
    )


def _sleep(found: Look) -> Advise:
    return Advise(
        "info",
        "Poor sleep recorded with the pain: add sleep hygiene and relaxation to the plan.",
        "add sleep hygiene, breathing or mindfulness exercises, pacing, small goals and a diary to the plan.",
        (found,),
        wrong_if="the sleep problem is old and settled.",
        beside="poor sleep recorded with the pain: add sleep hygiene, breathing or mindfulness exercises, pacing.",
    )


def _pace() -> Advise:
    return Advise(
        "info",
        "Over 12 weeks of pain without active care: expect a longer course; add pacing and goals.",
        "expect deconditioning and sensitisation; add pacing, small goals, a diary and sleep to the plan, and time.",
        leads=False,
    )
