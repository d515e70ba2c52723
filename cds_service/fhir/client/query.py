"""One query and the pages that follow from it."""

from time import perf_counter

from cds_service.fhir.characters import with_whole_characters
from cds_service.fhir.client.guard import Guard
from cds_service.fhir.client.http import TIMED_OUT, Exchanges, PageReader, ask_for
from cds_service.fhir.client.origin import Base, next_target
from cds_service.fhir.client.outcome import Fetched, NotFetched, Outcome
from cds_service.fhir.client.paging import PageFacts, page_facts
from cds_service.fhir.client.settings import ClientSettings

_NOT_RELATIVE = NotFetched("client-error", None, "the query is not relative to the FHIR base")
_NOT_JSON = NotFetched("bad-content", 200, "the answer is not whole JSON")


class Query:
    """Runs in a worker thread; `break_off` may be called from the thread that waits for it.

    `target` is path and query under the origin of `base`, None where what was asked leads elsewhere.
    """

    def __init__(
        self,
        base: Base,
        target: str | None,
        exchanges: Exchanges,
        settings: ClientSettings,
    ) -> None:
        self._base = base
        self._target = target
        self._settings = settings
        self._guard = Guard()
        self._reader = PageReader(exchanges, settings, self._guard)
        self._pages: list[bytes] = []
        self._entries = 0
        self._began = self._ended = 0.0

    def run(self) -> Outcome:
        self._began = perf_counter()
        try:
            return self._walk()
        finally:
            self._ended = perf_counter()

    def times(self) -> tuple[float, float]:
        """When it began and ended; now, where it has not yet."""
        now = perf_counter()
        return self._began or now, self._ended or now

    def _walk(self) -> Outcome:
        target = self._target
        if target is None:
            return _NOT_RELATIVE
        seen: set[str] = set()
        while True:
            seen.add(target)
            read = self._page(target)
            if isinstance(read, NotFetched):
                return self._stopped_by(read)
            page, facts = read
            self._pages.append(page)
            self._entries += facts.entries
            if facts.next_link is None:
                return Fetched(tuple(self._pages), complete=True, why_partial=None)
            following = next_target(self._base, facts.next_link)
            why = self._why_stop(following, seen)
            if why is not None or following is None:
                return Fetched(tuple(self._pages), complete=False, why_partial=why)
            target = following

    def _page(self, target: str) -> tuple[bytes, PageFacts] | NotFetched:
        page = self._reader.read(ask_for(target, len(self._base.origin), self._settings.max_url_length))
        if isinstance(page, NotFetched):
            return page
        facts = page_facts(page)
        if facts is None:
            page = with_whole_characters(page)
            facts = page_facts(page)
        return (page, facts) if facts is not None else _NOT_JSON

    def break_off(self) -> Outcome:
        """Close the connection under way; the outcome is what was read so far."""
        self._guard.break_off()
        return self._stopped_by(self._reader.noted or TIMED_OUT)

    def _why_stop(self, following: str | None, seen: set[str]) -> str | None:
        if following is None:
            return "next link to another origin not followed"
        if following in seen:
            return "next link leads back to a page already read"
        if len(self._pages) >= self._settings.max_pages:
            return "page cap"
        if self._entries >= self._settings.max_entries:
            return "entry cap"
        return None

    def _stopped_by(self, failure: NotFetched) -> Outcome:
        if not self._pages:
            return failure
        why = "deadline" if failure.cause == "timeout" else f"a following page failed: {failure.detail}"
        return Fetched(tuple(self._pages), complete=False, why_partial=why)
