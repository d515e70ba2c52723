"""Feedback over HTTP: the specification's shape, Epic's, bad items, repeats, and what survives a crash."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.protocol.service import PATIENT_VIEW, Service, empties, running_service, view
from tests.store.postgres import running_postgres

WHEN = "2026-01-15T12:30:00.250Z"


def accepted(card: str, suggestion: str, **members: Any) -> dict[str, Any]:
    return {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": suggestion}],
        "outcomeTimestamp": WHEN,
        **members,
    }


def overridden(card: str, **members: Any) -> dict[str, Any]:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": WHEN, **members}


def kept(service: Service, card: str) -> list[dict[str, Any]]:
    """The rows about a card, straight from the database file."""
    connection = sqlite3.connect(f"file:{service.log.parent / 'store.sqlite'}?mode=ro", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM feedback WHERE card = ? ORDER BY outcome_at", (card,))
        return [dict(row) for row in rows]
    finally:
        connection.close()


def stored(answer: Any) -> int:
    assert answer.status_code == 200, answer.text
    assert empties(answer.json()) == []
    return int(answer.json()["stored"])


def test_a_shown_card_is_matched_and_leads_back_to_its_rule(opened: Service) -> None:
    card = opened.call(PATIENT_VIEW, view()).json()["cards"][0]
    assert stored(opened.feedback(PATIENT_VIEW, [accepted(card["uuid"], card["suggestions"][0]["uuid"])])) == 1
    give_up = time.monotonic() + 5
    while not kept(opened, card["uuid"])[0]["matched"] and time.monotonic() < give_up:
        time.sleep(0.05)
    (row,) = kept(opened, card["uuid"])
    assert (row["matched"], row["outcome"], row["client"]) == (1, "accepted", "open")
    connection = sqlite3.connect(f"file:{opened.log.parent / 'store.sqlite'}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT rule, version, indicator FROM card_rule WHERE card = ?", (card["uuid"],))
        told = [{"id": r, "version": v, "indicator": i} for r, v, i in found]
    finally:
        connection.close()
    assert told == card["extension"]["org.posterior-hip-cds"]["rules"]


def test_the_answer_is_the_count_and_nothing_empty(opened: Service) -> None:
    assert opened.feedback(PATIENT_VIEW, [overridden(str(uuid4()))]).json() == {"stored": 1}


def test_the_same_batch_again_has_the_same_answer_and_adds_nothing(opened: Service) -> None:
    card = str(uuid4())
    batch = [overridden(card), overridden(card, outcomeTimestamp="2026-01-15T13:30:00.25+01:00"), accepted(card, "s")]
    assert [stored(opened.feedback(PATIENT_VIEW, batch)) for _ in range(2)] == [3, 3]
    assert len(kept(opened, card)) == 2


def test_a_batch_with_bad_items_keeps_the_good_ones_and_names_the_bad(opened: Service) -> None:
    good = [str(uuid4()), str(uuid4())]
    batch = [overridden(good[0]), {"card": good[0]}, 5, None, overridden("not an id!"), overridden(good[1])]
    answer = opened.feedback(PATIENT_VIEW, batch)
    assert stored(answer) == 2
    assert [(r["index"], r["path"]) for r in answer.json()["rejected"]] == [
        (1, "$.feedback[1].outcome"),
        (2, "$.feedback[2]"),
        (3, "$.feedback[3]"),
        (4, "$.feedback[4].card"),
    ]
    assert all(len(kept(opened, card)) == 1 for card in good)


BAD: list[Any] = [
    {},
    {"card": "c", "outcome": "accepted", "outcomeTimestamp": WHEN},
    accepted("c", "s", acceptedSuggestions=[]),
    accepted("c", "s", acceptedSuggestions=[{}]),
    accepted("c", "s", acceptedSuggestions="s"),
    overridden("c", outcome="ignored"),
    overridden("c", outcome=None),
    overridden("c", outcomeTimestamp=None),
    overridden("c", outcomeTimestamp=1_768_480_200),
    overridden("c", outcomeTimestamp="2026-01-15"),
    overridden("c", outcomeTimestamp="2026-01-15T12:30:00"),
    overridden("c", outcomeTimestamp="2026-13-15T12:30:00Z"),
    overridden("c", outcomeTimestamp="0001-01-01T00:00:00+14:00"),
    overridden("c", outcomeTimestamp="2026-01-15T12:30:00Z\n"),
    overridden("c", overrideReason="no"),
    overridden("c", overrideReason={"userComment": 5}),
    overridden("c", overrideReason={"reason": "no"}),
    overridden(""),
    overridden("x" * 101),
    {**overridden("c"), "card": 5},
]


@pytest.mark.parametrize("item", BAD, ids=range(len(BAD)))
def test_a_batch_with_only_bad_items_is_400(opened: Service, item: Any) -> None:
    answer = opened.feedback(PATIENT_VIEW, [item])
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"][0].startswith("$.feedback[0]")


@pytest.mark.parametrize("body", [{}, {"feedback": None}, {"feedback": []}, {"feedback": {}}, {"feedback": "x"}])
def test_a_body_without_items_is_400(opened: Service, body: Any) -> None:
    answer = opened.send("POST", f"/cds-services/{PATIENT_VIEW}/feedback", json=body)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["$.feedback"]


@pytest.mark.parametrize(
    ("written", "kept_as"),
    [
        ("2026-01-15T12:30:00Z", "2026-01-15 12:30:00.000000"),
        ("2026-01-15t12:30:00z", "2026-01-15 12:30:00.000000"),
        ("2026-01-15T12:30:00.1Z", "2026-01-15 12:30:00.100000"),
        ("2026-01-15T12:30:00.123456789Z", "2026-01-15 12:30:00.123456"),
        ("2026-01-15T12:30:00+05:30", "2026-01-15 07:00:00.000000"),
        ("2026-01-15T23:30:00.5-08:00", "2026-01-16 07:30:00.500000"),
        ("2016-12-31T23:59:60Z", "2016-12-31 23:59:59.000000"),
    ],
)
def test_timestamps_with_offsets_and_fractions_are_understood(opened: Service, written: str, kept_as: str) -> None:
    card = str(uuid4())
    stored(opened.feedback(PATIENT_VIEW, [overridden(card, outcomeTimestamp=written)]))
    assert [row["outcome_at"] for row in kept(opened, card)] == [kept_as]


def test_reason_and_comment_are_kept_and_the_comment_is_cut(opened: Service) -> None:
    card = str(uuid4())
    reason = {"reason": {"system": "urn:toy", "code": "not-applicable", "display": "N/A"}, "userComment": "ä" * 5_000}
    stored(opened.feedback(PATIENT_VIEW, [overridden(card, overrideReason=reason)]))
    (row,) = kept(opened, card)
    assert (row["reason_system"], row["reason_code"], row["reason_display"]) == ("urn:toy", "not-applicable", "N/A")
    assert row["comment"] == "ä" * 2_000
    assert "ä" not in opened.log.read_text()


EPIC: list[tuple[Any, tuple[Any, Any, Any]]] = [
    ({"reason": {"code": "5", "system": "urn:oid:1.2"}}, ("5", None, None)),
    ({"reason": {"code": "5"}, "userComment": "c"}, ("5", None, "c")),
    ({"userComment": "c", "extension": {"com.epic.x.reasonDisplay": "Known"}}, (None, "Known", "c")),
    ({"extension": {"com.epic.x.reasonTitle": "T", "com.epic.x.reasonCategory": 3}}, (None, "T", None)),
    ([{"reason": {"code": "6"}}], ("6", None, None)),
    ({}, (None, None, None)),
    ([], (None, None, None)),
    (None, (None, None, None)),
]


@pytest.mark.parametrize(("plural", "expected"), EPIC, ids=range(len(EPIC)))
def test_the_shape_that_epic_sends_is_understood(opened: Service, plural: Any, expected: tuple[Any, Any, Any]) -> None:
    card = str(uuid4())
    assert stored(opened.feedback(PATIENT_VIEW, [overridden(card, overrideReasons=plural)])) == 1
    (row,) = kept(opened, card)
    assert (row["reason_code"], row["reason_display"], row["comment"]) == expected


def test_odd_but_legal_items_are_kept(opened: Service) -> None:
    card = str(uuid4())
    urn = f"urn:uuid:{card.upper()}"
    items = [
        overridden(urn, extra={"a": None}, overrideReason=None),
        accepted(card, "s", acceptedSuggestions=[{"id": "A"}, {"id": "b", "x": 1}], overrideReason={}),
        overridden(card, outcomeTimestamp="2026-01-16T00:00:00Z", overrideReason={"userComment": "nul \x00 here"}),
    ]
    assert stored(opened.feedback(PATIENT_VIEW, items)) == 3
    rows = kept(opened, card)
    assert len(rows) == 3
    assert rows[-1]["comment"] == "nul  here"
    assert not any(row["matched"] for row in rows)


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    settings = {"CDS_AUTH": "open"}
    cards = []
    with running_service(tmp_path, settings) as service:
        for _ in range(30):
            cards.append(str(uuid4()))
            assert stored(service.feedback(PATIENT_VIEW, [overridden(cards[-1])])) == 1
        pid = service.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert children
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        service.process.send_signal(signal.SIGKILL)
        service.process.wait(10)
        time.sleep(0.2)
    with running_service(tmp_path, settings) as service:
        assert all(len(kept(service, card)) == 1 for card in cards)
        assert stored(service.feedback(PATIENT_VIEW, [overridden(cards[0])])) == 1
        assert len(kept(service, cards[0])) == 1


@pytest.fixture
def without_database(tmp_path: Path) -> Iterator[Service]:
    settings = {"CDS_AUTH": "open", "CDS_DATABASE_URL": "postgresql://secret:word@127.0.0.1:1/none"}
    with running_service(tmp_path, settings, workers=1) as service:
        yield service


def test_without_a_database_calls_are_answered_and_feedback_is_asked_to_come_back(without_database: Service) -> None:
    began = time.monotonic()
    answers = [without_database.call(PATIENT_VIEW, view()) for _ in range(20)]
    assert {a.status_code for a in answers} == {200}
    assert time.monotonic() - began < 10
    answer = without_database.feedback(PATIENT_VIEW, [overridden("c")])
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["issue"][0]["code"] == "transient"
    assert without_database.send("GET", "/healthz").status_code == 200
    ready = without_database.send("GET", "/readyz")
    assert ready.status_code == 503
    for text in (answer.text, ready.text, without_database.log.read_text()):
        assert "word" not in text
        assert "127.0.0.1:1/" not in text


@pytest.mark.postgres
def test_a_database_that_comes_back_takes_feedback_again(tmp_path: Path) -> None:
    with running_postgres() as cluster:
        settings = {"CDS_AUTH": "open", "CDS_DATABASE_URL": cluster.url()}
        with running_service(tmp_path, settings) as service:
            assert stored(service.feedback(PATIENT_VIEW, [overridden("a")])) == 1
            cluster.stop()
            assert service.feedback(PATIENT_VIEW, [overridden("b")]).status_code == 503
            assert service.call(PATIENT_VIEW, view()).status_code == 200
            cluster.start()
            give_up = time.monotonic() + 20
            while service.feedback(PATIENT_VIEW, [overridden("b")]).status_code != 200:
                assert time.monotonic() < give_up
                time.sleep(0.1)
            while service.send("GET", "/readyz").status_code != 200:
                assert time.monotonic() < give_up
                time.sleep(0.1)
