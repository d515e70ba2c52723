"""The client registry: a YAML file, checked as a whole before anything is served."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from cds_service.config import is_origin, parts_of
from cds_service.fhir.client.origin import insecure, parse_base
from cds_service.trust.client import ALGORITHMS, PROFILES, USUAL_ALGORITHMS, Client, Profile
from cds_service.trust.jwk import BadKeySet, read_key_set
from cds_service.trust.lines import At, BadRegistry, read_yaml

_LONGEST_NAME = 100
_KEYS = (
    "name",
    "issuer",
    "jwks",
    "jwks_url",
    "algorithms",
    "audiences",
    "tenants",
    "fhir_servers",
    "services",
    "origins",
    "profile",
    "replay",
    "order_codes",
    "prefetch_aliases",
    "links_allowed",
    "intent",
    "pama_ratings",
)


def read_registry(path: Path, *, services: Collection[str], prefetch_keys: Collection[str]) -> tuple[Client, ...]:
    """The clients of a registry file. `services` and `prefetch_keys` are the ids and keys that exist.

    Raises BadRegistry, whose message starts with file and line.
    """
    root = read_yaml(path).members(("clients",))
    if "clients" not in root:
        raise BadRegistry(f"{path}:1: the key 'clients' is missing")
    clients: dict[str, Client] = {}
    names: set[str] = set()
    for entry in root["clients"].items():
        client = _client(entry, services, prefetch_keys)
        if client.issuer in clients:
            entry.members()["issuer"].refuse(f"the issuer '{client.issuer}' is registered twice")
        if client.name in names:
            entry.members()["name"].refuse(f"the name '{client.name}' is given twice")
        clients[client.issuer] = client
        names.add(client.name)
    return tuple(clients.values())


def _client(entry: At, services: Collection[str], prefetch_keys: Collection[str]) -> Client:
    told = entry.members(_KEYS)
    for required in ("name", "issuer"):
        if required not in told:
            entry.refuse(f"the key '{required}' is missing")
    if ("jwks" in told) == ("jwks_url" in told):
        entry.refuse("give either 'jwks' (a file) or 'jwks_url'")
    aliases = _mapping(told.get("prefetch_aliases"))
    for alias, key in aliases.items():
        if key not in prefetch_keys:
            told["prefetch_aliases"].members()[alias].refuse(
                f"'{key}' is no prefetch key; they are {', '.join(prefetch_keys)}"
            )
    name = told["name"].text()
    if name == "open" or len(name) > _LONGEST_NAME:
        told["name"].refuse(f"a name has at most {_LONGEST_NAME} characters and is not 'open'")
    replay = told["replay"].one_of(("strict", "off")) if "replay" in told else "strict"
    return Client(
        name=name,
        issuer=told["issuer"].text(),
        jwks=_key_file(told["jwks"]) if "jwks" in told else None,
        jwks_url=_key_url(told["jwks_url"]) if "jwks_url" in told else None,
        algorithms=_choices(told.get("algorithms"), ALGORITHMS) or USUAL_ALGORITHMS,
        audiences=_texts(told.get("audiences")),
        tenants=_texts(told.get("tenants")),
        fhir_servers=tuple(_fhir_server(item) for item in _items(told.get("fhir_servers"))),
        services=_choices(told.get("services"), services),
        origins=tuple(_origin(item) for item in _items(told.get("origins"))),
        profile=cast(Profile, told["profile"].one_of(PROFILES)) if "profile" in told else "generic",
        strict_replay=replay == "strict",
        order_codes=MappingProxyType(_order_codes(told.get("order_codes"))),
        prefetch_aliases=MappingProxyType(aliases),
        links_allowed=tuple(_link(item) for item in _items(told.get("links_allowed"))),
        intent=_intent(told.get("intent")),
        pama_ratings=told["pama_ratings"].text() if "pama_ratings" in told else "",
    )


def _items(at: At | None) -> list[At]:
    return at.items() if at else []


def _texts(at: At | None) -> tuple[str, ...]:
    return at.texts() if at else ()


def _choices(at: At | None, known: Collection[str]) -> tuple[str, ...]:
    return tuple(item.one_of(known) for item in _items(at))


def _mapping(at: At | None) -> dict[str, str]:
    return {key: value.text() for key, value in at.members().items()} if at else {}


def _order_codes(at: At | None) -> dict[str, str]:
    for value in at.members().values() if at else ():
        system, _, code = value.text().rpartition("|")
        if not system or not code:
            value.refuse("a code is written system|code")
    return _mapping(at)


def _intent(at: At | None) -> Literal["order", "proposal"]:
    return "proposal" if at and at.one_of(("order", "proposal")) == "proposal" else "order"


def _key_file(at: At) -> Path:
    path = at.path.parent / at.text()
    try:
        read_key_set(path.read_bytes())
    except OSError as error:
        at.refuse(f"the key file {path} cannot be read ({error.strerror})")
    except BadKeySet as error:
        at.refuse(f"the key file {path} {error}")
    return path


def _key_url(at: At) -> str:
    url = at.text()
    parts = parts_of(url)
    base = parse_base(f"{parts.scheme}://{parts.netloc}")
    if base is None or parts.fragment:
        at.refuse("an absolute https address is expected here")
    if insecure(base):
        at.refuse("keys are fetched over https only, but from loopback")
    return url


def _fhir_server(at: At) -> str:
    base = parse_base(at.text())
    if base is None:
        at.refuse("a FHIR base is an absolute http(s) address without query")
    if reason := insecure(base):
        at.refuse(reason.replace("fhirServer", "a FHIR base"))
    return at.text().rstrip("/")


def _origin(at: At) -> str:
    text = at.text()
    if not is_origin(text):
        at.refuse("an origin is scheme://host[:port], without path; '*' is not possible")
    return text.lower()


def _link(at: At) -> str:
    parts = parts_of(at.text())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        at.refuse("a link prefix is an absolute http(s) address")
    return at.text()
