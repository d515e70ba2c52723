"""What is installed is what is here: data files travel along, and every dependency is locked by its hash."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from cds_service import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = ("cards", "cds_service", "fhir_fixtures")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(\[[a-z0-9,._-]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def canonical(requirement: str) -> str:
    """The package's name as registries compare it: lower case, dashes, no extras or versions."""
    name = re.split(r"[\[<>=;~! ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, set[str]]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for match in PIN.finditer(text):
        found.setdefault(canonical(match["name"]), set()).add(match["version"])
    return found


def test_the_wheel_holds_every_data_file(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    here = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert any(path.endswith(".json") for path in here)
    assert here <= packed


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock: Path) -> None:
    blocks = re.split(r"(?m)^(?=[a-z0-9])", lock.read_text(encoding="utf-8"))[1:]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in lock.read_text(encoding="utf-8")


def test_every_direct_dependency_is_locked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = settings["project"], settings["dependency-groups"]
    extras = project["optional-dependencies"]
    runtime = {canonical(each) for each in [*project["dependencies"], *extras["postgres"]]}
    demo = {canonical(each) for each in [*project["dependencies"], *extras["demo"], *groups["build"]]}
    dev = runtime | demo | {canonical(each) for each in groups["dev"]}
    for lock, wanted in (("runtime", runtime), ("demo", demo), ("dev", dev)):
        assert wanted - set(pins(lock)) == set(), f"run `make lock`: requirements/{lock}.txt is behind"


def test_the_locks_agree_on_every_version() -> None:
    dev = pins("dev")
    for lock in ("runtime", "demo", "build"):
        assert {name: versions for name, versions in pins(lock).items() if not versions <= dev[name]} == {}


def test_the_build_backend_in_the_lock_is_the_one_that_builds() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["dependency-groups"]["build"] == settings["build-system"]["requires"]


def bill_of_materials(folder: Path) -> Path:
    """Written by `make sbom` with the environment that runs the tests."""
    made, environment = folder / "sbom.json", sys.prefix
    settings = [f"VENV={environment}", f"SBOM={made}", f"--assume-old={environment}/.dev"]
    subprocess.run(["make", "sbom", *settings], check=True, cwd=ROOT, capture_output=True)
    return made


def test_the_bill_of_materials_lists_what_the_runtime_lock_pins_and_comes_out_the_same(tmp_path: Path) -> None:
    made = bill_of_materials(tmp_path)
    told = json.loads(made.read_bytes())
    assert (told["bomFormat"], told["metadata"]["component"]["version"]) == ("CycloneDX", __version__)
    listed = {(canonical(one["name"]), one["version"]) for one in told["components"]}
    assert listed == {(name, version) for name, versions in pins("runtime").items() for version in versions}
    again = tmp_path / "again"
    again.mkdir()
    assert bill_of_materials(again).read_bytes() == made.read_bytes()


def test_the_version_is_the_same_wherever_it_stands() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    label = re.search(r'image\.version="([^"]+)"', (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert {
        settings["project"]["version"],
        label[1] if label else None,
        compose["services"]["cds"]["image"].removeprefix("posterior-hip-cds:"),
    } == {__version__}
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
