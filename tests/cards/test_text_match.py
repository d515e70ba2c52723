"""Known phrases in free text, and the denials, relatives and histories that must not be taken for findings."""

from __future__ import annotations

import pytest

from cards.text_match import PhraseBook


@pytest.fixture(scope="module")
def book() -> PhraseBook:
    made = PhraseBook()
    for phrase, name in (
        ("buttock pain", "pain"),
        ("buttock*", "site"),
        ("deep gluteal syndrome", "dgs"),
        ("psoriasis", "psoriasis"),
        ("saddle anaesthesia", "saddle"),
        ("urinary retention", "retention"),
        ("retention", "any-retention"),
        ("history of cancer", "past-cancer"),
        ("cancer", "cancer"),
        ("fever", "fever"),
        ("low-back pain", "lbp"),
    ):
        made.add(phrase, name)
    return made


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Buttock pain", {"pain", "site"}),
        ("LEFT BUTTOCK PAIN, chronic", {"pain", "site"}),
        ("pain of both buttocks", {"site"}),
        ("buttock  pain", {"pain", "site"}),
        ("deep gluteal syndrome (left)", {"dgs"}),
        ("deep, gluteal syndrome", set()),
        ("gluteal syndrome", set()),
        ("acute urinary retention", {"retention", "any-retention"}),
        ("low back pain", {"lbp"}),
        ("low-back pain", {"lbp"}),
        ("scancer", set()),
        ("", set()),
        ("...", set()),
    ],
)
def test_a_phrase_is_found_as_whole_words_of_one_clause(book: PhraseBook, text: str, names: set[str]) -> None:
    assert book.names_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "no fever",
        "No history of fever",
        "denies fever",
        "denied any fever",
        "without fever",
        "negative for fever",
        "r/o fever",
        "R/O fever",
        "rule out fever",
        "to exclude fever",
        "no chills or fever",
        "nil fever",
        "mother had fever",
        "family history of fever",
        "FH fever",
        "FH: fever",
        "Family history: cough, fever",
        "FHx fever",
        "mother's fever",
        "paternal aunt with fever",
        "history of fever",
        "h/o fever",
        "previous fever",
        "screening for fever",
        "fever excluded",
        "fever was ruled out",
        "fever and chills ruled out",
    ],
)
def test_what_is_denied_of_another_or_past_is_not_found(book: PhraseBook, text: str) -> None:
    assert "fever" not in book.names_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "no cough, fever",
        "no cough; fever since Monday",
        "no cough but fever",
        "no trauma. Fever 39",
        "not walking well since the operation on Monday with fever",
        "fever, no cough",
        "fever to be excluded",
        "fever cannot be excluded",
        "fever not ruled out",
        "fever until ruled out",
        "fever, infection excluded",
        "Family history: cough. Fever since Monday",
        "Reason: fever",
    ],
)
def test_a_denial_ends_with_its_clause_or_after_five_words(book: PhraseBook, text: str) -> None:
    assert "fever" in book.names_in(text)


def test_a_phrase_that_itself_begins_with_history_is_found(book: PhraseBook) -> None:
    assert book.names_in("history of cancer") == {"past-cancer"}
    assert book.names_in("h/o cancer") == {"past-cancer"}
    assert book.names_in("cancer") == {"cancer"}


@pytest.mark.parametrize("text", ["family history of cancer", "no history of cancer", "mother with history of cancer"])
def test_a_history_of_someone_else_or_denied_is_none(book: PhraseBook, text: str) -> None:
    assert book.names_in(text) == set()


def test_a_stem_matches_its_endings_only(book: PhraseBook) -> None:
    assert book.names_in("buttocks") == {"site"}
    assert book.names_in("rebuttock") == set()


def test_a_long_text_is_read_in_reasonable_steps(book: PhraseBook) -> None:
    assert book.names_in("buttock " * 5000 + "pain") == {"pain", "site"}


def test_a_very_long_clause_is_read_to_its_end(book: PhraseBook) -> None:
    """Were each word to cost as much as there are words behind it, this would take minutes."""
    assert book.names_in("buttock " * 300_000 + "fever") == {"site", "fever"}
