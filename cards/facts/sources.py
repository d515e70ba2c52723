"""Where the pain may come from: recorded features weighed for and against each source.

The weights rank, they are no probabilities. A source is named only where two independent groups of features
speak for it and little against it; the label "posterior hip pain" and a diagnosis once coded are no features.
"""

from __future__ import annotations

from dataclasses import dataclass

from cards.chart import Chart, fact
from cards.facts.features import OF_SOURCES, Feature
from cards.valueset import value_set

LISTED_FROM = 4
GROUPS_FROM = 2
MOST_LISTED = 3
PUDENDAL = "Pudendal neuralgia"
PELVIC_FLOOR = (value_set("pelvic-floor-dysfunction"), value_set("pudendal-neuralgia"))


@dataclass(frozen=True, slots=True)
class Source:
    """A possible source with the features found, those for it heaviest first."""

    name: str
    supports: tuple[Feature, ...]
    against: tuple[Feature, ...]

    @property
    def score(self) -> int:
        """Weight for it less weight against it."""
        return sum(f.weight for f in self.supports) - sum(f.weight for f in self.against)

    @property
    def listed(self) -> bool:
        """Enough speaks for it, out of two groups or more."""
        return self.score >= LISTED_FROM and len({f.group for f in self.supports}) >= GROUPS_FROM

    @property
    def rank_against(self) -> tuple[int, int]:
        """Sort key: the one with most against it first, at equal weight in the order of the list of sources."""
        return -sum(f.weight for f in self.against), list(OF_SOURCES).index(self.name)

    def told(self) -> str:
        """For a card: what speaks for it and what against."""
        supports = ", ".join(dict.fromkeys(f.words for f in self.supports)) or "nothing recorded"
        against = ", ".join(dict.fromkeys(f.words for f in self.against)) or "nothing recorded"
        return f"for: {supports}; against: {against}"


@fact
def sources(chart: Chart) -> tuple[Source, ...]:
    """Every source that some recorded feature speaks for or against, most supported first."""
    weighed = (_weighed(name, chart) for name in OF_SOURCES)
    return tuple(sorted((s for s in weighed if s.supports or s.against), key=lambda s: -s.score))


@fact
def likely_sources(chart: Chart) -> tuple[Source, ...]:
    """At most three sources that enough speaks for, the likeliest first."""
    return tuple(s for s in sources(chart) if s.listed)[:MOST_LISTED]


@fact
def therapy_aim(chart: Chart) -> str:
    """What physiotherapy should aim at, by the likeliest source."""
    first = next(iter(likely_sources(chart)), None)
    return _AIMS.get(first.name if first else "", _GENERAL_AIM)


@fact
def pelvic_floor(chart: Chart) -> bool:
    """Therapy of the pelvic floor is called for: a disorder of it or of its nerve on file, or the likeliest source."""
    first = next(iter(likely_sources(chart)), None)
    return bool(chart.finding(*PELVIC_FLOOR)) or (first is not None and first.name == PUDENDAL)


_GENERAL_AIM = (
    "Posterior hip pain: gentle progressive stretching, abductor and external-rotator strength, trunk control; low "
    "impact, resistance raised slowly."
)
_NERVE_AIM = (
    "Neural pattern: neuromuscular control and flexibility, trunk control, gait; nerve glides only later and carefully."
)
_AIMS = {
    "Deep gluteal syndrome": _NERVE_AIM,
    "Lumbar radiculopathy": _NERVE_AIM,
    PUDENDAL: _NERVE_AIM,
    "Sacroiliac joint": "Sacroiliac pattern: pelvic stabilisation, trunk control and graded load.",
    "Proximal hamstring tendinopathy": "Tendon pattern: progressive hamstring loading, less compression in sitting.",
    "Gluteal tendinopathy": "Tendon pattern: progressive abductor loading; avoid compression of the tendon.",
}


def _weighed(name: str, chart: Chart) -> Source:
    supports, against = OF_SOURCES[name](chart)
    found = sorted((f for f in supports if f.look), key=lambda f: -f.weight)
    return Source(name, tuple(found), tuple(f for f in against if f.look))
