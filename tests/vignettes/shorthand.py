"""From one-line facts to the FHIR R4 JSON of a complete CDS Hooks request. See README.md for the language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any, Literal

from tests.vignettes import medicines, others, seen
from tests.vignettes.line import BadShorthand, Json, Line

Hook = Literal["patient-view", "order-select", "order-sign"]
Fact = str | dict[str, Any]

PATIENT_ID = "hp-vignette"
BASE_URL = "https://ehr.example/fhir"
KEYS = (
    "conditions",
    "observations",
    "medications",
    "procedures",
    "serviceRequests",
    "diagnosticReports",
    "allergies",
    "familyHistory",
    "encounters",
    "carePlans",
)
_KEY_OF = {
    "Condition": "conditions",
    "Observation": "observations",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "DiagnosticReport": "diagnosticReports",
    "AllergyIntolerance": "allergies",
    "FamilyMemberHistory": "familyHistory",
    "Encounter": "encounters",
    "CarePlan": "carePlans",
}
_MAKERS = {
    "condition": seen.condition,
    "exam": seen.exam,
    "lab": seen.lab,
    "obs": seen.observation,
    "med": medicines.medicine,
    "draft-med": medicines.draft_medicine,
    "procedure": others.procedure,
    "report": others.report,
    "order": others.order,
    "draft": others.draft,
    "allergy": others.allergy,
    "relative": others.relative,
    "encounter": others.encounter,
    "careplan": others.care_plan,
}
_STATUS = {"Condition": "verificationStatus", "AllergyIntolerance": "verificationStatus"}
_BORN_BEFORE_BIRTHDAY = timedelta(days=182)


def request_of(facts: Iterable[Fact], today: date, *, hook: Hook | None = None, without: Collection[str] = ()) -> Json:
    """A complete request: every prefetch key is there, unless among `without`.

    `hook` defaults to order-sign where something is drafted, else to patient-view. A fact is a line of
    shorthand or {"resource": {...}}, a FHIR resource as it is. Raises BadShorthand quoting the line at fault.
    """
    patient: Json | None = None
    found: dict[str, list[Json]] = {key: [] for key in KEYS}
    drafts: list[Json] = []
    unselected: set[str] = set()
    for number, fact in enumerate(facts, start=1):
        resource = _resource(fact, today)
        if resource["resourceType"] == "Patient":
            patient = resource
            continue
        _finish(resource, number, today)
        if resource.pop("_background", False):
            unselected.add(resource["id"])
        if resource.pop("_draft", False):
            del resource["meta"]
            drafts.append(resource)
        else:
            found[_key(resource, fact)].append(resource)
    if patient is None:
        raise BadShorthand("no fact says who the patient is (patient: F 41)")
    prefetch: Json = {"patient": patient} | {key: searchset(found[key]) for key in KEYS}
    return _request(hook, prefetch, drafts, unselected, without)


def searchset(resources: list[Json]) -> Json:
    """A search result that holds all there is."""
    entries = [
        {"fullUrl": f"{BASE_URL}/{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}}
        for r in resources
    ]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | {"entry": entries} if entries else bundle


def _request(
    hook: Hook | None, prefetch: Json, drafts: list[Json], unselected: set[str], without: Collection[str]
) -> Json:
    unknown = set(without) - set(prefetch)
    if unknown:
        raise BadShorthand(f"no prefetch key is called {sorted(unknown)}")
    hook = hook or ("order-sign" if drafts else "patient-view")
    context: Json = {"userId": "Practitioner/example-clinician", "patientId": PATIENT_ID}
    if hook != "patient-view":
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in drafts]}
        context["draftOrders"] = bundle
    elif drafts:
        raise BadShorthand("something is drafted, but the hook patient-view carries no drafts")
    if hook == "order-select":
        chosen = [r for r in drafts if r["id"] not in unselected]
        context["selections"] = [f"{r['resourceType']}/{r['id']}" for r in chosen]
    return {
        "hook": hook,
        "hookInstance": "33810267-0634-4fc7-b9e3-20295f5ca581",
        "context": context,
        "prefetch": {key: value for key, value in prefetch.items() if key not in without},
    }


def _resource(fact: Fact, today: date) -> Json:
    if isinstance(fact, dict):
        if set(fact) == {"resource"} and isinstance(fact["resource"], dict):
            return dict(fact["resource"])
        if len(fact) != 1:
            raise BadShorthand(f"a fact is one line: {fact!r}")
        (kind, rest) = next(iter(fact.items()))
        fact = f"{kind}: {rest}"
    line = Line(fact)
    unreadable = line.flag("unreadable")
    if line.kind == "patient":
        resource = _patient(line, today)
    elif line.kind in _MAKERS:
        resource = _MAKERS[line.kind](line, today)
    else:
        raise line.wrong(f"no fact is called '{line.kind}'")
    line.end()
    return resource | {_STATUS.get(resource["resourceType"], "status"): [7]} if unreadable else resource


def _finish(resource: Json, number: int, today: date) -> None:
    """Id, storing date (which is no clinical date) and patient."""
    kind = resource["resourceType"]
    resource.setdefault("id", f"{kind.lower()}-{number}")
    resource.setdefault("meta", {"lastUpdated": f"{today.isoformat()}T06:00:00+00:00"})
    who = "patient" if kind in ("AllergyIntolerance", "FamilyMemberHistory") else "subject"
    resource.setdefault(who, {"reference": f"Patient/{PATIENT_ID}"})


def _key(resource: Json, fact: Fact) -> str:
    try:
        return _KEY_OF[resource["resourceType"]]
    except KeyError:
        raise BadShorthand(f"no prefetch key takes this resource: {fact!r}") from None


def _patient(line: Line, today: date) -> Json:
    found = line.take(r"(?P<sex>[FMX])(?: (?P<age>\d{1,3}))?")
    if found is None:
        raise line.wrong("a patient is 'F 41', 'M 72 born 1953-07-17' or 'X born 1990'")
    born = line.day("born")
    if born is None and found["age"]:
        born = _born(int(found["age"]), today)
    deceased = True if line.flag("deceased") else None
    patient: Json = {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "active": True,
        "gender": {"F": "female", "M": "male", "X": "unknown"}[found["sex"]],
        "name": [{"family": "Example", "given": ["Vignette"]}],
    }
    return patient | ({"birthDate": born} if born else {}) | ({"deceasedBoolean": True} if deceased else {})


def _born(age: int, today: date) -> str:
    """Half a year before the birthday is next due: `age` whole years have surely passed."""
    first = today.replace(year=today.year - age, day=min(today.day, 28))
    return (first - _BORN_BEFORE_BIRTHDAY).isoformat()
