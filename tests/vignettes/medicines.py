"""Prescriptions, medication statements and drafted prescriptions."""

from __future__ import annotations

import re
from datetime import date

from tests.vignettes.line import CODE, DAY, QUOTED, Json, Line, concept, present

_STATUS = ("active", "completed", "stopped", "cancelled", "on-hold", "entered-in-error", "draft")
_INTENT = ("proposal", "plan", "order")
_OPTIONS = (
    f"(?:from|until|for|route|refills) (?:{DAY}|{QUOTED}|\\d+)",
    "|".join((*_STATUS, *_INTENT, "statement", "topical", "undated", "background")),
)
_TIMES_A_DAY = (
    (r"four times (?:a )?dai?l?y|four times a day|qid", 4),
    (r"three times (?:a )?dai?l?y|three times a day|tid", 3),
    (r"twice (?:a )?dai?l?y|twice a day|bid", 2),
    (r"once (?:a )?dai?l?y|once a day|daily|qd", 1),
)


def medicine(line: Line, today: date) -> Json:
    """`<name> [rx code] <dose and times> from <date>`, with `until`, `for 14 d`, status, `statement`, `topical`."""
    text = line.words_until(*_OPTIONS)
    codings = line.codings()
    if not text and not codings:
        raise line.wrong("a medicine needs words or a code")
    dose = line.words_until(*_OPTIONS) if line.rest and not re.match(CODE, line.rest) else ""
    status = line.flag(*_STATUS) or "active"
    start, until = line.day("from"), line.day("until")
    supply = line.take(r"for (?P<n>\d+) (?P<unit>d|wk|mo)")
    refills = line.take(r"refills (?P<n>\d+)")
    duration = {"value": int(supply["n"]), "unit": supply["unit"], "code": supply["unit"]} if supply else None
    route = "topical" if line.flag("topical") else line.quoted("route")
    line.flag("undated")
    dosage = _dosage(f"{text} {dose}".strip(), route)
    drug = concept(codings, f"{text} {dose}".strip() if not codings else text)
    if line.flag("statement"):
        period = present({"start": start, "end": until})
        return present(
            {
                "resourceType": "MedicationStatement",
                "status": status,
                "medicationCodeableConcept": drug,
                "effectivePeriod": period or None,
                "dosage": [dosage],
            }
        )
    if until:
        bounds = {"boundsPeriod": present({"start": start, "end": until})}
        dosage.setdefault("timing", {}).setdefault("repeat", {}).update(bounds)
    dispense = present(
        {"expectedSupplyDuration": duration, "numberOfRepeatsAllowed": int(refills["n"]) if refills else None}
    )
    return present(
        {
            "resourceType": "MedicationRequest",
            "status": status,
            "intent": line.flag(*_INTENT) or "order",
            "medicationCodeableConcept": drug,
            "authoredOn": start,
            "dosageInstruction": [dosage],
            "dispenseRequest": dispense or None,
            "_background": True if line.flag("background") else None,
        }
    )


def draft_medicine(line: Line, today: date) -> Json:
    """A prescription that is being drafted today."""
    drafted = medicine(line, today)
    return drafted | {"status": "draft", "authoredOn": today.isoformat(), "_draft": True}


def _dosage(words: str, route: str | None) -> Json:
    lower = words.lower()
    strength = re.search(r"(\d+(?:\.\d+)?) ?mg\b", lower)
    times = next((n for pattern, n in _TIMES_A_DAY if re.search(rf"\b(?:{pattern})\b", lower)), None)
    dose: Json = {"text": words}
    if strength:
        value = float(strength.group(1))
        quantity = {"value": int(value) if value.is_integer() else value, "unit": "mg"}
        ucum = {"system": "http://unitsofmeasure.org", "code": "mg"}
        dose["doseAndRate"] = [{"doseQuantity": quantity | ucum}]
    if times:
        dose["timing"] = {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}}
    if "as needed" in lower:
        dose["asNeededBoolean"] = True
    if route:
        dose["route"] = {"text": route}
    return dose
