"""Request and answer stand side by side in the fixtures, and the service still answers so."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fhir_fixtures import draft_request_names
from tests.end_to_end.golden import FOLDER, answer_to, path_of, without_dates

ANOTHER_DAY = date(2027, 2, 28)
NAMES = draft_request_names()


def kept(name: str) -> object:
    return json.loads(path_of(name).read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_the_one_kept(name: str) -> None:
    assert answer_to(name) == kept(name), "read what changed, then run: make golden"


@pytest.mark.parametrize("name", NAMES)
def test_on_another_day_the_answer_differs_in_nothing_but_its_dates(name: str) -> None:
    assert without_dates(answer_to(name, ANOTHER_DAY)) == without_dates(kept(name))


def test_every_answer_kept_belongs_to_a_request() -> None:
    assert {path.stem for path in FOLDER.glob("order-*/answers/*.json")} == set(NAMES)
