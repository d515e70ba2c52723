"""What the service exports, read from the metrics themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from prometheus_client import Counter, Histogram

from cds_service import create_app
from cds_service.config import Config


@dataclass(frozen=True, slots=True)
class Exported:
    """A metric: the name as a query writes it, without a histogram's endings; its labels; its help."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str

    def samples(self) -> dict[str, set[str]]:
        """Each sample's name with its labels."""
        if self.kind != "histogram":
            return {self.name: set(self.labels)}
        plain = {f"{self.name}_{end}": set(self.labels) for end in ("sum", "count")}
        return {**plain, f"{self.name}_bucket": {*self.labels, "le"}}


@cache
def exported() -> tuple[Exported, ...]:
    """All of them."""
    registry = create_app(Config(auth="open", metrics_port=1)).extensions["cds"].watch.metrics.registry
    return tuple(
        Exported(
            metric._name + ("_total" if isinstance(metric, Counter) else ""),
            "counter" if isinstance(metric, Counter) else "histogram" if isinstance(metric, Histogram) else "gauge",
            tuple(metric._labelnames),
            metric._documentation,
        )
        for metric in registry._collector_to_names
    )
