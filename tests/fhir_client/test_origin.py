"""Which servers may be asked, and which paths of them."""

import pytest

from cds_service.fhir.client import server_allowed
from cds_service.fhir.client.origin import Base, next_target, parse_base, query_target

LISTED = (
    "https://ehr.example/fhir/R4",
    "https://ehr.example:8443/fhir",
    "https://10.1.2.3/fhir",
    "https://[fd00::1]/fhir",
    "http://127.0.0.1:8081/fhir",
    "http://localhost:8081/fhir/",
    "http://[::1]:8081/fhir",
    "http://plain.example/fhir",
    "not a url",
)


@pytest.mark.parametrize(
    "server",
    [
        "https://ehr.example/fhir/R4",
        "https://ehr.example/fhir/R4/",
        "HTTPS://EHR.Example/fhir/R4",
        "https://ehr.example:443/fhir/R4",
        "https://ehr.example:8443/fhir",
        "https://10.1.2.3/fhir",
        "https://[FD00:0::1]/fhir",
        "http://127.0.0.1:8081/fhir/",
        "http://localhost:8081/fhir",
        "http://[0::1]:8081/fhir",
    ],
)
def test_a_listed_server_is_allowed_however_it_is_spelt(server: str) -> None:
    assert server_allowed(server, LISTED) is None


@pytest.mark.parametrize(
    "server",
    [
        "https://ehr.example/fhir",
        "https://ehr.example/fhir/R4/sub",
        "https://ehr.example/FHIR/R4",
        "https://ehr.example:444/fhir/R4",
        "https://ehr.example.evil.example/fhir/R4",
        "https://evil.example/fhir/R4",
        "https://169.254.169.254/fhir",
        "https://10.1.2.4/fhir",
        "http://127.0.0.1:8082/fhir",
        "http://127.0.0.1/fhir",
        "https://127.0.0.1:8081/fhir",
    ],
)
def test_an_unlisted_server_is_refused_even_when_it_looks_similar(server: str) -> None:
    reason = server_allowed(server, LISTED)
    assert reason == "fhirServer is not on the list of servers that may be queried"


@pytest.mark.parametrize(
    "server",
    [
        "http://ehr.example/fhir/R4",
        "http://plain.example/fhir",
        "http://10.1.2.3/fhir",
        "http://127.0.0.1.example/fhir",
        "http://2130706433/fhir",
        "http://0x7f.1/fhir",
        "http://127.1/fhir",
        "http://0.0.0.0/fhir",
    ],
)
def test_plain_http_is_refused_beyond_loopback_even_when_listed(server: str) -> None:
    assert server_allowed(server, (*LISTED, server)) == "fhirServer must use https"


@pytest.mark.parametrize(
    "server",
    [
        "",
        "ehr.example/fhir",
        "//ehr.example/fhir",
        "ftp://ehr.example/fhir",
        "file:///etc/passwd",
        "https://",
        "https:///fhir",
        "https://user@ehr.example/fhir/R4",
        "https://ehr.example@evil.example/fhir/R4",
        "https://ehr.example/fhir/R4?x=1",
        "https://ehr.example/fhir/R4?",
        "https://ehr.example/fhir/R4#",
        "https://ehr.example/fhir/../fhir/R4",
        "https://ehr.example/fhir/%2e%2e/R4",
        "https://ehr.example//fhir/R4",
        "https://ehr.example\\@evil.example/fhir/R4",
        "https://ehr.example/fhir/R4\n",
        " https://ehr.example/fhir/R4",
        "https://ehr.exa\tmple/fhir/R4",
        "https://ehr.example:99999/fhir",
        "https://ehr.example:0/fhir",
        "https://ehr.example:port/fhir",
        "https://[::1/fhir",
        "https://[ehr.example]/fhir",
        "https://ehr%2eexample/fhir",
        "https://éhr.example/fhir",
        "https://ehr.example./fhir/R4",
    ],
)
def test_what_is_not_a_plain_url_is_refused_even_when_listed(server: str) -> None:
    assert server_allowed(server, (*LISTED, server)) == "fhirServer is not a plain absolute http(s) URL"


def test_an_empty_list_allows_nothing() -> None:
    assert server_allowed("https://ehr.example/fhir", ()) is not None


BASE = Base("https", "ehr.example", 443, "/fhir")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("Patient/1", "/fhir/Patient/1"),
        ("Condition?patient=1&_count=100", "/fhir/Condition?patient=1&_count=100"),
        ("Observation?code=http://loinc.org|1-8", "/fhir/Observation?code=http://loinc.org|1-8"),
        ("Patient/..", None),
        ("Patient/../../admin", None),
        ("Patient/%2e%2e/admin", None),
        ("/admin", None),
        ("//evil.example/x", None),
        ("https://evil.example/x", None),
        ("@evil.example/x", None),
        ("?patient=1", None),
        ("", None),
        ("Condition?patient=1#x", None),
        ("Condition?patient=1 HTTP/1.1\r\nX: y", None),
        ("Condition?patient=1 2", None),
    ],
)
def test_a_query_stays_below_the_base(query: str, target: str | None) -> None:
    assert query_target(BASE, query) == target


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (
            "https://ehr.example/fhir?_getpages=abc&_getpagesoffset=20",
            "/fhir?_getpages=abc&_getpagesoffset=20",
        ),
        ("https://EHR.example:443/other/path?p=2", "/other/path?p=2"),
        ("https://ehr.example", "/"),
        ("Condition?page=2", "/fhir/Condition?page=2"),
        ("?_getpages=abc", "/fhir/?_getpages=abc"),
        ("/fhir/Condition?page=2", "/fhir/Condition?page=2"),
        ("http://ehr.example/fhir?p=2", None),
        ("https://ehr.example:8443/fhir?p=2", None),
        ("https://hapi-internal:8080/fhir?_getpages=abc", None),
        ("//evil.example/fhir?p=2", None),
        ("https://ehr.example@evil.example/fhir?p=2", None),
        ("https://user:secret@ehr.example/fhir?p=2", None),
        ("https://ehr.example\\@evil.example/", None),
        ("javascript:alert(1)", None),
        ("https://[::1/", None),
        ("Condition?page= 2", None),
        ("", None),
    ],
)
def test_a_next_link_stays_on_the_origin(link: str, target: str | None) -> None:
    assert next_target(BASE, link) == target


def test_a_default_port_and_case_are_one_spelling() -> None:
    assert parse_base("HTTPS://Ehr.Example:443/fhir/") == BASE
    assert BASE.url == "https://ehr.example/fhir"
