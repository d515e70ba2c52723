"""Features weighed: which sources are listed, in which order, and what physiotherapy then aims at."""

from __future__ import annotations

import pytest

from cards.facts import features
from cards.facts.features import OF_SOURCES, Feature
from cards.facts.sources import PUDENDAL, Source, likely_sources, pelvic_floor, sources, therapy_aim
from cards.finding import Finding, NotFound
from tests.cards.charts import chart, condition

DGS, LUMBAR, SI, IFI, HAMSTRING, BURSA, _, TENDON, HIP = OF_SOURCES


def feature(weight: int, group: str = "a", words: str = "a sign") -> Feature:
    return Feature(group, words, weight, Finding("Observation/1", words))


def of(*weights: int) -> tuple[Feature, ...]:
    """Features of these weights, each of a group of its own."""
    return tuple(feature(weight, str(n), f"sign {n}") for n, weight in enumerate(weights))


Weights = dict[str, tuple[tuple[Feature, ...], tuple[Feature, ...]]]


@pytest.fixture
def weigh(monkeypatch: pytest.MonkeyPatch) -> Weights:
    """What speaks for and against each source; nothing unless a test says so."""
    told: Weights = {}
    for name in OF_SOURCES:
        look = lambda _chart, name=name: [list(side) for side in told.get(name, ((), ()))]  # noqa: E731
        monkeypatch.setitem(features.OF_SOURCES, name, look)
    return told


@pytest.mark.parametrize(
    ("supports", "against", "listed"),
    [
        (of(2, 2), (), True),
        (of(2, 1), (), False),
        (of(3, 2), of(1), True),
        (of(3, 2), of(2), False),
        ((feature(2), feature(2)), (), False),
        ((feature(3), feature(2), feature(1, "b")), (), True),
    ],
)
def test_a_source_is_listed_from_weight_four_out_of_two_groups(
    supports: tuple[Feature, ...], against: tuple[Feature, ...], listed: bool
) -> None:
    assert Source(DGS, supports, against).listed is listed


def test_the_most_supported_comes_first_and_at_equal_weight_the_order_of_the_list(weigh: Weights) -> None:
    weigh |= {SI: (of(2, 2), ()), LUMBAR: (of(2, 2), ()), HIP: (of(3, 3), of(1)), BURSA: ((), of(1))}
    assert [s.name for s in sources(chart())] == [HIP, LUMBAR, SI, BURSA]


def test_at_most_three_are_likely(weigh: Weights) -> None:
    weigh |= {name: (of(2, 2), ()) for name in (HIP, TENDON, SI, DGS)}
    assert [s.name for s in likely_sources(chart())] == [DGS, SI, TENDON]


def test_what_is_not_listed_is_not_likely(weigh: Weights) -> None:
    weigh |= {DGS: (of(2, 1), ()), SI: (of(2, 2), ())}
    assert [s.name for s in likely_sources(chart())] == [SI]


def test_what_was_not_found_neither_supports_nor_opposes_and_the_heaviest_is_told_first(weigh: Weights) -> None:
    missing = Feature("z", "not there", 9, NotFound())
    weigh[DGS] = ((feature(1, "a", "small"), missing, feature(3, "b", "large")), (missing,))
    (found,) = sources(chart())
    assert (found.score, found.told()) == (4, "for: large, small; against: nothing recorded")


def test_a_card_tells_each_word_once_and_says_when_nothing_was_recorded() -> None:
    source = Source(DGS, (), (feature(1), feature(1, "b"), feature(2, "c", "another")))
    assert source.told() == "for: nothing recorded; against: a sign, another"


def test_the_one_with_most_against_it_ranks_first() -> None:
    ranked = sorted(
        (Source(HIP, (), of(1)), Source(DGS, (), of(1)), Source(SI, (), of(2))), key=lambda s: s.rank_against
    )
    assert [s.name for s in ranked] == [SI, DGS, HIP]


@pytest.mark.parametrize(
    ("name", "aim"),
    [(DGS, "Neural"), (LUMBAR, "Neural"), (PUDENDAL, "Neural"), (SI, "Sacroiliac"), (HAMSTRING, "hamstring loading"),
     (TENDON, "abductor loading"), (IFI, "abductor and external-rotator"), ("", "abductor and external-rotator")],
)  # fmt: skip
def test_physiotherapy_aims_at_the_likeliest_source(name: str, aim: str, weigh: Weights) -> None:
    if name:
        weigh[name] = (of(2, 2), ())
    assert aim in therapy_aim(chart())


@pytest.mark.parametrize("problem", ["pelvic-floor-dysfunction", "pudendal-neuralgia"])
def test_a_disorder_of_the_pelvic_floor_on_file_calls_for_its_therapy(problem: str, weigh: Weights) -> None:
    assert pelvic_floor(chart(condition(problem)))
    assert not pelvic_floor(chart(condition(problem, clinical="resolved")))


def test_so_does_the_pudendal_nerve_as_the_likeliest_source(weigh: Weights) -> None:
    weigh[PUDENDAL] = (of(2, 2), ())
    assert pelvic_floor(chart())
    weigh[DGS] = (of(3, 2), ())
    assert not pelvic_floor(chart())
