"""What Prometheus reads: complete over all workers, through their deaths, and bounded whatever clients send."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cards.rulebook import all_rules
from cds_service import create_app
from cds_service.config import BadSetting, Config
from cds_service.telemetry.shared import shared_folder
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.protocol.service import PATIENT_VIEW, Service, view
from tests.real_conditions.asking import CHART, access, request
from tests.telemetry.watched import Watched, until, watched

CALLS = {"service": PATIENT_VIEW, "client": "open"}
WHEN = "2026-01-15T12:30:00Z"
(CAUDA_EQUINA,) = (rule.version for rule in all_rules() if rule.id == "cauda-equina")


def test_every_call_is_counted_once_whichever_worker_answers(seen: Watched) -> None:
    before = seen.scrape()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: seen.service.call(PATIENT_VIEW, view()), range(40)))
    assert {a.status_code for a in answers} == {200}
    after = seen.scrape()

    def more(name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return after[key] - before.get(key, 0)

    assert more("cds_calls_total", **CALLS, status="200") == 40
    assert more("cds_call_seconds_count", stage="total") == 40
    assert more("cds_call_seconds_count", stage="rules") == 40
    assert more("cds_rule_fired_total", rule="cauda-equina", version=CAUDA_EQUINA, indicator="critical") == 40
    assert more("cds_cards_total", indicator="critical") == 40
    assert more("cds_calls_incomplete_total") == 40
    assert more("cds_rule_not_assessed_total", rule="malignancy") == 40
    assert more("cds_prefetch_total", client="open", key="conditions", state="hit") == 40
    assert more("cds_prefetch_total", client="open", key="observations", state="missing") == 40


def test_what_was_counted_outlives_the_workers_and_leaves_no_more_files(tmp_path: Path) -> None:
    with watched(tmp_path, {"CDS_AUTH": "open"}) as alone:
        for _ in range(10):
            alone.service.call(PATIENT_VIEW, view())
        folder = _folder_of(alone)
        until(lambda: len(list(folder.glob("counter_worker*.db"))) == 2)
        until(lambda: alone.value("cds_workers_started_total") == 2)  # each has said so before it is killed
        files = {path.name for path in folder.iterdir()}
        for worker in alone.workers():
            alone.kill(worker)
        for _ in range(5):
            alone.service.call(PATIENT_VIEW, view())
        until(lambda: alone.value("cds_workers_started_total") == 4)
        assert alone.value("cds_calls_total", **CALLS, status="200") == 15
        assert {path.name for path in folder.iterdir()} == files
    assert not folder.exists()


def _folder_of(alone: Watched) -> Path:
    """The folder whose lock this service holds."""
    opened = (path.resolve() for path in Path(f"/proc/{alone.service.process.pid}/fd").iterdir())
    (folder,) = {path.parent for path in opened if path.parent.name.startswith("posterior-hip-cds-metrics-")}
    return folder


def test_the_folder_of_a_killed_service_is_removed_by_the_next(tmp_path: Path) -> None:
    with watched(tmp_path, {"CDS_AUTH": "open"}, workers=1) as killed:
        folder = _folder_of(killed)
        workers = killed.workers()
        killed.service.process.kill()
        killed.service.process.wait()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in workers))
    assert folder.exists()
    with watched(tmp_path, {"CDS_AUTH": "open"}, workers=1):
        assert not folder.exists()


def test_what_clients_make_up_never_becomes_a_label(seen: Watched) -> None:
    for n in range(5):
        seen.service.call(f"marked-service-{n}", view(hook=f"marked-hook-{n}"))
        seen.service.call(PATIENT_VIEW, view(prefetch={f"marked-key-{n}": None}))
        seen.service.feedback(PATIENT_VIEW, [{"card": f"marked-card-{n}", "outcome": "accepted"}])
        seen.service.send("GET", f"/marked-{n}")
    scraped = seen.scrape()
    assert not [key for key in scraped if "marked" in str(key)]
    assert scraped["cds_calls_total", frozenset({"service": "unknown", "client": "none", "status": "404"}.items())] >= 5
    assert len(scraped) < 1_000


def all_recorded(seen: Watched) -> bool:
    """Whether the impression of every card sent is written."""
    told = seen.scrape().items()
    return (
        sum(value * {"cds_cards_total": 1, "cds_impressions_recorded_total": -1}.get(n, 0) for (n, _), value in told)
        == 0
    )


def test_feedback_is_counted_by_the_rule_that_led_the_card_and_once(seen: Watched) -> None:
    labels = {"rule": "cauda-equina", "outcome": "overridden"}
    card = seen.service.call(PATIENT_VIEW, view()).json()["cards"][0]["uuid"]
    until(lambda: all_recorded(seen))
    before = seen.value("cds_feedback_total", **labels)
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": WHEN}
    assert seen.service.feedback(PATIENT_VIEW, [item]).status_code == 200
    assert seen.value("cds_feedback_total", **labels) - before == 1
    seen.service.feedback(PATIENT_VIEW, [item, item])
    assert seen.value("cds_feedback_total", **labels) - before == 1


def test_fhir_queries_are_counted_by_what_they_came_to(seen: Watched, fhir: HostileServer) -> None:
    fhir.on("Observation", hostile.html(500))
    whole = request(CHART)
    names = {"ok": 8, "server-error": 1}
    before = {name: seen.value("cds_fhir_queries_total", outcome=name) for name in names}
    prefetch = {key: whole["prefetch"][key] for key in ("patient", "conditions")}
    seen.service.call(PATIENT_VIEW, whole | {"prefetch": prefetch} | access(fhir.base))
    assert {n: seen.value("cds_fhir_queries_total", outcome=n) - b for n, b in before.items()} == names


def test_the_recorder_and_the_build_are_told(seen: Watched) -> None:
    seen.service.call(PATIENT_VIEW, view())
    until(lambda: all_recorded(seen))
    assert seen.value("cds_recorder_lag_seconds_count") > 0
    assert [value for (name, _), value in seen.scrape().items() if name == "cds_build_info"] == [1]


def test_the_service_port_knows_no_metrics_whatever_the_host_header_says(seen: Watched) -> None:
    port = seen.metrics.rsplit(":", 1)[1]
    for headers in ({}, {"Host": f"127.0.0.1:{port}"}, {"X-Forwarded-Port": port, "X-Forwarded-Host": f"x:{port}"}):
        assert seen.service.send("GET", "/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/", "/cds-services", "/healthz", "/metrics/", "/openapi.json"])
def test_the_port_of_the_metrics_serves_nothing_else(seen: Watched, path: str) -> None:
    there = Service(seen.metrics, seen.service.process, seen.service.log)
    assert there.send("GET", path).status_code == 404
    assert there.send("POST", "/metrics").status_code == 404
    assert there.call(PATIENT_VIEW, view()).status_code == 404


def test_a_head_of_the_metrics_tells_their_length_and_is_no_reason_for_a_warning(seen: Watched) -> None:
    there = Service(seen.metrics, seen.service.process, seen.service.log)
    answer = there.send("HEAD", "/metrics")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1_000
    assert "no-body response" not in seen.service.log.read_text()


def test_without_a_port_there_are_no_metrics() -> None:
    app = create_app(Config(auth="open"))
    assert app.extensions["cds"].watch.metrics is None
    assert app.test_client().get("/metrics").status_code == 404


def test_a_folder_in_use_is_left_alone_by_others() -> None:
    with shared_folder() as first, shared_folder() as second:
        assert first.exists()
        assert second != first
    assert not first.exists()


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(BadSetting, match="CDS_METRICS_PORT"):
        Config.from_environment({"CDS_METRICS_PORT": port})
