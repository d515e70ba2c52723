"""Procedures, reports, orders, allergies, relatives, visits and care plans."""

from __future__ import annotations

from datetime import date

from tests.vignettes.line import CODE, DAY, QUOTED, SYSTEMS, Json, Line, codings_in, concept, present

_TERMS = "http://terminology.hl7.org/CodeSystem"
_A_DATE = rf"(?:on )?{DAY}(?:\.\.(?:{DAY})?)?"
_PROCEDURE_STATUS = ("completed", "in-progress", "not-done", "stopped", "preparation", "on-hold", "entered-in-error")
_REPORT_STATUS = (
    "final",
    "preliminary",
    "amended",
    "corrected",
    "registered",
    "partial",
    "cancelled",
    "entered-in-error",
)
_ORDER_STATUS = ("active", "revoked", "completed", "on-hold", "draft", "entered-in-error")
_VISIT_STATUS = ("finished", "in-progress", "planned", "cancelled", "arrived", "entered-in-error")
_PLAN_STATUS = ("active", "completed", "revoked", "on-hold", "draft", "entered-in-error")
_ROLES = {
    "mother": "MTH", "father": "FTH", "sister": "SIS", "brother": "BRO", "son": "SON", "daughter": "DAU",
    "aunt": "AUNT", "uncle": "UNCLE", "grandmother": "GRMTH", "grandfather": "GRFTH", "cousin": "COUSN",
}  # fmt: skip
_NORMAL = {"system": SYSTEMS["sct"], "code": "281900007", "display": "No abnormality detected"}
_IMAGING = {"system": SYSTEMS["sct"], "code": "363679005", "display": "Imaging"}


def procedure(line: Line, today: date) -> Json:
    """`<text> [codes] <date or period> completed (10 sessions)`."""
    text = line.words_until(_A_DATE, *_PROCEDURE_STATUS)
    codings = line.codings()
    note = line.take(r"\((?P<note>[^)]*)\)")
    start, end = line.period()
    once = start is not None and start == end
    side = line.side()
    return present(
        {
            "resourceType": "Procedure",
            "status": line.flag(*_PROCEDURE_STATUS) or "completed",
            "code": concept(codings, text),
            "performedDateTime": start if once else None,
            "performedPeriod": None if once else present({"start": start, "end": end}) or None,
            "bodySite": [side] if side else None,
            "note": [{"text": note["note"]}] if note else None,
        }
    )


def report(line: Line, today: date) -> Json:
    """`<text> [codes] on <date> normal|abnormal "conclusion" [side]`; only `normal` is coded."""
    text = line.words_until(_A_DATE, *_REPORT_STATUS)
    codings = line.codings()
    side = line.side()
    words = side["text"] if side else None
    conclusion = line.quoted()
    result = line.flag("normal", "abnormal")
    line.flag("undated")
    return present(
        {
            "resourceType": "DiagnosticReport",
            "status": line.flag(*_REPORT_STATUS) or "final",
            "category": [{"coding": [{"system": f"{_TERMS}/v2-0074", "code": "RAD"}]}],
            "code": concept(codings, f"{text}, {words}" if words else text),
            "effectiveDateTime": line.day("on"),
            "conclusion": conclusion if conclusion is not None or result is None else result.capitalize(),
            "conclusionCode": [concept([_NORMAL], _NORMAL["display"])] if result == "normal" else None,
        }
    )


def order(line: Line, today: date) -> Json:
    """`<text> [codes] on <date> active|revoked|completed`, with side and `reason`."""
    text = line.words_until(_A_DATE, f"reason {QUOTED}", *_ORDER_STATUS)
    reason = line.take(rf"reason (?P<words>{QUOTED})(?P<codes>(?: {CODE})*)")
    codings = line.codings()
    side = line.side()
    imaging = any(c["system"] in (SYSTEMS["loinc"], SYSTEMS["cpt"]) for c in codings)
    line.flag("undated")
    return present(
        {
            "resourceType": "ServiceRequest",
            "status": line.flag(*_ORDER_STATUS) or "active",
            "intent": line.flag("proposal", "plan", "order") or "order",
            "category": [{"coding": [_IMAGING]}] if imaging else None,
            "code": concept(codings, text),
            "authoredOn": line.day("on"),
            "bodySite": [side] if side else None,
            "reasonCode": [concept(codings_in(reason["codes"]), reason["words"][1:-1])] if reason else None,
            "_background": True if line.flag("background") else None,
        }
    )


def draft(line: Line, today: date) -> Json:
    """An order that is being drafted today."""
    return order(line, today) | {"status": "draft", "authoredOn": today.isoformat(), "_draft": True}


def allergy(line: Line, today: date) -> Json:
    """`<substance> [codes] high|low confirmed severe|moderate|mild`."""
    text = line.words_until(
        "high|low|unable-to-assess|severe|moderate|mild|confirmed|unconfirmed|refuted|inactive|resolved", _A_DATE
    )
    codings = line.codings()
    verification = line.flag("confirmed", "unconfirmed", "refuted", "entered-in-error") or "confirmed"
    severity = line.flag("severe", "moderate", "mild")
    clinical = line.flag("active", "inactive", "resolved") or "active"
    return present(
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": f"{_TERMS}/allergyintolerance-clinical", "code": clinical}]},
            "verificationStatus": {
                "coding": [{"system": f"{_TERMS}/allergyintolerance-verification", "code": verification}]
            },
            "criticality": line.flag("high", "low", "unable-to-assess"),
            "code": concept(codings, text),
            "onsetDateTime": line.day("on"),
            "reaction": [{"manifestation": [{"text": "reaction"}], "severity": severity}] if severity else None,
        }
    )


def relative(line: Line, today: date) -> Json:
    """`mother psoriasis [icd L40.0]`; a relationship of several words in quotes."""
    found = line.take(rf"^(?P<who>{QUOTED}|[a-z]+)")
    if found is None:
        raise line.wrong("a relative is 'mother psoriasis [icd L40.0]'")
    who = found["who"].strip('"')
    text = line.words_until("completed|partial|entered-in-error")
    codings = line.codings()
    role = _ROLES.get(who)
    coding = [{"system": f"{_TERMS}/v3-RoleCode", "code": role}] if role else []
    return {
        "resourceType": "FamilyMemberHistory",
        "status": line.flag("completed", "partial", "entered-in-error") or "completed",
        "relationship": concept(coding, who),
        "condition": [{"code": concept(codings, text)}],
    }


def encounter(line: Line, today: date) -> Json:
    """`<date or period> reason "words" [codes]`, with status and class (EMER, IMP)."""
    start, end = line.period()
    reason = line.quoted("reason")
    codings = line.codings()
    kind = line.flag("EMER", "IMP", "AMB", "VR") or "AMB"
    told = concept(codings, reason)
    return present(
        {
            "resourceType": "Encounter",
            "status": line.flag(*_VISIT_STATUS) or "finished",
            "class": {"system": f"{_TERMS}/v3-ActCode", "code": kind},
            "period": present({"start": start, "end": end}) or None,
            "reasonCode": [told] if told else None,
        }
    )


def care_plan(line: Line, today: date) -> Json:
    """`<activity> [codes] <period>`, with the plan's status; `activity <status>` for that of the activity."""
    text = line.words_until(_A_DATE, *_PLAN_STATUS)
    codings = line.codings()
    start, end = line.period()
    doing = line.take(r"activity (?P<status>in-progress|completed|cancelled|not-started|scheduled)")
    detail = {"code": concept(codings, text), "status": doing["status"] if doing else "in-progress"}
    return present(
        {
            "resourceType": "CarePlan",
            "status": line.flag(*_PLAN_STATUS) or "active",
            "intent": "plan",
            "title": text or None,
            "period": present({"start": start, "end": end}) or None,
            "activity": [{"detail": detail}],
        }
    )
