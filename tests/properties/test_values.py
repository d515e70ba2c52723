"""What holds for every quantity, date and concept, not only for those that someone thought of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.codings import ICD10CM, LOINC, SNOMED
from cards.measures import MEASURES
from cards.quantity import Comparator, Quantity, Refused
from cards.text_match import PhraseBook
from cards.valueset import TERMINOLOGY
from cards.when import When, newest_first

TODAY = date(2026, 1, 15)
settings.register_profile("small", max_examples=60, deadline=None, derandomize=True)
small = settings.get_profile("small")

units = st.sampled_from([(name, unit) for name, measure in MEASURES.items() for unit in measure.units])
comparators: st.SearchStrategy[Comparator] = st.sampled_from(["", "<", "<=", ">=", ">"])
values = st.floats(-1000, 1000, allow_nan=False)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
CODES = [
    (SNOMED, "279043006"), (SNOMED, "23056005"), (SNOMED, "449813001"), (ICD10CM, "M54.31"), (ICD10CM, "G57.01"),
    (ICD10CM, "C61"), (ICD10CM, "S72.001A"), (ICD10CM, "M25.551"), (LOINC, "1988-5"), (LOINC, "30673-8"),
]  # fmt: skip
codings = st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True)
noise = st.lists(
    st.tuples(st.sampled_from(["", "http://example.org", LOINC, SNOMED]), st.text(max_size=12)), max_size=3
)
PHRASES = ["left buttock pain", "saddle anaesthesia", "urinary retention", "hip pain", "sciatica", "osteoporosis"]


# -- quantities ------------------------------------------------------------------------------------------


@small
@given(units, st.floats(0, 1))
def test_a_conversion_can_be_undone(one: tuple[str, str], part: float) -> None:
    measure = MEASURES[one[0]]
    factor, offset = measure.units[one[1]]
    canonical = measure.low + part * (measure.high - measure.low)
    found = measure.normalise((canonical - offset) / factor, one[1], None)
    assert isinstance(found, Quantity | Refused)
    if isinstance(found, Quantity):
        assert found.value == pytest.approx(canonical, rel=1e-6, abs=1e-5)
        assert measure.normalise(found.value, measure.canonical, None) == found


@small
@given(units, st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_breaks_a_conversion(one: tuple[str, str], value: float) -> None:
    measure = MEASURES[one[0]]
    found = measure.normalise(value, one[1], None)
    assert isinstance(found, Refused) or measure.low <= found.value <= measure.high


@small
@given(st.sampled_from(sorted(MEASURES)), st.text(max_size=30), st.text(max_size=30))
def test_a_unit_nobody_knows_is_refused(name: str, code: str, unit: str) -> None:
    measure = MEASURES[name]
    found = measure.normalise((measure.low + measure.high) / 2, code, unit)
    known = code in measure.units or (not code and unit in measure.units)
    assert known or isinstance(found, Refused)


@small
@given(values, values, comparators)
def test_a_value_is_never_both_above_and_below(value: float, limit: float, comparator: Comparator) -> None:
    found, threshold = Quantity(value, "1", comparator), Quantity.of(limit, "1")
    assert not (found >= threshold and found < threshold)
    assert not (found > threshold and found <= threshold)
    assert not found > threshold or found >= threshold
    assert not found < threshold or found <= threshold
    if not comparator:
        assert (found >= threshold) != (found < threshold)
        assert (found > threshold) != (found <= threshold)


@small
@given(values, values, values, comparators)
def test_a_comparison_that_holds_holds_for_every_value_meant(
    value: float, limit: float, true: float, comparator: Comparator
) -> None:
    meant = {"": true == value, "<": true < value, "<=": true <= value, ">": true > value, ">=": true >= value}
    found, threshold = Quantity(value, "1", comparator), Quantity.of(limit, "1")
    if meant[comparator]:
        assert not found >= threshold or true >= limit
        assert not found > threshold or true > limit
        assert not found <= threshold or true <= limit
        assert not found < threshold or true < limit


# -- dates -----------------------------------------------------------------------------------------------


@small
@given(days, st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y", "%Y-%m-%dT12:00:00Z", "%Y-%m-%dT12:00:00.5+02:00"]))
def test_a_date_written_less_exactly_still_holds_the_day(day: date, form: str) -> None:
    found = When.parse(day.strftime(form))
    assert found is not None
    assert found.earliest <= day <= found.latest
    assert found.exact is ("%d" in form)
    again = When.parse(found.earliest.isoformat())
    assert again is not None
    assert again.earliest == found.earliest


@small
@given(days, st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]), st.integers(0, 4000))
def test_what_is_certain_is_possible(day: date, form: str, width: int) -> None:
    found = When.parse(day.strftime(form))
    window = timedelta(days=width)
    assert found is not None
    inside = day >= TODAY - window
    assert not found.certainly_within(window, TODAY) or inside
    assert not inside or found.possibly_within(window, TODAY)
    assert not found.in_future(TODAY) or day > TODAY
    assert found.days_before(TODAY) <= max(0, (TODAY - day).days)


@small
@given(st.one_of(st.text(max_size=40), st.from_regex(r"\s?\d{4}-\d\d(-\d\d(T.{0,12})?)?\s{0,8}", fullmatch=True)))
def test_no_text_breaks_the_reading_of_a_date(text: str) -> None:
    found = When.parse(text)
    assert found is None or found.earliest <= found.latest
    newest_first(found)


# -- concepts --------------------------------------------------------------------------------------------


@small
@given(codings, noise, st.randoms(use_true_random=False))
def test_the_order_of_codings_and_strangers_among_them_mean_nothing(
    some: list[tuple[str, str]], strangers: list[tuple[str, str]], chance: Random
) -> None:
    mixed = [*some, *some[:1], *(s for s in strangers if not TERMINOLOGY.concepts([s], None))]
    chance.shuffle(mixed)
    assert TERMINOLOGY.concepts(mixed, None) == TERMINOLOGY.concepts(some, None)


@small
@given(
    st.sampled_from([code for system, code in CODES if system == ICD10CM]), st.sampled_from(["", "."]), st.booleans()
)
def test_dot_and_case_of_an_icd_code_mean_nothing(code: str, dot: str, lower: bool) -> None:
    spelled = code.replace(".", dot)
    spelled = spelled.lower() if lower else spelled
    assert TERMINOLOGY.concepts([(ICD10CM, spelled)], None) == TERMINOLOGY.concepts([(ICD10CM, code)], None)


@small
@given(
    st.sampled_from(PHRASES),
    st.sampled_from(["", "  ", "\n", ". "]),
    st.sampled_from([str.upper, str.title, str.lower]),
)
def test_case_and_space_of_words_mean_nothing(phrase: str, space: str, cased: Callable[[str], str]) -> None:
    said = f"{space}{cased(phrase).replace(' ', '  ')}{space}"
    assert TERMINOLOGY.concepts([], said) == TERMINOLOGY.concepts([], phrase) != {}


@small
@given(st.sampled_from(PHRASES), st.sampled_from(["no", "denies", "without", "r/o", "family history of", "mother had"]))
def test_words_denied_or_told_of_another_mean_nothing(phrase: str, denial: str) -> None:
    assert TERMINOLOGY.concepts([], f"{denial} {phrase}") == {}


@small
@given(st.text(max_size=200))
def test_no_text_breaks_the_matcher_and_matching_twice_is_the_same(text: str) -> None:
    book = PhraseBook()
    book.add("buttock*", "site")
    assert book.names_in(text) == book.names_in(text)
    assert TERMINOLOGY.concepts([("", text)], text) == TERMINOLOGY.concepts([("", text)], text)
