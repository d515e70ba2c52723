"""What is kept, and that it is the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, select, text

from cds_service.cli import main
from cds_service.store import (
    BadDatabaseUrl,
    Database,
    FeedbackItem,
    Impression,
    Recorder,
    SeenTokens,
    StoreDown,
    Suggested,
    keep_feedback,
    keep_impressions,
    purge,
)
from cds_service.store.tables import card, card_rule, card_suggestion, feedback, metadata, token
from tests.environment import set_only
from tests.store.postgres import Cluster

NOW = datetime(2026, 1, 15, 12, 30, 15, 250_000, tzinfo=UTC)


def impression(client: str = "ehr", shown_at: datetime = NOW) -> Impression:
    rules = (("cauda-equina", "1.2.0", "critical"), ("motor-deficit", "1.0.0", "warning"))
    offers = (Suggested(str(uuid4()), "create", "http://loinc.org|30679-5"), Suggested(str(uuid4()), "delete", None))
    return Impression(
        str(uuid4()), "posterior-hip-patient-view", "patient-view", client, "critical", shown_at, rules, offers
    )


def keep(database: Database, *items: FeedbackItem, client: str = "ehr", received_at: datetime = NOW) -> None:
    keep_feedback(database, items, service="posterior-hip-patient-view", client=client, received_at=received_at)


def rows(database: Database, table: object) -> list[dict[str, object]]:
    with database.transaction() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]  # type: ignore[call-overload]


def test_the_migrations_make_exactly_the_tables_that_the_code_names(database: Database) -> None:
    with database.transaction() as connection:
        ignored = {"schema_version"}
        context = MigrationContext.configure(connection, opts={"version_table": "schema_version", "compare_type": True})
        differences = compare_metadata(context, metadata)
    assert [d for d in differences if getattr(d[1], "name", None) not in ignored] == []


def test_a_card_leads_back_to_its_rules_versions_and_indicators(database: Database) -> None:
    shown = [impression(), impression()]
    keep_impressions(database, shown)
    assert {row["uuid"] for row in rows(database, card)} == {one.card for one in shown}
    of_first = [r for r in rows(database, card_rule) if r["card"] == shown[0].card]
    assert [(r["rule"], r["version"], r["indicator"]) for r in sorted(of_first, key=lambda r: str(r["place"]))] == [
        ("cauda-equina", "1.2.0", "critical"),
        ("motor-deficit", "1.0.0", "warning"),
    ]
    assert {(r["action"], r["code"]) for r in rows(database, card_suggestion) if r["card"] == shown[0].card} == {
        ("create", "http://loinc.org|30679-5"),
        ("delete", None),
    }


def test_no_column_could_hold_a_patient(database: Database) -> None:
    names = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    assert not {name for name in names if "patient" in name or "user" in name}
    assert {c.name for c in card.columns} == {"uuid", "service", "hook", "client", "indicator", "shown_at"}


def test_moments_come_back_in_utc_whatever_their_offset_was(database: Database) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    keep(database, FeedbackItem("c", "accepted", local))
    (row,) = rows(database, feedback)
    assert row["outcome_at"] == NOW
    assert isinstance(row["outcome_at"], datetime)
    assert row["outcome_at"].utcoffset() == timedelta(0)


def test_feedback_on_a_shown_card_is_matched_and_on_another_marked(database: Database) -> None:
    mine, theirs = impression(), impression(client="another")
    keep_impressions(database, [mine, theirs])
    for shown in (mine.card, theirs.card, "never-shown"):
        keep(database, FeedbackItem(shown, "overridden", NOW))
    assert {row["card"]: row["matched"] for row in rows(database, feedback)} == {
        mine.card: True,
        theirs.card: False,
        "never-shown": False,
    }


def test_feedback_is_on_the_disk_itself_before_it_is_acknowledged_which_others_need_not_be(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    database.prepare()
    full: list[bool] = []

    @event.listens_for(database._engine, "commit")
    def _(connection: Connection) -> None:
        full.append(connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2)

    shown = impression()
    keep_impressions(database, [shown])
    assert not any(full)
    full.clear()
    keep(database, FeedbackItem(shown.card, "accepted", NOW))
    assert full == [True]
    assert SeenTokens(database).first_use("i", "j", NOW, NOW)
    assert full == [True, False]
    database.close()


def test_the_same_report_twice_is_kept_once(database: Database) -> None:
    item = FeedbackItem("c", "accepted", NOW, ("s2", "s1"), comment="first")
    again = FeedbackItem("c", "accepted", NOW.astimezone(timezone(timedelta(hours=-3))), ("s1", "s2"), comment="second")
    keep(database, item, again)
    keep(database, again)
    keep(database, item, client="another")
    keep(database, FeedbackItem("c", "overridden", NOW))
    assert sorted((r["client"], r["outcome"], r["comment"]) for r in rows(database, feedback)) == [
        ("another", "accepted", "first"),
        ("ehr", "accepted", "second"),
        ("ehr", "overridden", None),
    ]


def test_a_batch_of_five_thousand_is_kept(database: Database) -> None:
    keep(database, *(FeedbackItem(f"card-{n}", "overridden", NOW) for n in range(5_000)))
    assert len(rows(database, feedback)) == 5_000


def test_a_token_is_used_once_over_processes_and_restarts(url: str) -> None:
    first, second = SeenTokens(Database(url)), SeenTokens(Database(url))
    end = NOW + timedelta(minutes=5)
    assert first.first_use("https://ehr", "j1", end, NOW)
    assert not first.first_use("https://ehr", "j1", end, NOW)
    assert not second.first_use("https://ehr", "j1", end, NOW)
    assert second.first_use("https://other", "j1", end, NOW)
    assert not SeenTokens(Database(url)).first_use("https://other", "j1", end, NOW)


def test_of_many_uses_at_once_one_is_the_first(url: str) -> None:
    workers = [SeenTokens(Database(url)) for _ in range(4)]
    for worker in workers:
        worker.database.prepare()
    end = NOW + timedelta(minutes=5)
    with ThreadPoolExecutor(16) as pool:
        firsts = list(pool.map(lambda n: workers[n % 4].first_use("https://ehr", "j", end, NOW), range(64)))
    assert firsts.count(True) == 1


def test_expired_tokens_are_swept_out(database: Database) -> None:
    seen = SeenTokens(database)
    assert seen.first_use("i", "old", NOW + timedelta(seconds=30), NOW)
    assert seen.first_use("i", "new", NOW + timedelta(hours=1), NOW + timedelta(minutes=10))
    assert len(rows(database, token)) == 1


def test_neither_issuer_nor_jti_can_be_read_from_the_table(database: Database) -> None:
    SeenTokens(database).first_use("https://ehr.example", "secret-jti", NOW, NOW)
    assert "secret-jti" not in str(rows(database, token))
    assert "ehr.example" not in str(rows(database, token))


def test_purge_deletes_what_is_too_old_and_empties_comments_earlier(database: Database) -> None:
    old, new = impression(shown_at=NOW - timedelta(days=800)), impression()
    keep_impressions(database, [old, new])
    for age, name in ((800, "ancient"), (100, "middle"), (1, "young")):
        keep(
            database,
            FeedbackItem(name, "overridden", NOW, comment="words"),
            received_at=NOW - timedelta(days=age),
        )
    done = purge(database, now=NOW, before=NOW - timedelta(days=730), comments_before=NOW - timedelta(days=90))
    assert (done.cards, done.feedback, done.comments) == (1, 1, 2)
    assert [r["uuid"] for r in rows(database, card)] == [new.card]
    assert {r["card"] for r in rows(database, card_rule)} == {new.card}
    assert {r["card"]: r["comment"] for r in rows(database, feedback)} == {"middle": None, "young": "words"}


SLOW_TO_DELETE = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); RETURN OLD; END';
CREATE TRIGGER slow BEFORE DELETE ON card FOR EACH ROW EXECUTE FUNCTION slowly()
"""


@pytest.mark.postgres
def test_purge_may_take_longer_than_a_call_may_wait(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.store.engine._POSTGRES_WAIT_MS", 200)
    with closing(Database(cluster.url())) as database:
        keep_impressions(database, [impression()])
        with database.transaction() as connection:
            connection.execute(text(SLOW_TO_DELETE))
        assert purge(database, now=NOW, before=NOW + timedelta(days=1), comments_before=NOW).cards == 1


def _prepare(url: str) -> bool:
    database = Database(url)
    database.prepare()
    return database.reachable()


def test_processes_that_start_together_migrate_once(url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_prepare, [url] * 3) == [True] * 3


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    made = Recorder(database)
    yield made
    made.close()  # before the database: a connection in use outlives its pool


def test_what_waits_to_be_recorded_can_be_written_at_once(database: Database, recorder: Recorder) -> None:
    database.prepare()
    shown = impression()
    recorder.record([shown])
    recorder.flush()
    assert [row["uuid"] for row in rows(database, card)] == [shown.card]


def test_what_is_recorded_is_written_soon_without_asking(database: Database, recorder: Recorder) -> None:
    database.prepare()
    shown = impression()
    recorder.record([shown])
    give_up = time.monotonic() + 5
    while not rows(database, card) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert [row["uuid"] for row in rows(database, card)] == [shown.card]


def test_a_recorder_that_is_closed_has_written_everything_and_can_begin_again(
    database: Database, recorder: Recorder
) -> None:
    database.prepare()
    for expected in ({"first"}, {"first", "second"}):
        recorder.record([replace(impression(), card=max(expected))])
        recorder.close()
        assert {row["uuid"] for row in rows(database, card)} == expected


def test_many_calls_at_once_are_all_recorded(database: Database, recorder: Recorder) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: recorder.record([impression(), impression()]), range(200)))
    give_up = time.monotonic() + 30
    seen = (0, 0)
    while seen != (400, 800) and time.monotonic() < give_up:
        time.sleep(0.05)
        with suppress(StoreDown):  # a machine that is busy answers late; the counts below decide
            seen = (len(rows(database, card)), len(rows(database, card_rule)))
    assert seen == (400, 800)


@pytest.mark.parametrize("address", ["sqlite:////proc/nowhere/store.sqlite", "postgresql://x@127.0.0.1:1/none"])
def test_a_database_that_is_down_is_said_to_be_and_costs_no_answer(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(address)
    assert not database.reachable()
    with pytest.raises(StoreDown):
        keep(database, FeedbackItem("c", "accepted", NOW))
    before = time.monotonic()
    for _ in range(50):
        Recorder(database).record([impression()])
    assert time.monotonic() - before < 5
    seen = SeenTokens(database)
    assert seen.first_use("i", "j", NOW + timedelta(minutes=5), NOW)
    assert not seen.first_use("i", "j", NOW + timedelta(minutes=5), NOW)
    assert "127.0.0.1:1" not in caplog.text
    assert "nowhere" not in caplog.text


def test_a_file_that_another_keeps_locked_is_a_database_that_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds_service.store.engine._SQLITE_WAIT_MS", 200)
    file = tmp_path / "store.sqlite"
    database = Database(f"sqlite:///{file}")
    database.prepare()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreDown, match="OperationalError"):
            keep(database, FeedbackItem("c", "accepted", NOW))
        assert not database.reachable()
        assert SeenTokens(database).first_use("i", "j", NOW + timedelta(minutes=5), NOW)
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: f"{url}?sslmode=verify-full", "OperationalError: server does not support SSL"),
        (lambda url: f"{url}-of-nobody", 'OperationalError: FATAL: database ".*-of-nobody" does not exist'),
    ],
)
def test_why_a_connection_failed_is_told_without_the_address(
    cluster: Cluster, change: Callable[[str], str], words: str
) -> None:
    url = cluster.url()
    with pytest.raises(StoreDown, match=words) as down:
        Database(change(url)).prepare()
    assert str(urlsplit(url).port) not in str(down.value)


@pytest.mark.postgres
def test_a_server_that_vanishes_while_it_is_waited_for_is_missed_within_seconds(cluster: Cluster) -> None:
    with closing(Database(cluster.url())) as database, database.transaction() as connection:
        wire = connection.connection.dbapi_connection.fileno()  # type: ignore[union-attr]
        with socket.socket(fileno=os.dup(wire)) as line:
            tcp = [
                line.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            ]
    idle, interval, count = tcp
    assert idle + interval * count <= 10


def test_a_database_that_comes_back_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "not-yet"
    database = Database(f"sqlite:///{folder}/store.sqlite")
    assert not database.reachable()
    folder.mkdir()
    give_up = time.monotonic() + 10
    while not database.reachable():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("not an address", "no database address"),
        ("mysql://x/y", "it takes"),
        ("", "no database address"),
        ("postgresql://user:p@ss:word@db/x", "%40 and %3A"),
    ],
)
def test_an_address_of_no_use_is_refused_without_repeating_it(address: str, words: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=words) as refused:
        Database(address)
    assert not address or address not in str(refused.value)
    assert "word@" not in str(refused.value)


def test_the_purge_command_uses_the_settings_and_its_own_options(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    now = datetime.now(UTC)
    for age in (800, 100, 1):
        item = FeedbackItem(f"age-{age}", "overridden", now, comment="words")
        keep(database, item, received_at=now - timedelta(days=age))
    set_only(monkeypatch, CDS_DATABASE_URL=url)

    def run(*options: str) -> str:
        assert main(["purge", *options]) == 0
        return capfd.readouterr().out.strip()

    assert run() == "deleted: 0 cards, 1 feedback, 2 comments, 0 tokens"
    assert run() == "deleted: 0 cards, 0 feedback, 0 comments, 0 tokens"
    assert run("--days", "50", "--comment-days", "0") == "deleted: 0 cards, 1 feedback, 1 comments, 0 tokens"


@pytest.mark.parametrize("options", [("--days", "-3"), ("--days", "0"), ("--comment-days", "-1"), ("--days", "x")])
def test_the_purge_command_never_deletes_what_is_younger_than_it_was_told(
    options: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database(url := f"sqlite:///{tmp_path}/store.sqlite")
    keep(database, FeedbackItem("today", "overridden", NOW, comment="words"), received_at=datetime.now(UTC))
    set_only(monkeypatch, CDS_DATABASE_URL=url)
    with pytest.raises(SystemExit):
        main(["purge", *options])
    assert "is no number of days" in capfd.readouterr().err
    assert [row["comment"] for row in rows(database, feedback)] == ["words"]


def test_feedback_stored_in_the_same_moment_as_its_card_is_matched_all_the_same(url: str) -> None:
    """By two replicas, each blind to what the other has not committed yet."""
    here, there = Database(url), Database(url)
    here.prepare()
    together = Barrier(2)

    def show(one: Impression) -> None:
        together.wait(10)
        keep_impressions(here, [one])

    def answer(one: Impression) -> None:
        together.wait(10)
        keep(there, FeedbackItem(one.card, "overridden", NOW))

    with ThreadPoolExecutor(2) as pool:
        for one in [impression() for _ in range(150)]:
            for done in [pool.submit(show, one), pool.submit(answer, one)]:
                done.result(10)
    assert [row["card"] for row in rows(here, feedback) if not row["matched"]] == []
    here.close()
    there.close()
