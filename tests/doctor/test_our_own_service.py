"""This project's service, as its users run it, keeps everything that the doctor asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cds_service.doctor import Examination, Options, examine
from cds_service.doctor.keys import Keys
from cds_service.doctor.registry import all_checks
from tests.end_to_end.calls import with_prefetch
from tests.protocol.service import running_service
from tests.servers import free_port

ORIGIN = "https://ehr-page.example"
NOT_TIMED = "load-speed"
"""What a busy test machine says of speed is no verdict; `make bench` measures."""
VIGNETTES = ("V14", "V02b", "V38")
"""One a hook; together their cards create, update and delete."""


def examined(url: str, port: int, keys: Path | None = None) -> Examination:
    today = datetime.now(UTC).date()
    requests = tuple(with_prefetch(name, today) for name in VIGNETTES)
    return examine(Options(url=url, requests=requests, fhir_port=port, origin=ORIGIN, keys=keys, timeout=30))


def require_all_passed(done: Examination, skipped: set[str]) -> None:
    odd = {
        one.check.id: (one.outcome, one.note, [complaint.text for complaint in one.complaints])
        for one in done.results
        if one.outcome not in ("pass", "skip") and one.check.id != NOT_TIMED
    }
    assert odd == {}
    assert {one.check.id for one in done.results if one.outcome == "skip"} == skipped
    assert done.exit_code == 0


def test_in_open_mode_every_check_passes_but_those_of_tokens(tmp_path: Path) -> None:
    port = free_port()
    settings = {"CDS_AUTH": "open", "CDS_FHIR_SERVERS": f"http://127.0.0.1:{port}/fhir", "CDS_ORIGINS": ORIGIN}
    with running_service(tmp_path, settings) as service:
        done = examined(service.url, port)
    assert done.admission == "open"
    require_all_passed(done, {"discovery-https"} | {one.id for theme, one in all_checks() if theme.startswith("token")})


def test_in_required_mode_every_check_passes(tmp_path: Path) -> None:
    port, keys = free_port(), tmp_path / "keys"
    Keys.of(Options(url="http://127.0.0.1", keys=keys))
    registry = tmp_path / "clients.yaml"
    registry.write_text(
        "clients:\n  - name: doctor\n    issuer: https://cds-doctor.example\n    jwks: keys/jwks.json\n"
        f"    fhir_servers: [http://127.0.0.1:{port}/fhir]\n    origins: [{ORIGIN}]\n"
    )
    with running_service(tmp_path, {"CDS_CLIENTS": str(registry)}) as service:
        done = examined(f"{service.url}/cds-services", port, keys)
    assert done.admission == "signed"
    require_all_passed(done, {"discovery-https"})
