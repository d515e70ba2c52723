"""Reading one line of shorthand: words are taken out one by one, and what is left over is a mistake."""

from __future__ import annotations

import re
from typing import Any

SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "icd": "http://hl7.org/fhir/sid/icd-10-cm",
    "rx": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "exam": "https://posterior-hip-cds.example/fhir/CodeSystem/hip-exam",
}
DAY = r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d)?)?)?"
CODE = r"\[(?:" + "|".join(SYSTEMS) + r") [^\]\s]+\]"
QUOTED = r'"[^"]*"'
_SIDE_CODES = {
    "right": ("24028007", "Right (qualifier value)"),
    "left": ("7771000", "Left (qualifier value)"),
    "both": ("51440002", "Right and left (qualifier value)"),
}

Json = dict[str, Any]


class BadShorthand(ValueError):
    """A line that says something the shorthand does not know; the message quotes it."""


class Line:
    """What is left of one line, and the words that can still be taken from it."""

    def __init__(self, fact: str) -> None:
        self.fact = fact
        kind, colon, rest = fact.partition(":")
        self.kind = kind.strip()
        self.rest = rest.strip()
        if not colon or not self.kind:
            raise self.wrong("it does not begin with a kind and a colon")

    def wrong(self, why: str) -> BadShorthand:
        """The error to raise for this line."""
        return BadShorthand(f"{why}: {self.fact!r}")

    def words_until(self, *stops: str) -> str:
        """The text at the start: in quotes, or up to the first code in brackets or the first of `stops`."""
        quoted = re.match(QUOTED, self.rest)
        if quoted:
            self.rest = self.rest[quoted.end() :].strip()
            return quoted.group()[1:-1]
        ends = [m.start() for stop in (CODE, *stops) if (m := re.search(rf"(?<!\S){stop}(?!\S)", self.rest))]
        end = min(ends, default=len(self.rest))
        said, self.rest = self.rest[:end].strip(), self.rest[end:].strip()
        return said

    def take(self, pattern: str) -> re.Match[str] | None:
        """Take the first whole word or words that match out of the line."""
        found = re.search(rf"(?<!\S)(?:{pattern})(?!\S)", self.rest)
        if found:
            self.rest = f"{self.rest[: found.start()].strip()} {self.rest[found.end() :].strip()}".strip()
        return found

    def flag(self, *words: str) -> str | None:
        """Whichever of these words stands in the line."""
        found = self.take("|".join(re.escape(w) for w in words))
        return found.group() if found else None

    def day(self, *before: str) -> str | None:
        """The date after one of these words, as FHIR writes it."""
        found = self.take(f"(?:{'|'.join(before)}) (?P<day>{DAY})")
        return as_fhir_date(found["day"]) if found else None

    def period(self) -> tuple[str | None, str | None]:
        """`2025-09-15..2025-12-01`, an open end on either side, or one date for both."""
        found = self.take(rf"(?:on )?(?P<start>{DAY})?\.\.(?P<end>{DAY})?")
        if found:
            return as_fhir_date(found["start"]), as_fhir_date(found["end"])
        one = self.take(f"(?:on )?(?P<day>{DAY})")
        return (as_fhir_date(one["day"]), as_fhir_date(one["day"])) if one else (None, None)

    def quoted(self, after: str = "") -> str | None:
        """Words in quotes, after the word `after`."""
        found = self.take(f"{after} (?P<q>{QUOTED})" if after else f"(?P<q>{QUOTED})")
        return found["q"][1:-1] if found else None

    def codings(self) -> list[Json]:
        """Every code in brackets."""
        found: list[Json] = []
        while one := self.take(CODE):
            found += codings_in(one.group())
        return found

    def side(self) -> Json | None:
        """The side as a body site of its own."""
        found = self.take(r"\[?(?P<side>right|left|both)\]?")
        return side_concept(found["side"]) if found else None

    def end(self) -> None:
        """Nothing may be left. Raises BadShorthand."""
        if self.rest:
            raise self.wrong(f"not understood: {self.rest!r} in")


def codings_in(text: str) -> list[Json]:
    """The codes in brackets of a text."""
    pairs = (one[1:-1].split(" ") for one in re.findall(CODE, text))
    return [{"system": SYSTEMS[system], "code": code} for system, code in pairs]


def as_fhir_date(text: str | None) -> str | None:
    """A day, month or year stays as it is; a time of day gets seconds and a zone."""
    return f"{text}:00+00:00" if text and "T" in text else text


def side_concept(side: str) -> Json:
    """The qualifier right, left or both."""
    code, display = _SIDE_CODES[side]
    return {"coding": [{"system": SYSTEMS["sct"], "code": code, "display": display}], "text": side}


def concept(codings: list[Json], text: str | None) -> Json:
    """A CodeableConcept of what there is."""
    made: Json = {"coding": codings} if codings else {}
    if text:
        made["text"] = text
    return made


def present(members: Json) -> Json:
    """Without the members that were not said."""
    return {key: value for key, value in members.items() if value is not None}
