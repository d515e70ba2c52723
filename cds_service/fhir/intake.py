"""From supplied resources to the sections of a Chart: each resource decoded on its own, into what is needed.

A resource that cannot be read is set aside with its reason and makes its section incomplete; one about another
patient, or about nobody, is never used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import msgspec

from cards import record
from cards.code_system import hip_exam_codes
from cards.codings import HIP_EXAM
from cards.measures import MEASURES
from cards.record import SectionName
from cards.section import Section
from cards.valueset import TERMINOLOGY
from cds_service.fhir import medicines, observations, records, shapes
from cds_service.fhir import resources as wire
from cds_service.fhir.references import ByReference
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import Entry, ReadEntry, Supply

_TELLING = ("conditions", "encounters")
_LOCATION = "pain-location"
_NEVER_TAKEN = ("entered-in-error", "cancelled", "draft", "not-taken")
_NOTHING = (b"", b"null")
_CODE = re.compile(rb'"code"\s*:\s*"([^"\\]*)"')
_KNOWN = frozenset(code.encode() for code in TERMINOLOGY.codes() | hip_exam_codes())
_NOT_CLINICAL = frozenset(
    {b"laboratory", b"vital-signs", b"exam", b"survey", b"social-history", b"imaging", b"procedure", b"therapy",
     b"activity", b"", *(unit.encode() for m in MEASURES.values() for unit in m.units)}
)  # fmt: skip


@dataclass(slots=True)
class SetAside:
    """Resources that were not used: about another patient or nobody, and unreadable ones by reference."""

    other_patient: int = 0
    no_subject: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """All of them."""
        return self.other_patient + self.no_subject + len(self.unreadable)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one resource type becomes records."""

    section: SectionName
    shape: type[Any]
    records: Callable[[Any, str, Intake], list[record.Record]]


class Intake:
    """Takes in all supplied resources of one call."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._plainly = f"Patient/{subject.patient_id}"
        self.set_aside = SetAside()
        self.reasons = ByReference[records.Told](subject.fhir_server)
        self.drugs = ByReference[wire.CodeableConcept](subject.fhir_server)
        self._done: dict[SectionName, Section] = {}

    def sections(self, supplies: Mapping[str, Supply]) -> dict[SectionName, Section]:
        """A section for each key; Conditions first, since orders and visits may point at them."""
        for name in sorted(supplies, key=lambda n: n != "conditions"):
            section = cast(SectionName, name)
            if section not in self._done:
                self._done[section] = self._section(section, supplies[name])
        return dict(self._done)

    def where_the_pain_is(self, supplies: Mapping[str, Supply]) -> dict[SectionName, Section]:
        """Only what can tell of posterior hip pain: cheap, and enough for most patients of a hospital."""
        found = self.sections({name: supplies[name] for name in _TELLING})
        observations = supplies["observations"]
        telling = tuple(e for e in observations.entries if _may_tell_place(e))
        found["observations"] = self._section("observations", replace(observations, entries=telling))
        return found

    def _section(self, name: SectionName, supply: Supply) -> Section:
        if supply.kind in ("absent", "errored"):
            return Section(name, missing=supply.missing)
        if name == "medications":
            self._learn_drugs(supply.entries)
        taken: list[record.Record] = []
        unreadable: dict[str, frozenset[str] | None] = {}
        for position, entry in enumerate(supply.entries):
            if isinstance(entry, ReadEntry):
                found = entry.resource
                reference = f"{found.resourceType}/{found.id}"
                self._use(READERS[found.resourceType], found, reference, entry, taken, unreadable)
            else:
                self._take(name, entry, position, taken, unreadable)
        since = _covered_since(taken) if supply.truncated else None
        return Section(name, tuple(taken), supply.missing, since, unreadable)

    def _take(
        self,
        name: SectionName,
        entry: Entry,
        position: int,
        taken: list[record.Record],
        unreadable: dict[str, frozenset[str] | None],
    ) -> None:
        """Read one resource of a Bundle that had something odd in it."""
        raw = bytes(entry.resource)
        if raw in _NOTHING:
            return
        try:
            kind, reference, resource = _decode(raw, name, position)
        except Unreadable as bad:
            if name == "observations" and _irrelevant(raw):
                return
            if not _is_resource(bad.resource) or self._concerns(shapes.subject_of(bad.resource), entry):
                unreadable[bad.reference] = bad.could_be
                self.set_aside.unreadable[bad.reference] = bad.why
            return
        if kind is not None and kind.section == name:
            self._use(kind, resource, reference, entry, taken, unreadable)

    def _use(
        self,
        kind: _Reader,
        resource: wire.Coded,
        reference: str,
        entry: Entry | ReadEntry[wire.Coded],
        taken: list[record.Record],
        unreadable: dict[str, frozenset[str] | None],
    ) -> None:
        """Take the records of one resource, if it is about the patient."""
        about = resource.about()
        if not self._concerns(about.reference if about is not None else None, entry):
            return
        read = kind.records(resource, reference, self)
        if kind.section == "medications" and _names_no_medicine(read):
            unreadable[reference] = None
            self.set_aside.unreadable[reference] = "the medicine that it refers to was not supplied"
            return
        taken += read
        if kind.section == "conditions":
            self._remember(read[0], entry.fullUrl)

    def _concerns(self, reference: str | None, entry: Entry | ReadEntry[Any]) -> bool:
        """The record is about the patient of the call; counted as set aside where it is not."""
        if reference == self._plainly:
            return True
        if not reference:
            self.set_aside.no_subject += 1
            return False
        if not self.subject.is_meant_by(reference, entry.fullUrl):
            self.set_aside.other_patient += 1
            return False
        return True

    def _remember(self, condition: record.Record, full_url: str | None) -> None:
        """So that an order's or a visit's reasonReference can be followed without asking anyone."""
        self.reasons.add(condition.reference, full_url, (condition.text, condition.concepts))

    def _learn_drugs(self, entries: Iterable[Entry | ReadEntry[Any]]) -> None:
        for entry in entries:
            if not isinstance(entry, Entry):  # decoded with its Bundle, so it is no Medication
                continue
            raw = bytes(entry.resource)
            if b'"Medication"' not in raw:
                continue
            try:
                drug = msgspec.json.decode(raw, type=wire.Drug)
            except wire.NOT_READ:
                continue
            if drug.resourceType == "Medication" and drug.code:
                self.drugs.add(f"Medication/{drug.id}", entry.fullUrl, drug.code)


@dataclass(frozen=True)
class Unreadable(Exception):
    """A resource that has to be set aside: what it could have been, and why."""

    reference: str
    could_be: frozenset[str] | None
    why: str
    resource: object = None


def read_resource(resource: dict[str, Any], position: int = 0) -> tuple[_Reader | None, str, Any]:
    """Decode one resource given as a dictionary, leniently. For drafts out of the hook's context."""
    kind = shapes.r4_type(str(resource.get("resourceType")))
    reader = READERS.get(kind)
    reference = f"{kind}/{resource['id']}" if isinstance(resource.get("id"), str) else f"{kind} #{position + 1}"
    if reader is None:
        return None, reference, None
    try:
        return reader, reference, shapes.lenient(resource, reader.shape)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise Unreadable(reference, _could_be(resource), _why(error), resource) from None


def _may_tell_place(entry: Entry | ReadEntry[Any]) -> bool:
    """An Observation, or a part of one, that asks where the pain is; any undecoded one that may hold the word."""
    if isinstance(entry, Entry):
        raw = bytes(entry.resource)
        return _LOCATION.encode() in raw or b"\\u" in raw
    whole = entry.resource
    return _asks_place(whole.code) or bool(whole.component and any(_asks_place(part.code) for part in whole.component))


def _asks_place(concept: wire.CodeableConcept | None) -> bool:
    if concept is not None and concept.coding:
        for coding in concept.coding:
            if coding.code and _LOCATION in coding.code:
                return True
    return False


def _decode(raw: bytes, section: str, position: int) -> tuple[_Reader | None, str, Any]:
    """The reader for a resource, its reference, and the decoded struct; (None, ...) for types of no interest."""
    try:
        resource = _DECODERS[section].decode(raw)
    except wire.NOT_READ:
        return _decode_odd(raw, section, position)
    reader = READERS.get(resource.resourceType)
    if reader is None or reader.section != section or resource.id is None:
        return _decode_odd(raw, section, position)
    reference = f"{resource.resourceType}/{resource.id}"
    if resource.modifierExtension:
        return _decode_odd(raw, section, position)
    return reader, reference, resource


def _decode_odd(raw: bytes, section: str, position: int) -> tuple[_Reader | None, str, Any]:
    try:
        resource = msgspec.json.decode(raw)
    except wire.NOT_READ:
        raise Unreadable(f"{section} entry {position + 1}", None, "not JSON") from None
    if not _is_resource(resource):
        raise Unreadable(f"{section} entry {position + 1}", None, "not a FHIR resource", resource)
    reader, reference, found = read_resource(resource, position)
    if found is not None and resource.get("modifierExtension"):
        raise Unreadable(reference, _could_be(resource), "modifierExtension not understood", resource)
    return reader, reference, found


def _names_no_medicine(read: list[record.Record]) -> bool:
    """A prescription of something unknown: it could be any medicine, unless it was never meant to be taken."""
    return any(
        isinstance(r, record.Medication) and r.text == medicines.UNNAMED and r.status not in _NEVER_TAKEN for r in read
    )


def _is_resource(found: object) -> bool:
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)


def _could_be(resource: Any) -> frozenset[str] | None:
    """The value sets and questions of an unreadable resource's code; None when not even that can be read."""
    codings = list(shapes.codes_of(resource))
    concept = resource.get("code") if isinstance(resource, dict) else None
    text = concept.get("text") if isinstance(concept, dict) and isinstance(concept.get("text"), str) else None
    if not codings and not text:
        return None
    return frozenset(TERMINOLOGY.concepts(codings, text)) | {code for system, code in codings if system == HIP_EXAM}


def _why(error: Exception) -> str:
    return "member of an unexpected type" if isinstance(error, msgspec.ValidationError) else type(error).__name__


def _irrelevant(raw: bytes) -> bool:
    """An Observation with codes, none of which any rule reads. Cheap: the raw bytes are only searched.

    One that names neither LOINC nor SNOMED CT has local codes only, or none, and is judged by its words.
    """
    if b"\\u" in raw or not (b"loinc.org" in raw or b"snomed.info/sct" in raw):
        return False
    codes = _CODE.findall(raw)
    return _KNOWN.isdisjoint(codes) and not _NOT_CLINICAL.issuperset(codes)


def _covered_since(taken: list[record.Record]) -> date | None:
    """The oldest date of a page, if it is sorted newest first: only older records can be missing from it."""
    dates = [r.when.latest for r in taken if r.when]
    if len(dates) != len(taken) or not dates or dates != sorted(dates, reverse=True):
        return None
    return dates[-1]


def _reader(section: SectionName, shape: type[Any], make: Callable[[Any, str, Intake], list[record.Record]]) -> _Reader:
    return _Reader(section, shape, make)


READERS: dict[str, _Reader] = {
    "Condition": _reader("conditions", wire.Condition, lambda r, ref, _: [records.condition(r, ref)]),
    "Observation": _reader("observations", wire.Observation, lambda r, ref, _: [*observations.observations(r, ref)]),
    "MedicationRequest": _reader(
        "medications", wire.Medication, lambda r, ref, i: [medicines.medication(r, ref, i.drugs)]
    ),
    "MedicationStatement": _reader(
        "medications", wire.Medication, lambda r, ref, i: [medicines.medication(r, ref, i.drugs)]
    ),
    "Procedure": _reader("procedures", wire.Procedure, lambda r, ref, _: [records.procedure(r, ref)]),
    "ServiceRequest": _reader(
        "serviceRequests", wire.ServiceRequest, lambda r, ref, i: [records.order(r, ref, i.reasons)]
    ),
    "DiagnosticReport": _reader("diagnosticReports", wire.DiagnosticReport, lambda r, ref, _: [records.report(r, ref)]),
    "AllergyIntolerance": _reader("allergies", wire.AllergyIntolerance, lambda r, ref, _: [records.allergy(r, ref)]),
    "FamilyMemberHistory": _reader(
        "familyHistory", wire.FamilyMemberHistory, lambda r, ref, _: [records.relative(r, ref)]
    ),
    "Encounter": _reader("encounters", wire.Encounter, lambda r, ref, i: [records.encounter(r, ref, i.reasons)]),
    "CarePlan": _reader("carePlans", wire.CarePlan, lambda r, ref, _: [records.care_plan(r, ref)]),
}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    reader.section: msgspec.json.Decoder(reader.shape) for reader in READERS.values()
}
"""A section's Bundle holds one shape of resource; what does not fit is looked at again, leniently."""
