"""A hip prosthesis on the painful side: since when, and what speaks for infection or a mechanical failure of it."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.fracture import cleared_since
from cards.facts.inflammation import CRP, ESR, FEVER, FEVER_FROM, TEMPERATURE, fever
from cards.facts.injury import DEFORMED, injuries, unable_since, unable_to_bear_weight
from cards.facts.pain import pain
from cards.finding import Finding, Look, NotFound, exam
from cards.look import of_sided
from cards.quantity import Quantity
from cards.valueset import ValueSet, value_set
from cards.when import When

PROSTHESIS = value_set("hip-prosthesis")
ARTHROPLASTY = value_set("proc-hip-arthroplasty")
FAILED = value_set("hip-prosthesis-instability-or-fracture")
INFECTED = value_set("prosthetic-joint-infection")
SEPSIS = value_set("sepsis")
DRAINS = exam("sinus-tract-or-drainage")

HEALING = timedelta(weeks=6)  # after the operation CRP and ESR are raised by it


@fact
def hip_prosthesis(chart: Chart) -> Look:
    """A hip prosthesis, or its operation, that is not on the side opposite to the pain."""
    told = chart.finding(PROSTHESIS, side=pain(chart).side)
    if told:
        return told
    done = [p for p in chart.procedures(ARTHROPLASTY) if not p.side.opposite_of(pain(chart).side)]
    return of_sided(done[0]) if done else told


@fact
def implanted(chart: Chart) -> When | None:
    """The newest operation that implanted it, where one is on file."""
    done = [p.when for p in chart.procedures(ARTHROPLASTY) if not p.side.opposite_of(pain(chart).side)]
    return done[0] if done else None


def febrile(chart: Chart, within: timedelta) -> Look:
    """A fever of the last 72 hours, or the newest temperature within the window if it is one, or a coded fever."""
    newest = chart.latest(TEMPERATURE, within=within)
    if fever(chart):
        return fever(chart)
    if newest.quantity:
        return newest if newest.quantity >= FEVER_FROM else NotFound()
    return chart.finding(FEVER, within=within)


def raised_since_healing(chart: Chart, kind: ValueSet, above: Quantity, within: timedelta) -> Look:
    """The newest value if it is raised; within six weeks of the operation only if it rises from an earlier one."""
    newest = chart.latest(kind, within=within)
    if not isinstance(newest, Finding) or newest.quantity is None or not newest.quantity > above:
        return NotFound(newest.gaps)
    operated = implanted(chart)
    if operated is None or not in_healing(chart, newest):
        return newest
    return newest if _rises(chart, kind, newest, operated) else NotFound()


def in_healing(chart: Chart, found: Finding) -> bool:
    """Measured within six weeks of the operation, which alone may raise it."""
    operated = implanted(chart)
    return bool(operated and found.when and found.when.latest - operated.earliest < HEALING)


def raised_markers(chart: Chart, crp_above: Quantity, esr_above: Quantity, within: timedelta) -> tuple[Finding, ...]:
    """CRP and ESR above these limits."""
    looks = (
        raised_since_healing(chart, CRP, crp_above, within),
        raised_since_healing(chart, ESR, esr_above, within),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


def gives_way(chart: Chart, within: timedelta) -> dict[str, Finding]:
    """What tells of a dislocated, loose or broken implant, each by its words for a summary.

    A fall counts only after the operation, for pain no older than it, and not once imaging and walking are normal
    again; weight not borne only where that is new and younger than the operation.
    """
    side = pain(chart).side
    looks = {
        "dislocation or fracture at the implant coded": chart.finding(
            FAILED, within=within, undated_counts=True, side=side
        ),
        "cannot bear weight": _newly_unable(chart, within),
        "leg length or rotation changed": chart.finding(DEFORMED, within=within, undated_counts=True, side=side),
        "fall or injury": _fallen(chart, within),
    }
    return {words: look for words, look in looks.items() if isinstance(look, Finding)}


def _newly_unable(chart: Chart, within: timedelta) -> Look | None:
    since, operated = unable_since(chart), implanted(chart)
    if since and not since.possibly_within(within, chart.today):
        return None
    if since and operated and since.latest <= operated.latest:
        return None
    return unable_to_bear_weight(chart, within)


def _fallen(chart: Chart, within: timedelta) -> Finding | None:
    """The newest fall that counts: one that does not count hides no other."""
    return next((i.finding for i in injuries(chart, within) if _explains(chart, i.when)), None)


def _explains(chart: Chart, fallen: When | None) -> bool:
    if fallen is None:
        return True
    began, operated = pain(chart).newest, implanted(chart)
    if operated and fallen.latest <= operated.latest:
        return False
    if began and began.latest < fallen.earliest:
        return False
    return not cleared_since(chart, fallen)


def _rises(chart: Chart, kind: ValueSet, newest: Finding, operated: When) -> bool:
    for earlier in chart.readings(kind):
        if not earlier.when or not newest.when or not earlier.quantity or not newest.quantity:
            continue
        if operated.earliest <= earlier.when.latest < newest.when.latest:
            return newest.quantity > earlier.quantity
    return False
