"""The Dockerfile, read as far as this project uses the format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Stage:
    """One FROM and what follows it. `steps` are RUN, COPY and WORKDIR in order: (instruction, rest, environment)."""

    image: str
    name: str
    environment: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """Where its process starts."""
        return next((rest for kind, rest, _ in reversed(self.steps) if kind == "WORKDIR"), "/")


def stages(inherited: Mapping[str, str]) -> list[Stage]:
    """Every stage; `inherited` is what the base image's environment holds."""
    found: list[Stage] = []
    for kind, rest in _instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if kind == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(image, name, dict(inherited)))
        else:
            _apply(found[-1], kind, rest)
    return found


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    whole = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", "")
    for line in filter(str.strip, whole.splitlines()):
        kind, _, rest = line.partition(" ")
        yield kind, rest.strip()


def _apply(stage: Stage, kind: str, rest: str) -> None:
    match kind:
        case "ENV":
            for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', rest):
                stage.environment[name] = Template(value.strip('"')).substitute(stage.environment)
        case "RUN" | "COPY" | "WORKDIR":
            stage.steps.append((kind, rest, dict(stage.environment)))
        case "USER":
            stage.user = rest
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        case "CMD":
            stage.command = json.loads(rest)
        case "HEALTHCHECK":
            stage.healthcheck = json.loads(rest.partition("CMD ")[2])
        case "LABEL" | "EXPOSE" | "VOLUME":
            pass
        case _:
            raise ValueError(f"{kind} is not understood here")


def context() -> list[str]:
    """Files below the project's folder that .dockerignore leaves in the build context."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    kept = [re.escape(line[1:]).replace(r"\*", "[^/]*") for line in patterns if line.startswith("!")]
    wanted = re.compile(f"({'|'.join(kept)})(/.*)?")
    tops = {line[1:].partition("/")[0] for line in patterns if line.startswith("!")}
    files = [path for top in tops for path in [ROOT / top, *(ROOT / top).rglob("*")] if path.is_file()]
    names = [str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts]
    return sorted(name for name in names if wanted.fullmatch(name))
