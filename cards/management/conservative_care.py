"""Most posterior hip pain settles with active care, and the sooner it starts the better; long pain without care
is untreated pain, not failed treatment, so this is the first step at any duration.

Therapy that was only ordered, was cancelled, or was passive (massage, rest) is no therapy done. An order that
waits is named instead of being suggested again. Once any active therapy is on file the rule is silent. Where
problems or observations were not supplied no exercise is advised: the signs that forbid it could not be looked for.
An NSAID is named only where nothing on record speaks against one.
"""

from __future__ import annotations

from datetime import date

from cards.card import Suggestion
from cards.chart import Chart
from cards.evidence import DGS_GUIDE, FISHMAN_2002, NICE_NG59, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.nsaid_reasons import against_an_nsaid
from cards.facts.pain import pain
from cards.facts.sources import pelvic_floor, therapy_aim
from cards.facts.therapy import courses, therapy_gaps, unseen_signs, waiting_order
from cards.look import of_record
from cards.orderables import HOME_EXERCISE, PHYSIOTHERAPY, REFER_PELVIC_FLOOR
from cards.record import Order
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest

LOAD = "**Advise:** modify load (running volume, lifting, long sitting, driving) without rest; simple analgesia"
NSAID = " or a short NSAID course if safe"
PATIENCE = ". Irritated nerves settle slower than inflammation: give them 6 weeks at least."
WARNING_SIGNS = (
    "**Return at once for:** new weakness or numbness, saddle numbness, bladder or bowel change, fever, inability to "
    "bear weight."
)

STAGE_GATES = our_choice("Stages of care at 6 and 12 weeks; no trial compares them")


@rule(
    short="MG-01",
    title="Conservative care not started",
    version="1.2.0",
    status="active",
    hooks=("patient-view", "order-select"),
    pathway="care",
    rank=0,
    yields_to=("imaging-order-appropriateness", "duplicate-imaging", "procedure-prerequisites"),
    evidence=(DGS_GUIDE, POSTERIOR_HIP_ARTICLE, NICE_NG59, FISHMAN_2002, STAGE_GATES),
    last_review=date(2026, 11, 21),
)
def conservative_care(chart: Chart) -> Outcome:
    if courses(chart):
        return Silent("active therapy is on file")
    gaps = (*therapy_gaps(chart), *unseen_signs(chart))
    if gaps:
        return CannotTell(gaps)
    waiting = waiting_order(chart)
    if waiting:
        return _not_begun(waiting, chart)
    return Advise(
        "info",
        "No active therapy on file: start physiotherapy and home exercise, review in 2 to 4 weeks.",
        f"{_first(chart)}explain the likely course, keep the patient moving, start physiotherapy with a home exercise "
        "programme, record a pain score and one function measure, and review in 2 to 4 weeks.",
        pain(chart).evidence,
        wrong_if="therapy was done elsewhere and is not on this record.",
        more=(_advice(chart), WARNING_SIGNS),
        suggestions=(
            suggest(PHYSIOTHERAPY, recommended=True, note=therapy_aim(chart)),
            suggest(HOME_EXERCISE),
            *_pelvic_floor(chart),
        ),
    )


def _not_begun(waiting: Order, chart: Chart) -> Advise:
    return Advise(
        "info",
        f"Physiotherapy ordered {waiting.when}, nothing done yet: start home exercise, review in 2 to 4 weeks.",
        f"{_first(chart)}confirm that the physiotherapy appointment stands, start a home exercise programme meanwhile, "
        "record a pain score and one function measure, and review 2 to 4 weeks after it begins.",
        (of_record(waiting), *pain(chart).evidence),
        wrong_if="therapy has begun and is not on this record.",
        more=(_advice(chart), WARNING_SIGNS),
        suggestions=(suggest(HOME_EXERCISE, recommended=True, note=therapy_aim(chart)), *_pelvic_floor(chart)),
    )


def _first(chart: Chart) -> str:
    """A red flag that is only a note stands on a card above this one."""
    noted = any(flag.leads for flag in chart.red_flags.values())
    return "settle first what the card above asks for; " if noted else ""


def _advice(chart: Chart) -> str:
    """It names an NSAID only where all that may speak against one was supplied and nothing does."""
    against, unseen = chart.gaps_of(against_an_nsaid)
    return f"{LOAD}{'' if against or unseen else NSAID}{PATIENCE}"


def _pelvic_floor(chart: Chart) -> tuple[Suggestion, ...]:
    return (suggest(REFER_PELVIC_FLOOR),) if pelvic_floor(chart) else ()
