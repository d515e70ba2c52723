"""What the small service judges by, and how it gets its data: well, or with one fault."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

Json = dict[str, Any]
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "problems": "Condition?patient={{context.patientId}}&_count=50",
}
SYSTEM = "https://small-service.example/codes"
FHIR_PATIENCE_S = 0.4
MOST_PAGES = 3


class Refused(Exception):
    """An error to be answered: status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass
class Call:
    """One call under way, with the fault that it is to show."""

    body: Json
    fault: str
    kinds: dict[str, str] = field(default_factory=lambda: {"patient": "Patient", "problems": "Bundle"})

    def has(self, *faults: str) -> bool:
        return self.fault in faults

    @property
    def patient_id(self) -> str:
        return str(self.body["context"]["patientId"])

    def resources(self, key: str) -> list[Any] | None:
        """What is known under a key; None where nothing is."""
        prefetch = self.body.get("prefetch") or {}
        if key not in prefetch:
            if self.has("absent-500") and "fhirServer" not in self.body:
                raise KeyError(key)
            return self.fetched(key)
        datum = prefetch[key]
        if datum is None:
            return self._nothing(key)
        if self.has("wrong-type-500") and not isinstance(datum, dict):
            raise TypeError("no dict")
        kind = datum.get("resourceType") if isinstance(datum, dict) else None
        if kind == "OperationOutcome":
            return self._failed(key)
        if kind != self.kinds[key]:
            return None
        return [datum] if kind == "Patient" else self._entries(key, datum)

    def _nothing(self, key: str) -> list[Any] | None:
        if self.has("null-412"):
            raise Refused(412, key)
        if self.has("null-fetched"):
            return self.fetched(key)
        return []

    def _failed(self, key: str) -> list[Any] | None:
        if self.has("failed-fetched"):
            self.fetched(key)
        return [] if self.has("failure-is-nothing") else None

    def _entries(self, key: str, bundle: Json) -> list[Any] | None:
        entries = bundle.get("entry", [])
        if self.has("empty-412") and not entries:
            raise Refused(412, key)
        if self.has("searchset-only") and bundle.get("type") != "searchset":
            return None
        found = [e.get("resource") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
        if self.has("entry-500") and (len(found) < len(entries) or None in found):
            raise TypeError("no dict")
        if self.has("warning-is-failure") and any((r or {}).get("resourceType") == "OperationOutcome" for r in found):
            return None
        following = [li.get("url") for li in bundle.get("link", ()) if li.get("relation") == "next"]
        if following and self.has("page-500"):
            raise TypeError("a page")
        if following and not self.has("drops-pages"):
            found += self._pages(following[0])
        return [r for r in found if isinstance(r, dict)]

    def _pages(self, url: str) -> list[Any]:
        server = str(self.body.get("fhirServer"))
        if not self.token or (not self.has("follows-anywhere") and urlsplit(url).netloc != urlsplit(server).netloc):
            return []
        page = self._get(url)
        return [e.get("resource") for e in page.get("entry", ())] if isinstance(page, dict) else []

    @property
    def token(self) -> str | None:
        access = self.body.get("fhirAuthorization")
        if not isinstance(access, dict) or not isinstance(self.body.get("fhirServer"), str):
            return "anything" if self.has("no-token-needed") and "fhirServer" in self.body else None
        if self.has("strict-authorization") and "subject" not in access:
            raise Refused(400, "fhirAuthorization.subject")
        if access.get("expires_in", 1) <= 0 and not self.has("uses-expired"):
            return None
        if access.get("patient", self.patient_id) != self.patient_id and not self.has("uses-anybodys-token"):
            return None
        return access.get("access_token")

    def fetched(self, key: str) -> list[Any] | None:
        """By the key's own query, with the token; None where that is not possible."""
        if self.has("no-server-500") and "fhirAuthorization" in self.body and "fhirServer" not in self.body:
            raise KeyError("fhirServer")
        if not self.token:
            return None
        query = TEMPLATES[key].replace("{{context.patientId}}", self.patient_id)
        if self.has("writes"):
            requests.post(f"{self.body['fhirServer']}/AuditEvent", headers=self._headers(), json={}, timeout=1)
        found = self._get(f"{self.body['fhirServer']}/{query}")
        if self.has("fetch-in-vain") or not isinstance(found, dict):
            return None
        if found.get("resourceType") != self.kinds[key]:
            return None
        return [found] if key == "patient" else self._entries(key, found)

    def _headers(self) -> dict[str, str]:
        return {} if self.has("tokenless") else {"Authorization": f"Bearer {self.token}"}

    def _get(self, url: str) -> Any:
        """JSON of a 200, else None."""
        patience = 10 if self.has("patient-of-servers") else FHIR_PATIENCE_S
        for _ in range(9 if self.has("storm") else 1):
            try:
                answer = requests.get(url, headers=self._headers(), timeout=patience, allow_redirects=False)
            except requests.RequestException:
                return None
            if answer.is_redirect and self.has("follows-redirects"):
                answer = requests.get(answer.headers["Location"], headers=self._headers(), timeout=patience)
            if answer.ok:
                break
        if (self.has("denied-500") and answer.status_code in (401, 403)) or (
            self.has("broken-500") and answer.status_code >= 500
        ):
            answer.raise_for_status()
        try:
            return answer.json() if answer.status_code == 200 else None
        except ValueError:
            if self.has("nonsense-500"):
                raise
            return None


def judge(call: Call) -> Json:
    """The response: a card for each problem of the patient, one where problems are not known."""
    if call.has("slow"):
        time.sleep(0.05)
    people = call.resources("patient")
    if people is None:
        raise Refused(412, "Needed and not to be had: the prefetch key 'patient'.")
    if any(p.get("id") != call.patient_id for p in people) and not call.has("any-patient"):
        raise Refused(400, "The Patient is another one.")
    if call.body["hook"] == "order-sign":
        return {"cards": [order_card(call)]}
    problems = call.resources("problems")
    if problems is None:
        return {"cards": [card("info", "The problem list could not be read")]}
    return {"cards": [problem_card(call, one) for one in problems if mine(call, one)]}


def mine(call: Call, one: Json) -> bool:
    about = str((one.get("subject") or {}).get("reference"))
    right = about.rpartition("/")[2] == call.patient_id or call.has("anybodys-problems")
    return one.get("resourceType") == "Condition" and right


def card(indicator: str, summary: str, **members: Any) -> Json:
    """A card that keeps the protocol."""
    topic = {"system": SYSTEM, "code": "problems", "display": "Problems"}
    source = {"label": "The small service", "url": "https://small-service.example/", "topic": topic}
    return {"uuid": str(uuid4()), "summary": summary, "indicator": indicator, "source": source, **members}


def problem_card(call: Call, one: Json) -> Json:
    order = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"text": "Follow-up"},
        "subject": {"reference": f"Patient/{call.patient_id}"},
    }
    action = {"type": "create", "description": "Draft a follow-up", "resource": order}
    suggestions = [{"label": f"Follow-up {n}", "uuid": str(uuid4()), "actions": [action]} for n in (1, 2)]
    return card(
        "warning",
        f"On the problem list: {one['code']['text']}",
        detail="**Found** on the problem list.",
        suggestions=suggestions,
        selectionBehavior="at-most-one",
        overrideReasons=[{"code": "known", "system": SYSTEM, "display": "Known"}],
        links=[{"label": "More", "url": "https://small-service.example/more", "type": "absolute"}],
    )


def order_card(call: Call) -> Json:
    drafts = [e["resource"] for e in call.body["context"]["draftOrders"]["entry"]]
    first = drafts[0]
    update = {"type": "update", "description": "Name the reason", "resource": first | {"note": [{"text": "because"}]}}
    delete = {"type": "delete", "description": "Remove it", "resourceId": f"{first['resourceType']}/{first['id']}"}
    suggestions = [{"label": a["description"], "uuid": str(uuid4()), "actions": [a]} for a in (update, delete)]
    return card("info", "A draft order", suggestions=suggestions, selectionBehavior="any")
