"""What the shipped value sets hold, read as plain JSON and judged without the code that matches them."""

from __future__ import annotations

import functools
import importlib
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

BASE = "https://posterior-hip-cds.example/fhir"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
HIP_EXAM = f"{BASE}/CodeSystem/hip-exam"

CARDS = Path(__file__).parents[2] / "cards"
LEAVES = Path(__file__).with_name("icd10cm-leaves.json")
OUTSIDE_GPS = Path(__file__).with_name("snomed-outside-gps.json")


class Entry(NamedTuple):
    """One code of one set. `prefix`: a category with all below it; `out`: listed so that it stays out."""

    value_set: str
    system: str
    code: str
    display: str | None
    prefix: bool
    out: bool


@functools.cache
def value_sets() -> dict[str, dict[str, Any]]:
    """Every shipped ValueSet by its file name without ending."""
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((CARDS / "value_sets").glob("*.json"))}


@functools.cache
def hip_exam() -> dict[str, Any]:
    """The project's own CodeSystem."""
    loaded: dict[str, Any] = json.loads((CARDS / "code_systems" / "hip-exam.json").read_text("utf-8"))
    return loaded


def entries(system: str | None = None) -> Iterator[Entry]:
    """Every code and every category of every set, of one system or of all."""
    for name, resource in value_sets().items():
        for part in ("include", "exclude"):
            for element in resource.get("compose", {}).get(part, ()):
                if system in (None, element["system"]):
                    yield from _entries_of(name, element, out=part == "exclude")


def _entries_of(name: str, element: dict[str, Any], *, out: bool) -> Iterator[Entry]:
    system = element["system"]
    for concept in element.get("concept", ()):
        yield Entry(name, system, concept["code"], concept.get("display"), prefix=False, out=out)
    for rule in element.get("filter", ()):
        yield Entry(name, system, rule["value"], None, prefix=True, out=out)


@functools.cache
def icd10cm() -> Any:
    """The ICD-10-CM tables of the pinned release: seconds to import, and untyped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it reads its data in a way Python has deprecated
        return importlib.import_module("simple_icd_10_cm")


@functools.cache
def leaves(code: str) -> tuple[str, ...]:
    """The billable ICD-10-CM codes at or below `code`."""
    table = icd10cm()
    return tuple(below for below in (code, *table.get_descendants(code)) if table.is_leaf(below))


def leaf_counts() -> dict[str, int]:
    """How many billable codes each category that a set names stands for."""
    return {entry.code: len(leaves(entry.code)) for entry in sorted(entries(ICD10CM)) if entry.prefix}
