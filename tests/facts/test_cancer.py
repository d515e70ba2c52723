"""Blood tests that suggest a cancer, and pain at night or rest."""

from __future__ import annotations

import pytest

from cards.facts.cancer import cancer_signs, highest_calcium, night_pain, stage
from cards.finding import NotFound
from cards.quantity import Quantity
from cards.record import Observation, Patient, Record
from cards.when import When
from tests.cards.charts import answer, chart, condition, day

MAN = Patient(id="p", born=When.parse("1960-06-01"), sex="male")
OLD = "2025-10-16"  # 91 days


def lab(name: str, value: float, unit: str, at: str = "2026-01-10", limit: float | None = None) -> Observation:
    return Observation(
        reference=f"Observation/{name}-{value}-{at}",
        text=name,
        concepts={f"lab-{name}": "exact"},
        when=day(at),
        status="final",
        value=Quantity.of(value, unit),
        upper_limit=Quantity.of(limit, unit) if limit else None,
    )


def alp(at: str = "2026-01-10") -> Observation:
    return lab("alp", 300, "U/L", at, limit=120)


def ggt(value: float, at: str = "2026-01-10") -> Observation:
    return lab("ggt", value, "U/L", at, limit=40)


def hb(value: float, at: str = "2026-01-10") -> Observation:
    return lab("hemoglobin", value, "g/L", at)


def calcium(value: float, at: str = "2026-01-10") -> Observation:
    return lab("calcium", value, "mmol/L", at)


def albumin(value: float, at: str = "2026-01-10") -> Observation:
    return lab("albumin", value, "g/L", at)


@pytest.mark.parametrize(
    "records",
    [
        (alp(),),
        (alp(), ggt(40)),
        (alp(), ggt(60, OLD)),
        (alp(), ggt(30), ggt(60)),
        (calcium(2.61),),
        (condition("hypercalcaemia"),),
        (hb(99),),
        (hb(99), hb(120)),
        (hb(99), condition("ckd-4-5", verification="unconfirmed")),
        (lab("psa", 10.1, "ng/mL"),),
        (condition("raised-psa"),),
        (condition("monoclonal-gammopathy"),),
    ],
)
def test_each_of_these_is_a_sign(records: tuple[Record, ...]) -> None:
    assert len(cancer_signs(chart(*records, patient=MAN))) == 1


@pytest.mark.parametrize(
    "records",
    [
        (alp(OLD),),
        (lab("alp", 300, "U/L"),),
        (alp(), ggt(41)),
        (alp(), lab("bilirubin", 30, "umol/L", limit=20)),
        (calcium(2.6),),
        (calcium(2.9, OLD),),
        (condition("hypercalcaemia", OLD),),
        (hb(100),),
        (hb(80, OLD),),
        (hb(80), condition("ckd-4-5")),
        (lab("psa", 10, "ng/mL"),),
        (lab("psa", 20, "ng/mL", OLD),),
        (condition("raised-psa", OLD),),
    ],
)
def test_none_of_these_is(records: tuple[Record, ...]) -> None:
    assert not cancer_signs(chart(*records, patient=MAN))


@pytest.mark.parametrize(
    ("sex", "born", "counts"),
    [
        ("male", "1976-01-15", True),
        ("male", "1976-01-16", False),
        ("female", "1960", False),
        ("unknown", "1960", True),
        ("male", None, True),
    ],
)
def test_psa_counts_in_men_from_fifty_and_where_age_or_sex_is_not_recorded(
    sex: str, born: str | None, counts: bool
) -> None:
    patient = Patient(id="p", born=When.parse(born) if born else None, sex=sex)
    assert bool(cancer_signs(chart(lab("psa", 11, "ng/mL"), patient=patient))) is counts


def test_calcium_is_corrected_by_the_lowest_albumin_of_the_newest_day() -> None:
    assert highest_calcium(chart(calcium(2.5), albumin(30), albumin(38))).quantity == Quantity.of(2.7, "mmol/L")
    assert highest_calcium(chart(calcium(2.5), albumin(38), albumin(30))).quantity == Quantity.of(2.7, "mmol/L")


def test_an_old_albumin_corrects_nothing_and_an_old_calcium_does_not_count() -> None:
    assert highest_calcium(chart(calcium(2.5), albumin(30, OLD))).quantity == Quantity.of(2.5, "mmol/L")
    assert not highest_calcium(chart(calcium(2.5, OLD), albumin(30)))


def test_pain_at_night_counts_unless_another_posture_eases_it() -> None:
    problem = condition("night-pain")
    assert not night_pain(chart())
    assert night_pain(chart(problem))
    assert not night_pain(chart(problem, answer("night-pain-posture-dependent", True)))
    assert night_pain(chart(problem, answer("night-pain-posture-dependent", True, OLD)))
    assert night_pain(chart(answer("night-or-rest-pain", True), answer("night-pain-posture-dependent", True)))


def test_no_cancer_has_no_stage() -> None:
    assert stage(NotFound(), chart()) == ""
