"""The integration guide says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from cds_service.config import Config
from cds_service.fhir.prefetch import templates
from cds_service.hooks.feedback import LONGEST_COMMENT
from cds_service.hooks.services import SERVICES
from cds_service.trust.client import ALGORITHMS, PROFILES
from cds_service.trust.registry import _KEYS as REGISTRY_KEYS

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "integrate.md").read_text(encoding="utf-8")
SECURITY = (DOCS / "security.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after `heading`, without its head."""
    table = re.search(r"\n((?:\|.*\n)+)", GUIDE[GUIDE.index(heading) :])
    assert table is not None
    lines = table[1].strip().splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def test_the_prefetch_table_is_the_one_of_discovery() -> None:
    told = [(row[0], row[1]) for row in rows("<!-- prefetch table")]
    asked = [(f"`{k}`", f"`{re.sub('code=[^&]+', 'code=…', t)}`") for k, t in templates().items()]
    assert told == asked
    assert all(len(row) == 4 and all(row) for row in rows("<!-- prefetch table"))


def test_every_key_of_the_registry_is_explained() -> None:
    told = {key for row in rows("## 1. Register") for key in re.findall(r"`(\w+)`", row[0])}
    assert told == set(REGISTRY_KEYS)


def test_every_algorithm_and_profile_is_named() -> None:
    (algorithms,) = (row for row in rows("## 1. Register") if row[0] == "`algorithms`")
    assert set(re.findall(r"[A-Z]{2}\d{3}", " ".join(algorithms))) == set(ALGORITHMS)
    (profile,) = (row for row in rows("## 1. Register") if row[0] == "`profile`")
    assert set(re.findall(r"`(\w+)`", profile[2])) == set(PROFILES)


def test_every_service_is_listed_with_its_hook_and_address() -> None:
    told = [(row[0], row[1], row[2]) for row in rows("# Connecting")]
    assert told == [(f"`{s.id}`", s.hook, f"`POST {{base}}/cds-services/{s.id}`") for s in SERVICES]


def test_retention_and_limits_are_those_of_the_settings() -> None:
    config = Config()
    assert f"`CDS_RETENTION_DAYS` ({config.retention_days})" in SECURITY
    assert f"`CDS_COMMENT_RETENTION_DAYS` ({config.comment_retention_days})" in SECURITY
    assert f"{LONGEST_COMMENT:,} characters" in SECURITY
    assert f"{LONGEST_COMMENT:,} characters" in GUIDE
