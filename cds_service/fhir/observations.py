"""From FHIR Observations to the Chart's Observation records: what is asked, absence, sides and components."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cards import record
from cards.codings import HIP_EXAM, LOINC, SNOMED, known_system
from cards.measures import JUDGED_BY_THEIR_LIMIT, MEASURES
from cards.quantity import Quantity, Refused
from cards.remembered import Codings, remembered
from cards.side import Side
from cards.valueset import TERMINOLOGY, Strength
from cards.when import When
from cds_service.fhir import resources as wire
from cds_service.fhir.concepts import code_of, concepts, said, side, when
from cds_service.fhir.values import ABSENT, value_of


class _Asked(NamedTuple):
    """What codings mean: their value sets, the hip-exam question, what is measured, and the hip-exam answer.

    `standard`: some coding is of LOINC or SNOMED CT. Where none of those means anything to a rule, neither do the
    words beside them.
    """

    concepts: Mapping[str, Strength]
    question: str | None
    kind: str | None
    standard: bool

    @property
    def foreign(self) -> bool:
        """No rule knows any of these codings."""
        return not self.concepts and self.question is None


_NOT_ASKED = _Asked(MappingProxyType({}), None, None, False)


@remembered
def _asked(codings: Codings) -> _Asked:
    found = TERMINOLOGY.concepts(codings, None)
    systems = {known_system(system) for system, _ in codings}
    question = next((code.strip() for system, code in codings if known_system(system) == HIP_EXAM), None)
    return _Asked(MappingProxyType(found), question, _kind(found, question), not systems.isdisjoint((LOINC, SNOMED)))


def _asked_by(concept: wire.CodeableConcept | None) -> _Asked:
    if concept is None or not concept.coding:
        return _NOT_ASKED
    return _asked(tuple([(c.system or "", c.code) for c in concept.coding if c.code]))


def _kind(found: Mapping[str, Strength], question: str | None) -> str | None:
    return question if question in MEASURES else next((name for name in found if name in MEASURES), None)


def observations(o: wire.Observation, reference: str) -> list[record.Observation]:
    """One record for the Observation and one for each of its components, all with its date and status.

    What has a dataAbsentReason says nothing, not even "no".
    """
    if o.component is None:
        one = _observation(o, o, reference)
        return [one] if one is not None else []
    parts: list[wire.Valued] = [o, *o.component]
    return [one for part in parts if (one := _observation(part, o, reference))]


def _date(o: wire.Observation) -> When | None:
    if o.effectiveDateTime and (found := When.parse(o.effectiveDateTime)):
        return found
    period = o.effectivePeriod or wire.Period()
    return when(period.end, period.start, o.effectiveInstant)


def _observation(part: wire.Valued, whole: wire.Observation, reference: str) -> record.Observation | None:
    if part.dataAbsentReason is not None:
        return None
    asked, answered = _asked_by(part.code), _asked_by(part.valueCodeableConcept)
    if asked.standard and asked.foreign and answered.foreign:
        return None
    found, question, kind, _ = asked
    if asked.foreign and part.code is not None:
        found = TERMINOLOGY.concepts((), part.code.text)
        kind = _kind(found, None)
    answer = answered.question
    if part.valueCodeableConcept is not None and answer is None:
        found = {**concepts(part.valueCodeableConcept), **found}
    if not found and question is None:
        return None
    value, refused = (answer, None) if answer is not None and kind is None else value_of(part, kind, question)
    return record.Observation(
        reference=reference,
        text=said(part.code, question or "observation"),
        concepts=found,
        when=_date(whole),
        side=_side(part, whole.bodySite, question),
        status=whole.status,
        question=question,
        value=value,
        refused=refused,
        denied=_denied(part, value, question),
        upper_limit=_upper_limit(part, kind) if kind in JUDGED_BY_THEIR_LIMIT and part.referenceRange else None,
    )


def _side(o: wire.Valued, site: wire.CodeableConcept | None, question: str | None) -> Side:
    """The site's side; only an examination may name it in its words."""
    if site is not None:
        return side((site,))
    return side(None, o.code) if question is not None else Side.UNKNOWN


def _denied(o: wire.Valued, value: record.Value | None, question: str | None) -> bool:
    """Looked for and absent."""
    if value is not None:
        return question is None and value in (False, "negative", "absent")
    if o.interpretation is None and o.valueCodeableConcept is None:
        return False
    interpreted = {code_of(i) for i in o.interpretation or ()}
    return bool(interpreted & ABSENT) or code_of(o.valueCodeableConcept) in ABSENT


def _upper_limit(o: wire.Valued, kind: str | None) -> Quantity | None:
    if kind is None:
        return None
    for limits in o.referenceRange or ():
        if limits.high is not None and limits.high.value is not None:
            high, unit = limits.high, limits.high.unit
            code = high.code or (None if unit else (o.valueQuantity.code if o.valueQuantity else None))
            found = MEASURES[kind].normalise(high.value or 0.0, code, unit)
            return None if isinstance(found, Refused) else found
    return None
