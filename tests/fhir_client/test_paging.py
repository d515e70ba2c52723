"""Next links are followed to their end, or the answer says that it is partial."""

from collections.abc import Callable

import msgspec
import pytest

from cds_service.fhir.client import Fetched, FhirClient, NotFetched
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer


def fetch_conditions(client: FhirClient, base: str, seconds: float = 2.0) -> Fetched | NotFetched:
    return client.fetch(base, "t", {"key": "Condition?patient=p1"}, deadline_seconds=seconds)["key"]


def ids(outcome: Fetched | NotFetched) -> list[str]:
    assert isinstance(outcome, Fetched)
    bundles = [msgspec.json.decode(page) for page in outcome.pages]
    return [entry["resource"]["id"] for bundle in bundles for entry in bundle["entry"]]


def test_all_pages_are_read_in_order(server: HostileServer, client: FhirClient) -> None:
    links = (f"{server.base}/Condition?page=2", f"{server.base}?_getpages=opaque&x=3", "Condition?page=4")
    server.on("*", hostile.pages(*links, None))
    outcome = fetch_conditions(client, server.base)
    assert ids(outcome) == ["0", "1", "2", "3"]
    assert isinstance(outcome, Fetched)
    assert (outcome.complete, outcome.why_partial) == (True, None)
    assert [received.target for received in server.received] == [
        "/fhir/Condition?patient=p1",
        "/fhir/Condition?page=2",
        "/fhir?_getpages=opaque&x=3",
        "/fhir/Condition?page=4",
    ]


def test_a_body_is_handed_on_as_it_was_received(server: HostileServer, client: FhirClient) -> None:
    body = b' {"resourceType":"Observation", "valueQuantity":{"value":72.50}}\n'
    server.on("Observation", hostile.answers(body))
    outcome = client.fetch(server.base, "t", {"key": "Observation/1"}, deadline_seconds=2.0)["key"]
    assert outcome == Fetched((body,), complete=True, why_partial=None)


def test_a_compressed_body_is_unpacked(server: HostileServer, client: FhirClient) -> None:
    server.on("Condition", hostile.compressed(hostile.searchset(hostile.condition(7))))
    assert ids(fetch_conditions(client, server.base)) == ["7"]


def test_a_link_of_a_patient_is_not_a_page(server: HostileServer, client: FhirClient) -> None:
    patient = {"resourceType": "Patient", "link": [{"relation": "next", "url": f"{server.base}/Patient/2"}]}
    server.on("Patient", hostile.answers(patient))
    outcome = client.fetch(server.base, "t", {"key": "Patient/1"}, deadline_seconds=2.0)["key"]
    assert isinstance(outcome, Fetched)
    assert outcome.complete
    assert len(server.received) == 1


def test_endless_pages_stop_at_the_page_cap(server: HostileServer, make_client: Callable[..., FhirClient]) -> None:
    server.on("Condition", hostile.endless_pages())
    outcome = fetch_conditions(make_client(max_pages=3), server.base)
    assert isinstance(outcome, Fetched)
    assert (len(outcome.pages), outcome.complete, outcome.why_partial) == (3, False, "page cap")
    assert len(server.received) == 3


def test_many_entries_stop_at_the_entry_cap(server: HostileServer, make_client: Callable[..., FhirClient]) -> None:
    server.on("Condition", hostile.endless_pages())
    outcome = fetch_conditions(make_client(max_entries=2), server.base)
    assert isinstance(outcome, Fetched)
    assert (len(outcome.pages), outcome.complete, outcome.why_partial) == (2, False, "entry cap")


def test_a_page_that_points_to_itself_is_read_once(server: HostileServer, client: FhirClient) -> None:
    server.on("Condition", hostile.self_loop())
    outcome = fetch_conditions(client, server.base)
    assert isinstance(outcome, Fetched)
    assert (len(outcome.pages), outcome.complete) == (1, False)
    assert outcome.why_partial == "next link leads back to a page already read"
    assert len(server.received) == 1


@pytest.mark.parametrize("link", [5, None, "", ["x"]], ids=["number", "null", "empty", "list"])
def test_a_next_link_without_a_url_makes_the_answer_partial(
    server: HostileServer, client: FhirClient, link: object
) -> None:
    bundle = hostile.searchset(hostile.condition(1)) | {"link": [{"relation": "next", "url": link}]}
    server.on("Condition", hostile.answers(bundle))
    outcome = fetch_conditions(client, server.base)
    assert isinstance(outcome, Fetched)
    assert not outcome.complete


@pytest.mark.parametrize("link", ["next", {"relation": "next"}, [["next"]], [None], 3])
def test_links_of_the_wrong_shape_do_no_harm(server: HostileServer, client: FhirClient, link: object) -> None:
    server.on("Condition", hostile.answers(hostile.searchset(hostile.condition(1)) | {"link": link}))
    assert ids(fetch_conditions(client, server.base)) == ["1"]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (hostile.hangs(), "deadline"),
        (hostile.drips(where="body"), "deadline"),
        (hostile.answers({}, status=500), "a following page failed: the FHIR server answered 500"),
        (hostile.answers({}, status=410), "a following page failed: the FHIR server answered 410"),
        (hostile.truncated(), "a following page failed: the answer is not whole JSON"),
        (hostile.huge(200, declared=True), "a following page failed: the answer is larger than the limit"),
    ],
    ids=["hangs", "drips", "500", "410", "truncated", "huge"],
)
def test_what_was_read_is_kept_when_a_later_page_fails(
    server: HostileServer, client: FhirClient, second: hostile.Behaviour, why: str
) -> None:
    first = hostile.answers(hostile.searchset(hostile.condition(1), next_link="Condition?page=2"))
    server.on("Condition", hostile.in_turn(first, second))
    outcome = fetch_conditions(client, server.base, seconds=0.4)
    assert ids(outcome) == ["1"]
    assert isinstance(outcome, Fetched)
    assert (outcome.complete, outcome.why_partial) == (False, why)


def test_a_search_too_long_for_a_url_is_posted_with_the_same_parameters(
    server: HostileServer, client: FhirClient
) -> None:
    codes = ",".join(f"http://snomed.info/sct|{n}" for n in range(100_000, 100_100))
    client.fetch(server.base, "t", {"key": f"Condition?patient=p1&code={codes}"}, deadline_seconds=2.0)
    (received,) = server.received
    assert (received.method, received.target) == ("POST", "/fhir/Condition/_search")
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    assert received.body.decode() == f"patient=p1&code={codes}".replace("|", "%7C")


def test_a_short_search_is_a_get(server: HostileServer, client: FhirClient) -> None:
    fetch_conditions(client, server.base)
    (received,) = server.received
    assert (received.method, received.target) == ("GET", "/fhir/Condition?patient=p1")
    assert received.headers["accept"] == "application/fhir+json"
