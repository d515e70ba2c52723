"""As much of a container engine as this machine's kernel gives a root user without one.

An image is built on a copy-on-write copy of this machine's own root directory, with this machine's Python in place of
the base image's: every RUN and COPY of the Dockerfile is carried out as written. A container sees that read-only,
has the temporary file systems, the user and the environment it was given, no capabilities, and shares one network
namespace, in which the ports are its own, with the other containers of the test.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.dockerfile import ROOT, Stage, context, stages

_TOOLS = ("chroot", "ip", "mount", "nsenter", "setpriv", "unshare")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PYTHON = "/usr/local/python"
_OWN = ("CDS_", "PYTEST", "PYTHON", "VIRTUAL_ENV", "POSTGRES_")
_SHARED_MEMORY = "/dev/shm:size=64m,mode=1777"  # noqa: S108 - an engine gives every container its own
_OUTSIDE = "/dev/shm"  # noqa: S108 - layers of an overlay must not lie in one another, so none below "/" itself
_WHICH = "import sys, venv; print(sys.executable)"
_HOSTS = "127.0.0.1 localhost db\n"


@dataclass(slots=True)
class Engine:
    """`folder` keeps the layers; `inside` runs a command in the containers' network."""

    folder: Path
    inside: list[str]
    final: Stage = field(init=False)
    layers: list[Path] = field(default_factory=list)

    def build(self) -> None:
        """Both stages of the Dockerfile. A step that fails fails the test, with what it printed."""
        build, self.final = stages({"PATH": f"{_PYTHON}/bin:{_SYSTEM_PATH}"})
        self.layers = [self._layer("base")]
        python = f"chmod 755 /root && {python_for(build.image)} -m venv {_PYTHON}"
        self._run({}, f"{python} && echo '{_HOSTS}' >/etc/hosts")
        built = self._carried_out(build, None)
        self._carried_out(self.final, built)

    def container(self, command: Sequence[str], environment: Mapping[str, str], tmpfs: Sequence[str]) -> list[str]:
        """The command line of a container that runs `command` as the image's user, root file system read-only."""
        root = self.folder / "root"
        mounts = [f"mount -t overlay overlay -o ro,lowerdir={self._lower()} {root}", *_devices(root)]
        for path, _, options in (one.partition(":") for one in (*tmpfs, _SHARED_MEMORY)):
            # As runc does it: the folder below lends its mode, whatever the options say.
            place = root / path.lstrip("/")
            mounts.append(f"m=$(stat -c %a {place}); mount -t tmpfs -o {options} tmpfs {place}; chmod $m {place}")
        uid, _, gid = self.final.user.partition(":")
        less = f"setpriv --reuid={uid} --regid={gid} --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs"
        told = " ".join(shlex.quote(f"{k}={v}") for k, v in {**self.final.environment, **environment}.items())
        start = f'cd {self.final.folder} && exec "$@"'
        return [
            *self.inside,
            *_own_mounts(mounts, f"exec chroot {root} {less} env -i {told} sh -c {shlex.quote(start)} container"),
            *command,
        ]

    def _carried_out(self, stage: Stage, earlier: Path | None) -> Path:
        self.layers = [self._layer(stage.name or "final"), self.layers[-1]]
        top, folder = self.layers[0], "/"
        for kind, rest, environment in stage.steps:
            if kind == "WORKDIR":
                folder = rest
                self._run(environment, f"mkdir -p {folder}")
            elif kind == "COPY":
                self._copy(rest, earlier, top, folder)
            else:
                self._run(environment, f"cd {folder} && {rest}")
        return top

    def _copy(self, rest: str, earlier: Path | None, top: Path, folder: str) -> None:
        *sources, target = [word for word in rest.split() if not word.startswith("--")]
        place = top / (target if target.startswith("/") else f"{folder}/{target}").lstrip("/")
        if rest.startswith("--from=build"):
            assert earlier is not None
            shutil.copytree(earlier / sources[0][1:], place, symlinks=True)
            return
        known = context()
        for source in sources:
            found = [name for name in known if name == source or name.startswith(f"{source}/")]
            assert found, f"COPY {source}: not in the build context"
            for name in found:
                own = place / (Path(name).name if name == source else name.removeprefix(f"{source}/"))
                own.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, own)

    def _run(self, environment: Mapping[str, str], command: str) -> None:
        root, work = self.folder / "root", self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        layers = f"lowerdir={self._lower(1)},upperdir={self.layers[0]},workdir={work}"
        mounts = [f"mount -t overlay overlay -o {layers} {root}", *_devices(root)]
        told = _own_mounts(mounts, f"exec chroot {root} sh -c {shlex.quote(command)}")
        machine = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}  # its package index
        done = subprocess.run(
            told, env={**machine, "HOME": "/root", **environment}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            pytest.fail(f"RUN {command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")

    def _layer(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir()
        return made

    def _lower(self, above: int = 0) -> str:
        return ":".join([*map(str, self.layers[above:]), "/"])


def _devices(root: Path) -> list[str]:
    return [f"mount --rbind {folder} {root}{folder}" for folder in ("/proc", "/dev")]


def _own_mounts(mounts: Sequence[str], last: str) -> list[str]:
    return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", "\n".join([*mounts, f'{last} "$@"']), "sh"]


def python_for(image: str) -> str:
    """An interpreter of the base image's minor version where this machine has one, else the one that runs the tests."""
    minor = ".".join(image.partition(":")[2].split(".")[:2])
    own = Path.home() / ".pyenv" / "versions"
    for found in (shutil.which(f"python{minor}"), *own.glob(f"{minor}.*/bin/python{minor}")):
        told = found and subprocess.run([found, "-c", _WHICH], capture_output=True, text=True, check=False)
        if told and told.returncode == 0:
            return told.stdout.strip()
    return f"{sys.base_prefix}/bin/python3.{sys.version_info.minor}"


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine with a network of its own. Skips the test where the kernel or the user does not allow it."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing or _TOOLS)}")
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine gives no namespaces")
    folder = Path(tempfile.mkdtemp(prefix="cds-image-", dir=_OUTSIDE))
    (folder / "root").mkdir()
    network = ["unshare", "--net", "sh", "-ec", f"ip link set lo up; touch {folder}/up; exec sleep 900"]
    with subprocess.Popen(network) as holder:
        try:
            while holder.poll() is None and not (folder / "up").exists():
                time.sleep(0.02)
            yield Engine(folder, ["nsenter", f"--net=/proc/{holder.pid}/ns/net", "--"])
        finally:
            holder.kill()
            shutil.rmtree(folder, ignore_errors=True)


_ASK = """
import json, sys, urllib.error, urllib.request
url, body = json.load(sys.stdin)
data = None if body is None else json.dumps(body).encode()
try:
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    answer = urllib.request.urlopen(asked, timeout=10)
except urllib.error.HTTPError as error:
    answer = error
except OSError:
    sys.exit("0")
print(json.dumps([answer.status, answer.read().decode()]))
"""


def ask(running: Engine, url: str, body: Any = None) -> tuple[int, str]:
    """Status and text of an answer inside the network; status 0 when nobody answers."""
    command = [*running.inside, sys.executable, "-c", _ASK]
    done = subprocess.run(command, input=json.dumps([url, body]), capture_output=True, text=True, check=False)
    status, text = json.loads(done.stdout) if done.returncode == 0 else (0, done.stderr)
    return int(status), str(text)
