"""When someone last looked at this pain: a visit for it, or an examination finding of the hip.

A laboratory result is no look at the pain, nor is a questionnaire, a score of pain or a therapy session.
"""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart
from cards.code_system import hip_exam_questions
from cards.facts.scope import visits_for_pain
from cards.finding import Look, NotFound, exam

NO_EXAMINATION = frozenset({"lefs-score", "ihot12-score", "gestational-age", "shared-decision-documented"})


def contact(chart: Chart, within: timedelta) -> Look:
    """A look at the pain in that time; a NotFound is certain only where visits and findings were supplied."""
    questions = sorted(hip_exam_questions() - NO_EXAMINATION)
    examined = [f for q in questions for f in chart.readings(q, within=within)]
    found = [*examined, *visits_for_pain(chart, within)]
    if found:
        return found[0]
    looks = [exam(q) for q in questions]
    _, gaps = chart.gaps_of(lambda c: (c.finding(*looks, within=within), c.encounters(within=within)))
    return NotFound(gaps)
