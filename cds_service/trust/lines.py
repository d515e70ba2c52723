"""YAML read with line numbers, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cds_service.config import BadSetting


class BadRegistry(BadSetting):
    """The client registry cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class At:
    """A YAML node and the file that it is in."""

    path: Path
    node: Node

    def refuse(self, why: str) -> NoReturn:
        """Raise BadRegistry for this place."""
        raise BadRegistry(f"{self.path}:{self.node.start_mark.line + 1}: {why}")

    def members(self, known: Collection[str] | None = None) -> dict[str, At]:
        """The members of a mapping; with `known`, any other key is an error."""
        if not isinstance(self.node, MappingNode):
            self.refuse("a mapping of keys to values is expected here")
        found: dict[str, At] = {}
        for key_node, value in self.node.value:
            key = At(self.path, key_node).text()
            if known is not None and key not in known:
                At(self.path, key_node).refuse(f"unknown key '{key}'; known are {', '.join(sorted(known))}")
            if key in found:
                At(self.path, key_node).refuse(f"the key '{key}' stands twice")
            found[key] = At(self.path, value)
        return found

    def items(self) -> list[At]:
        """The items of a list."""
        if not isinstance(self.node, SequenceNode):
            self.refuse("a list is expected here")
        return [At(self.path, item) for item in self.node.value]

    def text(self) -> str:
        """A scalar's text; a number, `yes` or an empty value is not taken for text."""
        if not isinstance(self.node, ScalarNode) or not self.node.tag.endswith(":str") or not self.node.value.strip():
            self.refuse("a text is expected here; put quotes around a number or a word like yes or off")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def one_of(self, choices: Collection[str]) -> str:
        """A word out of `choices`; YAML's bare `off` and `on` count as the words that they are."""
        word = str(self.node.value) if isinstance(self.node, ScalarNode) else ""
        if word not in choices:
            self.refuse(f"'{word}' is not one of {', '.join(choices)}")
        return word


def read_yaml(path: Path) -> At:
    """The root of a YAML file. Raises BadRegistry."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise BadRegistry(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadRegistry(f"{path}: is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadRegistry(f"{path}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BadRegistry(f"{path}: is not YAML ({type(error).__name__})") from None
    if root is None:
        raise BadRegistry(f"{path}: is empty")
    return At(path, root)
