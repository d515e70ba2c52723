"""The limits of the outbound FHIR client."""

import time
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class ClientSettings:
    """Limits for one process. Times are seconds, sizes are bytes after content decoding.

    - `deadline_seconds`: for one `fetch`, all its queries, pages and retries together.
    - `max_threads`: queries under way at once; eight calls of six queries must not queue.
    - `max_pages`, `max_entries`: for one query; the page that reaches the cap is kept.
    - `max_page_bytes` for one body, `max_total_bytes` for one `fetch`.
    - `max_url_length`: a longer search goes as POST `_search` (some servers stop at 2,048).
    - `max_attempts`: per page; again only after a connect error, or 429/503 with Retry-After.
    - `breaker_threshold`: consecutive `fetch` calls in which the server gave nothing but faults.
    - `ca_bundle`: PEM file of the certificate authorities to trust instead of the public ones.
    - `clock`: monotonic seconds.
    """

    deadline_seconds: float = 0.8
    connect_timeout_seconds: float = 0.4
    max_threads: int = 96
    max_pages: int = 10
    max_entries: int = 5_000
    max_page_bytes: int = 8 * MIB
    max_total_bytes: int = 32 * MIB
    max_url_length: int = 2_000
    max_attempts: int = 2
    breaker_threshold: int = 5
    breaker_cool_down_seconds: float = 5.0
    ca_bundle: str | None = None
    clock: Callable[[], float] = time.monotonic
