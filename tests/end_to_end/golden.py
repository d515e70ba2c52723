"""The answers kept beside the order requests of the synthetic patients. `python -m tests.end_to_end.golden` writes
them anew: read the difference before it is committed, for it is what clinicians will see."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import fhir_fixtures
from fhir_fixtures import ANCHOR, draft_request, draft_request_names
from tests.end_to_end.calls import service, with_prefetch

Json = dict[str, Any]
FOLDER = Path(fhir_fixtures.__file__).parent
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_YEAR = r'(?<=, )\d{4}(?= \()|(?<="date": ")\d{4}(?=")'  # where it is a record's date, not an edition
_DATE = re.compile(rf"\b(?:\d{{4}}-\d\d(?:-\d\d)?|(?:\d\d? )?(?:{_MONTHS}) \d{{4}})\b|{_YEAR}")


def path_of(name: str) -> Path:
    """Where the answer to a request is kept."""
    return FOLDER / draft_request(name, ANCHOR)["hook"] / "answers" / f"{name}.json"


def answer_to(name: str, today: date = ANCHOR) -> Json:
    """The answer to a request with everything prefetched, its uuids numbered in their order."""
    request = with_prefetch(name, today)
    response = service(today).test_client().post(f"/cds-services/posterior-hip-{request['hook']}", json=request)
    assert response.status_code == 200, response.get_data(as_text=True)
    numbers: dict[str, str] = {}
    text = _UUID.sub(
        lambda m: numbers.setdefault(m[0], f"00000000-0000-4000-8000-{len(numbers) + 1:012}"),
        response.get_data(as_text=True),
    )
    found: Json = json.loads(text)
    return found


def without_dates(node: Any) -> Any:
    """The same with every date, also those in sentences, made one."""
    return json.loads(_DATE.sub("<date>", json.dumps(node)))


def main() -> None:
    """Write every answer."""
    for name in draft_request_names():
        path = path_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(answer_to(name), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
