"""Charts told in the shorthand of the example patients, taken in from real FHIR JSON."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from cards.chart import Chart
from tests.vignettes.run import send
from tests.vignettes.shorthand import request_of

TODAY = date(2026, 1, 15)


def told(*facts: str, without: Collection[str] = ()) -> Chart:
    """The chart of a woman of 45 with these facts, as the rules see it."""
    chart = send(request_of(["patient: F 45", *facts], TODAY, without=without), TODAY).chart
    assert chart is not None
    return chart
