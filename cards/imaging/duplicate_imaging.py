"""Repeating a study within the time in which its result still holds, with nothing new since, adds cost and, for
X-ray and CT, dose, but no answer.

A study known only as a procedure counts; its result is then to be sought. Hip and pelvis are different regions
here: one may show what the other did not. The windows are this project's own choice.
"""

from __future__ import annotations

from datetime import date

from cards.card import OverrideReason, Suggestion
from cards.chart import Chart
from cards.compose import capital
from cards.evidence import POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.duplicates import Duplicate, duplicates
from cards.facts.imaging import told
from cards.rule import ORDER_HOOKS, WRONG_DATA, Advise, Outcome, Silent, rule

CHANGED = OverrideReason("cds-not-applicable", "Symptoms have changed since, or a new question")
NO_ACCESS = OverrideReason("service-not-available", "Earlier images or report cannot be had")
WINDOWS = our_choice("A result holds for 6 months (X-ray, ultrasound), 12 (MRI, CT, nerve study) or 24 (DXA)")


@rule(
    short="IMG-04",
    title="Imaging already done",
    version="1.1.1",
    status="active",
    hooks=ORDER_HOOKS,
    evidence=(POSTERIOR_HIP_ARTICLE, WINDOWS),
    last_review=date(2026, 11, 21),
    override_reasons=(CHANGED, NO_ACCESS, WRONG_DATA),
)
def duplicate_imaging(chart: Chart) -> Outcome:
    found = duplicates(chart)
    if not found:
        return Silent("no drafted study repeats an earlier one")
    return Advise(
        "info",
        _summary(found),
        "use the earlier result; if care has failed, a diagnostic block or a referral answers more than the same "
        "study again. Repeat it for a new sign, a new injury or a study that was limited.",
        tuple(told(d.study) for d in found),
        wrong_if="the symptoms have changed since the earlier study.",
        suggestions=tuple(
            Suggestion(f"Remove the draft of {d.name}", delete=d.reference, recommended=d is found[0]) for d in found
        ),
        about=tuple(d.reference for d in found),
    )


def _summary(found: tuple[Duplicate, ...]) -> str:
    first = found[0]
    result = "normal" if first.study.normal else "reported" if first.study.reported else "done"
    more = f" ({len(found) - 1} more repeat too)" if len(found) > 1 else ""
    return f"{capital(first.name)} was {result} on {first.study.finding.when}: use that result{more}."
