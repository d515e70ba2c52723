"""The chart in brief, read leniently out of FHIR JSON: what an EHR's summary screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cards.quantity import Quantity

Resource = Mapping[str, Any]
_MOST_POINTS = 12
_WIDTH, _HEIGHT, _EDGE = 96, 26, 3
_DAY = len("2026-01-15")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a list in the chart. `quiet` ones belong to the past."""

    text: str
    date: str = ""
    note: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A measurement: the newest value, and how it came about. `points` draws the values from old to new."""

    name: str
    newest: str
    date: str
    earlier: tuple[str, ...]
    way: str
    points: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the chart is about."""

    id: str
    name: str
    age: str
    sex: str
    born: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The chart in brief."""

    problems: tuple[Line, ...]
    measurements: tuple[Series, ...]
    answers: tuple[Line, ...]
    medicines: tuple[Line, ...]
    orders: tuple[Line, ...]
    done: tuple[Line, ...]


def resources(bundle: Mapping[str, Any] | None) -> list[Resource]:
    """What a searchset holds, but for outcomes."""
    entries = (bundle or {}).get("entry") or []
    found = [e.get("resource") for e in entries if isinstance(e, dict)]
    return [r for r in found if isinstance(r, dict) and r.get("resourceType") != "OperationOutcome"]


def person(patient: Resource, today: date) -> Person:
    """Name, age and sex, as far as they are known."""
    name = next(iter(patient.get("name") or [{}]))
    words = [*(name.get("given") or []), name.get("family") or ""]
    born = str(patient.get("birthDate") or "")
    return Person(
        id=str(patient.get("id") or ""),
        name=str(name.get("text") or " ".join(words).strip() or "No name"),
        age=_age(born, today),
        sex=str(patient.get("gender") or "sex unknown"),
        born=born,
    )


def _age(born: str, today: date) -> str:
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return "age unknown"
    return str(today.year - day.year - ((today.month, today.day) < (day.month, day.day)))


def brief(prefetch: Mapping[str, Any]) -> Brief:
    """From what the EHR reads for prefetch."""
    told = {key: resources(value) for key, value in prefetch.items() if isinstance(value, dict)}
    observed = [o for o in told.get("observations", []) if o.get("status") != "entered-in-error"]
    measured = [o for o in observed if isinstance(o.get("valueQuantity"), dict)]
    asked = [o for o in observed if not isinstance(o.get("valueQuantity"), dict)]
    return Brief(
        problems=_sorted(map(problem, told.get("conditions", []))),
        measurements=tuple(_series(measured)),
        answers=_sorted(map(_answer, asked)),
        medicines=_sorted(map(_medicine, told.get("medications", []))),
        orders=orders(told.get("serviceRequests", [])),
        done=_sorted(map(_happened, [*told.get("procedures", []), *told.get("diagnosticReports", [])])),
    )


def orders(found: Iterable[Resource]) -> tuple[Line, ...]:
    """Orders, drafts marked as such."""
    return _sorted(map(_order, found))


def words(concept: object, fallback: str = "without a name") -> str:
    """A CodeableConcept in words."""
    if not isinstance(concept, dict):
        return fallback
    codings = [c for c in concept.get("coding") or [] if isinstance(c, dict)]
    displays = [c["display"] for c in codings if c.get("display")]
    codes = [str(c["code"]) for c in codings if c.get("code")]
    return str(concept.get("text") or next(iter([*displays, *codes]), fallback))


def problem(condition: Resource) -> Line:
    """A problem with what is not plain about it."""
    clinical, verified = _code(condition.get("clinicalStatus")), _code(condition.get("verificationStatus"))
    notes = [word for word in (clinical, verified) if word not in ("", "active", "confirmed")]
    quiet = clinical in ("inactive", "resolved", "remission") or verified in ("refuted", "entered-in-error")
    sides = [words(site, "") for site in condition.get("bodySite") or []]
    side = next((s for s in sides if s in ("left", "right", "both")), "")
    return Line(words(condition.get("code")), _when(condition), ", ".join([*filter(None, [side]), *notes]), quiet)


def _answer(o: Resource) -> Line:
    value = o.get("valueBoolean")
    said = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else _other_value(o)
    side = words(o.get("bodySite"), "")
    status = str(o.get("status") or "")
    notes = [word for word in (side, status if status not in ("final", "") else "") if word]
    return Line(f"{words(o.get('code'))}: {said or 'no value'}", _when(o), ", ".join(notes))


def _other_value(o: Resource) -> str:
    if isinstance(o.get("valueCodeableConcept"), dict):
        return words(o["valueCodeableConcept"])
    for name in ("valueInteger", "valueString", "valueDateTime"):
        if name in o:
            return str(o[name])
    return words(o.get("dataAbsentReason"), "")


def _medicine(m: Resource) -> Line:
    dose = next((str(d["text"]) for d in m.get("dosageInstruction") or [] if isinstance(d, dict) and d.get("text")), "")
    status = str(m.get("status") or "")
    name = words(
        m.get("medicationCodeableConcept"), str((m.get("medicationReference") or {}).get("display") or "medicine")
    )
    return Line(
        name,
        str(m.get("authoredOn") or "")[:_DAY],
        ", ".join(word for word in (dose if dose != name else "", status if status != "active" else "") if word),
        quiet=status not in ("active", "draft"),
    )


def _order(o: Resource) -> Line:
    status, priority = str(o.get("status") or ""), str(o.get("priority") or "")
    notes = [status, priority if priority not in ("", "routine") else ""]
    text = words(o.get("code") or o.get("medicationCodeableConcept"))
    return Line(text, str(o.get("authoredOn") or "")[:_DAY], ", ".join(filter(None, notes)), status == "revoked")


def _happened(one: Resource) -> Line:
    status = str(one.get("status") or "")
    conclusion = str(one.get("conclusion") or "")
    kind = "report" if one.get("resourceType") == "DiagnosticReport" else ""
    notes = [kind, status if status not in ("completed", "final") else "", conclusion]
    return Line(words(one.get("code")), _when(one), ", ".join(filter(None, notes)), status == "not-done")


def _series(measured: list[Resource]) -> Iterator[Series]:
    by_name: dict[str, list[Resource]] = {}
    for one in measured:
        by_name.setdefault(words(one.get("code")), []).append(one)
    for name, found in by_name.items():
        found.sort(key=_when)
        values = [_number(o) for o in found]
        said = [_quantity(o) for o in found]
        numbers = [v for v in values if v is not None]
        one_unit = len({_unit(o) for o in found}) == 1
        drawn = numbers[-_MOST_POINTS:] if one_unit and len(numbers) > 1 else []
        earlier = tuple(f"{value} on {_when(o)}" for value, o in zip(said[:-1], found[:-1], strict=True))
        yield Series(name, said[-1], _when(found[-1]), earlier[::-1], _way(drawn), _points(drawn))


def _way(numbers: list[float]) -> str:
    if not numbers:
        return ""
    before, now = numbers[-2:]
    return "up" if now > before else "down" if now < before else "same"


def _points(numbers: list[float]) -> str:
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    step = (_WIDTH - 2 * _EDGE) / (len(numbers) - 1)
    span = (high - low) or 1
    return " ".join(
        f"{_EDGE + at * step:.1f},{_HEIGHT - _EDGE - (n - low) / span * (_HEIGHT - 2 * _EDGE):.1f}"
        for at, n in enumerate(numbers)
    )


def _number(o: Resource) -> float | None:
    value = o["valueQuantity"].get("value")
    return float(value) if isinstance(value, int | float) else None


def _unit(o: Resource) -> str:
    return str(o["valueQuantity"].get("unit") or o["valueQuantity"].get("code") or "")


def _quantity(o: Resource) -> str:
    status = str(o.get("status") or "")
    mark = f" ({status})" if status not in ("final", "") else ""
    number = _number(o)
    said = f"? {_unit(o)}".strip() if number is None else str(Quantity.of(number, _unit(o)))
    return said + mark


def _when(one: Resource) -> str:
    for name in ("onsetDateTime", "effectiveDateTime", "performedDateTime", "recordedDate", "issued"):
        if one.get(name):
            return str(one[name])[:_DAY]
    for name in ("onsetPeriod", "effectivePeriod", "performedPeriod"):
        period = one.get(name) or {}
        if period.get("start") or period.get("end"):
            return str(period.get("end") or period.get("start"))[:_DAY]
    return ""


def _code(concept: object) -> str:
    codings = concept.get("coding") or [{}] if isinstance(concept, dict) else [{}]
    return str(codings[0].get("code") or "")


def _sorted(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Newest first, the past after the present."""
    newest = sorted(lines, key=lambda line: line.date, reverse=True)
    return tuple(sorted(newest, key=lambda line: line.quiet))
