"""The features that NICE NG65 counts to decide who with back or buttock pain is referred to rheumatology.

Buttock pain is counted although nearly everyone here has it, as the guideline counts it. Pain on file only as
sciatica or as a root lesion is not taken for buttock pain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.pain import pain
from cards.finding import Finding, Look, NotFound, exam
from cards.look import of_record
from cards.record import Relative
from cards.valueset import value_set

SPONDYLOARTHRITIS = value_set("axial-spondyloarthritis")
BUTTOCK = value_set("buttock-pain")
FROM_THE_SPINE = frozenset({value_set("sciatica").name, value_set("lumbar-radiculopathy").name})
WAKES = exam("wakes-second-half-night")
BETTER_MOVING = exam("pain-better-with-movement")
NSAID_HELPS = exam("nsaid-response-48h")
ARTHRITIS = value_set("arthritis-inflammatory")
ENTHESITIS = value_set("enthesitis")
PSORIASIS = value_set("psoriasis")
REFERRAL = value_set("referral-rheumatology")
HLA_B27 = value_set("lab-hla-b27")

EARLY_ONSET_BELOW = 35  # years


@dataclass(frozen=True, slots=True)
class Features:
    """Which features count, in words, and the records that say so. Early onset has no record of its own."""

    words: tuple[str, ...]
    evidence: tuple[Finding, ...]

    @property
    def count(self) -> int:
        """Of nine."""
        return len(self.words)


@fact
def features(chart: Chart) -> Features:
    """The features of this patient; past arthritis, enthesitis and psoriasis count, and first-degree relatives."""
    looks: dict[str, Look] = {
        "buttock pain": _buttock_pain(chart),
        "wakes in the second half of the night": chart.finding(WAKES),
        "better with movement": chart.finding(BETTER_MOVING),
        "better within 48 h of an NSAID": chart.finding(NSAID_HELPS),
        "first-degree relative with spondyloarthritis": _relative(chart.relatives(SPONDYLOARTHRITIS)),
        "arthritis": chart.finding(ARTHRITIS, history=True),
        "enthesitis": chart.finding(ENTHESITIS, history=True),
        "psoriasis": chart.finding(PSORIASIS, history=True),
    }
    found = {words: look for words, look in looks.items() if isinstance(look, Finding)}
    onset = age_at_onset(chart)
    early = ("onset before 35",) if onset is not None and onset < EARLY_ONSET_BELOW else ()
    return Features((*early, *found), tuple(found.values()))


@fact
def age_at_onset(chart: Chart) -> float | None:
    """Age in years when the pain began; None where birth or onset is not recorded."""
    began = pain(chart).began
    return chart.age_on(began) if began else None


@fact
def hla_b27(chart: Chart) -> bool | None:
    """HLA-B27 ever found, or looked for and not found; None where no result is on file."""
    if chart.finding(HLA_B27):
        return True
    return False if chart.readings(HLA_B27) else None


def rheumatology(chart: Chart, within: timedelta) -> tuple[Finding | None, bool]:
    """The newest referral or visit to rheumatology, if any, and whether the patient was seen in that time."""
    sent = chart.orders(REFERRAL, within=within)
    visits = chart.gaps_of(lambda c: c.encounters(within=within))[0]
    seen = (
        *(o for o in sent if o.status == "completed"),
        *chart.procedures(REFERRAL, within=within),
        *(v for v in visits if REFERRAL.name in {*v.concepts, *(v.services or ())} and v.status == "finished"),
    )
    newest = next(iter((*seen, *sent)), None)
    return (of_record(newest) if newest else None), bool(seen)


def _buttock_pain(chart: Chart) -> Look:
    told = (f for f in pain(chart).evidence if BUTTOCK.name in f.concepts or not FROM_THE_SPINE & f.concepts)
    return next(told, NotFound())


def _relative(found: tuple[Relative, ...]) -> Look:
    return Finding(found[0].reference, found[0].text, when=found[0].when) if found else NotFound()
