"""Code systems under the one name that this project uses for each."""

from __future__ import annotations

from typing import NamedTuple

BASE = "https://posterior-hip-cds.example/fhir"

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
HIP_EXAM = f"{BASE}/CodeSystem/hip-exam"

_SPELLINGS = {
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "http://hl7.org/fhir/sid/icd-10-cm/": ICD10CM,
    "http://www.ama-assn.org/go/cpt/": CPT,
    "https://loinc.org": LOINC,
    "http://loinc.org/": LOINC,
    "https://snomed.info/sct": SNOMED,
}
_KNOWN = frozenset({SNOMED, LOINC, ICD10CM, RXNORM, CPT, HIP_EXAM})


class Coding(NamedTuple):
    """One code of one system, the system under this project's name for it."""

    system: str
    code: str


def known_system(system: str) -> str:
    """This project's name for a code system: OID, module and edition URIs are folded into one."""
    if system in _KNOWN:
        return system
    if system.startswith(SNOMED + "/"):
        return SNOMED
    return _SPELLINGS.get(system, system)


def is_spelling(system: str) -> bool:
    """One of the ways in which a system of ours is written; of SNOMED CT's editions only the plain name."""
    return system in _KNOWN or system in _SPELLINGS


def plain_code(system: str, code: str) -> str:
    """A code as it is compared: ICD-10-CM without dot and in upper case, others without outer space."""
    code = code.strip()
    return code.replace(".", "").upper() if system == ICD10CM else code
