"""The Kubernetes manifests as they lie in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "kustomize"
BASE = FOLDER / "base"
EXAMPLE = FOLDER / "overlays" / "example"

Manifest = dict[str, Any]


@cache
def read(path: Path) -> Manifest:
    """The one document of a file."""
    found: Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def base() -> dict[str, Manifest]:
    """What the base lists, by kind/name."""
    listed = [read(BASE / name) for name in read(BASE / "kustomization.yaml")["resources"]]
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in listed}


def pod_templates() -> dict[str, Manifest]:
    """The pods that the base starts, by the component that they are."""
    service = base()["Deployment/posterior-hip-cds"]["spec"]["template"]
    purge = base()["CronJob/posterior-hip-cds-purge"]["spec"]["jobTemplate"]["spec"]["template"]
    return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one for one in (service, purge)}


def every(key: str, node: Any) -> Iterator[Any]:
    """The values of this key at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(key, value)
    elif isinstance(node, list):
        for value in node:
            yield from every(key, value)
