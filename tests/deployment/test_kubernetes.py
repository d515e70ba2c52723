"""The Kubernetes manifests: each is valid by itself, they agree with each other, and with what the service takes."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service import __version__, registered_clients
from cds_service.cli import _parser
from cds_service.config import Config
from cds_service.serve import SETTINGS
from tests.deployment.manifests import BASE, EXAMPLE, FOLDER, Manifest, base, every, pod_templates, read

FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")
VERSIONS = ("1.30", "1.33", "1.37")
PROBES = ("startup", "liveness", "readiness")
LABELS = {"app.kubernetes.io/name": "posterior-hip-cds", "app.kubernetes.io/component": "service"}
SETTINGS_MAP, CLIENTS_MAP = "ConfigMap/posterior-hip-cds-settings", "ConfigMap/posterior-hip-cds-clients"


@pytest.fixture(scope="module")
def kubernetes_validate() -> Any:
    """Imported only where it is used: a second and more, which each process that collects the tests would pay."""
    return importlib.import_module("kubernetes_validate")


def container(component: str) -> Manifest:
    (found,) = pod_templates()[component]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_manifest_is_valid_by_itself_and_has_no_member_that_kubernetes_does_not_know(
    path: Path, version: str, kubernetes_validate: Any
) -> None:
    kubernetes_validate.validate(read(path), version, strict=True)


def test_a_misspelt_member_would_be_noticed(kubernetes_validate: Any) -> None:
    wrong = {**read(BASE / "service.yaml"), "spce": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
def test_each_file_is_listed_and_each_listed_file_is_there(folder: Path) -> None:
    listed = read(folder / "kustomization.yaml")
    named = [*listed["resources"], *(patch["path"] for patch in listed.get("patches", ()))]
    assert sorted(path.name for path in folder.glob("*.yaml")) == sorted(
        ["kustomization.yaml", *(name for name in named if "/" not in name)]
    )


def test_a_patch_of_the_example_names_a_manifest_of_the_base() -> None:
    patches = [read(EXAMPLE / patch["path"]) for patch in read(EXAMPLE / "kustomization.yaml")["patches"]]
    assert {f"{one['kind']}/{one['metadata']['name']}" for one in patches} <= set(base())


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, to put the overlay together")
def test_the_example_can_be_put_together_and_is_valid(kubernetes_validate: Any) -> None:
    told = subprocess.run(["kubectl", "kustomize", EXAMPLE], capture_output=True, text=True, check=True).stdout
    made = list(yaml.safe_load_all(told))
    assert len(made) == len(base()) + 1
    assert {one["metadata"]["namespace"] for one in made} == {"posterior-hip-cds"}
    assert set(every("image", made)) == {f"registry.example/posterior-hip-cds:{__version__}"}
    for one in made:
        kubernetes_validate.validate(one, VERSIONS[-1], strict=True)


def test_what_selects_pods_selects_those_of_the_service_and_only_the_policy_the_purge_too() -> None:
    pods = {component: one["metadata"]["labels"] for component, one in pod_templates().items()}
    assert pods["service"] == LABELS
    made = base()
    selectors = [
        made["Service/posterior-hip-cds"]["spec"]["selector"],
        made["Deployment/posterior-hip-cds"]["spec"]["selector"]["matchLabels"],
        made["PodDisruptionBudget/posterior-hip-cds"]["spec"]["selector"]["matchLabels"],
    ]
    assert selectors == 3 * [LABELS]
    policy = made["NetworkPolicy/posterior-hip-cds"]["spec"]["podSelector"]["matchLabels"]
    assert all(policy.items() <= labels.items() for labels in pods.values())
    target = made["HorizontalPodAutoscaler/posterior-hip-cds"]["spec"]["scaleTargetRef"]
    assert f"{target['kind']}/{target['name']}" in made
    assert "replicas" not in made["Deployment/posterior-hip-cds"]["spec"]


@pytest.mark.parametrize("component", ["service", "purge"])
def test_names_that_a_pod_refers_to_exist(component: str) -> None:
    pod = pod_templates()[component]["spec"]
    assert f"ServiceAccount/{pod['serviceAccountName']}" in base()
    assert {f"ConfigMap/{one['name']}" for one in every("configMapRef", pod)} == {SETTINGS_MAP}
    assert {f"ConfigMap/{one['name']}" for one in every("configMap", pod)} <= {CLIENTS_MAP}
    assert [(one["name"], one["key"]) for one in every("secretKeyRef", pod)] == [("posterior-hip-cds-database", "url")]
    assert {one["name"] for one in container(component)["volumeMounts"]} <= {one["name"] for one in pod["volumes"]}


def test_ports_agree_from_the_ingress_to_the_socket() -> None:
    port, metrics = container("service")["ports"]
    command = _parser().parse_args(container("service")["args"])
    assert (port["containerPort"], command.host) == (command.port, "0.0.0.0")  # noqa: S104 - a pod's own address
    (outside,) = base()["Service/posterior-hip-cds"]["spec"]["ports"]
    assert outside["targetPort"] == port["name"]
    assert {one["httpGet"]["port"] for name in ("startup", "liveness", "readiness") for one in [probe(name)]} == {
        "http"
    }
    inward, watching = base()["NetworkPolicy/posterior-hip-cds"]["spec"]["ingress"]
    assert [one["port"] for one in inward["ports"]] == [port["name"]]
    assert [one["port"] for one in watching["ports"]] == [metrics["name"]]
    told = Config.from_environment(base()[SETTINGS_MAP]["data"])
    assert (told.metrics_port, told.metrics_host) == (metrics["containerPort"], "0.0.0.0")  # noqa: S104 - as above
    (backend,) = every("backend", read(EXAMPLE / "ingress.yaml"))
    assert backend["service"] == {"name": "posterior-hip-cds", "port": {"name": outside["name"]}}


def probe(name: str) -> Manifest:
    return dict(container("service")[f"{name}Probe"])


def test_no_probe_depends_on_the_database() -> None:
    assert {probe(name)["httpGet"]["path"] for name in PROBES} == {"/healthz"}


def test_a_stopping_pod_has_the_time_that_its_calls_may_take() -> None:
    waits = container("service")["lifecycle"]["preStop"]["exec"]["command"][-1]
    assert "time.sleep(5)" in waits
    grace = pod_templates()["service"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > 5 + SETTINGS["graceful_timeout"]


@pytest.mark.parametrize("component", ["service", "purge"])
def test_a_container_may_do_and_use_no_more_than_it_needs(component: str) -> None:
    pod, own = pod_templates()[component]["spec"], container(component)
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]) == (10001, True)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert own["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(own["resources"]["limits"]) == set(own["resources"]["requests"]) == {"cpu", "memory"}
    assert own["image"] == f"posterior-hip-cds:{__version__}"
    assert callable(_parser().parse_args(own["args"]).run)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
def test_the_settings_and_the_registry_are_ones_that_the_service_takes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**read(BASE / "settings.yaml")["data"], **read(folder / "settings.yaml")["data"]}
    known = (Path(__file__).parents[2] / "cds_service" / "config.py").read_text(encoding="utf-8")
    assert [name for name in settings if f'"{name}"' not in known] == []
    registry = tmp_path / Path(settings["CDS_CLIENTS"]).name
    registry.write_text(read(folder / "clients.yaml")["data"][registry.name], encoding="utf-8")
    clients = registered_clients(Config.from_environment({**settings, "CDS_CLIENTS": str(registry)}))
    assert len(clients) == (1 if folder is EXAMPLE else 0)
    for component in ("service", "purge"):
        mounted = {one["mountPath"] for one in container(component)["volumeMounts"]}
        assert str(Path(settings["CDS_CLIENTS"]).parent) in mounted
