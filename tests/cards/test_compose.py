"""The words of a card: nothing out of a chart can become markup, and nothing grows without limit."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from cards.card import SUMMARY_LIMIT, Link, NotAssessed, OverrideReason, Suggestion
from cards.compose import card_of, escaped, plain, quoted, uncapital
from cards.finding import Finding, Gap
from cards.orders import DraftOrder, Orderable
from cards.rule import Evidence
from cards.side import Side
from cards.when import When
from tests.cards.charts import TODAY
from tests.cards.rules import order, voice

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "# Heading\n\n- item",
    "**bold** _it_ `code` ~~no~~",
    "| a | b |\n|---|---|",
    "</b><!-- comment -->",
    "text\u202eright-to-left\u0000\u0007",
    "\\<script\\>",
    "&lt;script&gt;",
    "a\r\nb\tc",
]


@pytest.mark.parametrize("text", [*HOSTILE, "_a_ b_c_ *d", "5*10 and 3*4", "~~x~~ ~y", "`a` [b][c]", "![x][y]"])
def test_text_out_of_a_chart_never_becomes_markup(text: str) -> None:
    made = escaped(text)
    assert all(ch.isprintable() for ch in made)
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    paragraph, inline, _ = reader.parse(f"Found: {made} (observation)\n\nNext")[:3]
    assert (paragraph.type, inline.type) == ("paragraph_open", "inline")
    assert {part.type for part in inline.children or ()} <= {"text", "text_special"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Body mass index (BMI) [Ratio]", "Body mass index (BMI) (Ratio)"),
        ("apixaban 5 MG Oral Tablet [Eliquis]", "apixaban 5 MG Oral Tablet (Eliquis)"),
        ("CRP <5 mg/L, Hb >10 g/dL", "CRP <5 mg/L, Hb >10 g/dL"),
        ("30 {drinks}/wk, pain_score #3 | left", "30 {drinks}/wk, pain_score #3 | left"),
    ],
)
def test_text_out_of_a_chart_reads_alike_with_and_without_markdown(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert MarkdownIt("commonmark").renderInline(escaped(text)) == html.escape(shown, quote=False)


@pytest.mark.parametrize(
    "text", ["see https://evil.example/x", "HTTP://evil.example", "www.evil.example", "ftp://evil.example"]
)
def test_an_address_out_of_a_chart_is_not_clickable(text: str) -> None:
    assert not re.search(r"(?i)[a-z]+://|www\.", escaped(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_label_makes_a_card_without_markup(text: str) -> None:
    found = Finding("Observation/1", text, value=text, when=When.on(TODAY))
    card = card_of([voice("a", because=(found,))], [])
    assert not re.search(r"<[A-Za-z/!]", card.detail)
    assert not re.search(r"(?<!\\)\]\(", card.detail.replace("](https://example.org/guideline)", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_quoted_in_the_words_of_a_rule_is_no_html_either(text: str) -> None:
    card = card_of([voice("a", do=f"ask about {text}.", more=(text,)), voice(text)], [voice(text)])
    assert not re.search(r"<[A-Za-z/!]", card.detail)
    also = [line for line in card.detail.split("\n\n") if line.startswith("**Also")]
    assert len(also) == 2
    assert not any(re.search(r"(?<!\\)\]\(", line) for line in also)


@pytest.mark.parametrize("length", [0, 1, 138, 139, 140, 500])
def test_a_summary_is_one_line_within_the_limit(length: int) -> None:
    text = "word " * length
    made = plain(text[:length] if length else "")
    assert len(made) <= SUMMARY_LIMIT
    assert made.endswith("…") is (len(text[:length].strip()) > SUMMARY_LIMIT)


def test_a_line_is_cut_at_a_word_and_no_earlier_than_needed() -> None:
    assert plain("sudden pain, after a fall", 14) == "sudden pain…"
    assert plain("sudden pain after a fall", 19) == "sudden pain after…"
    assert plain("sudden pain after a fall", 24) == "sudden pain after a fall"


def test_a_long_word_is_cut_too() -> None:
    assert len(plain("x" * 500)) <= SUMMARY_LIMIT


@pytest.mark.parametrize(
    ("words", "inside"),
    [("Weight loss", "weight loss"), ("CRP 142", "CRP 142"), ("HIV disease", "HIV disease"), ("eGFR 20", "eGFR 20")],
)
def test_inside_a_sentence_a_name_keeps_its_capitals(words: str, inside: str) -> None:
    assert uncapital(words) == inside


@pytest.mark.parametrize("text", ["a  b", " a\nb ", "a\u0000b", "a\t\tb"])
def test_space_and_control_characters_become_one_space(text: str) -> None:
    assert plain(text) == "a b"


@pytest.mark.parametrize(
    ("reference", "word"),
    [
        ("Observation/1", "observation"),
        ("Condition/1", "problem list"),
        ("MedicationRequest/1", "prescription"),
        ("MedicationStatement/1", "medication list"),
        ("DiagnosticReport/1", "report"),
        ("Procedure/1", "procedure"),
        ("ServiceRequest/1", "order"),
        ("AllergyIntolerance/1", "allergy list"),
        ("FamilyMemberHistory/1", "family history"),
        ("Encounter/1", "visit"),
        ("CarePlan/1", "care plan"),
        ("Patient/1", "patient record"),
        ("Odd/1", "Odd"),
    ],
)
def test_a_quoted_finding_says_which_record_tells_it(reference: str, word: str) -> None:
    assert quoted(Finding(reference, "CRP", when=When.on(TODAY), side=Side.LEFT)).endswith(f"15 Jan 2026 ({word})")


def test_at_most_six_findings_are_quoted_and_all_are_in_the_facts() -> None:
    found = tuple(Finding(f"Observation/{n}", f"finding {n}") for n in range(9))
    card = card_of([voice("a", because=found)], [])
    assert "; and 3 more." in card.detail
    assert "finding 6" not in card.detail
    assert len(card.facts) == 9
    assert "more" not in card_of([voice("a", because=found[:6])], []).detail.split("\n\n")[0]


def test_where_nothing_was_found_nothing_is_said_to_be() -> None:
    assert card_of([voice("a")], []).detail.startswith("**Do:**")


def test_each_record_is_told_once() -> None:
    found = Finding("Observation/1", "CRP")
    card = card_of([voice("a", because=(found, found)), voice("b", because=(found,))], [])
    assert len(card.facts) == 1


def test_at_most_four_suggestions_each_once_and_one_recommended() -> None:
    first = voice("a", suggestions=(order("one"), order("two"), order("three", recommended=False)))
    second = voice("b", suggestions=(order("one"), order("four"), order("five")))
    card = card_of([first, second], [])
    assert [s.label for s in card.suggestions] == ["one", "two", "three", "four"]
    assert [s.label for s in card.suggestions if s.recommended] == ["one"]


def test_an_order_that_is_not_recommended_takes_no_recommendation_from_one_that_is() -> None:
    card = card_of([voice("a", suggestions=(order("one", recommended=False), order("two"), order("three")))], [])
    assert [(s.label, s.recommended) for s in card.suggestions] == [("one", False), ("two", True), ("three", False)]


def test_each_draft_is_changed_or_removed_once_and_stays_so_without_its_recommendation() -> None:
    one, two = "ServiceRequest/1", "ServiceRequest/2"
    mri = DraftOrder(Orderable("MRI", "imaging"))
    given = (
        Suggestion("Remove 1", delete=one, recommended=True),
        Suggestion("Remove 2", delete=two, recommended=True),
        Suggestion("Change 1", update=(one, mri), recommended=True),
        Suggestion("Change 2", update=(two, mri), recommended=True),
        Suggestion("Remove 1 again", delete=one),
        Suggestion("Change 2 again", update=(two, mri)),
    )
    card = card_of([voice("a", suggestions=given)], [])
    assert card.suggestions == (given[0], *(replace(s, recommended=False) for s in given[1:4]))


def test_links_and_override_reasons_come_once() -> None:
    link, reason = Link("ACR", "https://example.org/acr"), OverrideReason("x", "X")
    card = card_of(
        [
            voice("a", links=(link, link), override_reasons=(reason, reason)),
            voice("b", links=(replace(link, label="again"),)),
        ],
        [],
    )
    assert len(card.links) == 1
    assert card.override_reasons == (reason,)


def test_the_override_reasons_of_the_rule_hold_where_the_advice_names_none() -> None:
    assert len(card_of([voice("a")], []).override_reasons) == 4


def test_the_source_is_the_first_evidence_of_the_rule_that_leads() -> None:
    guideline = Evidence("Lead guideline", "https://example.org/lead")
    card = card_of([voice("a", evidence=(guideline,)), voice("b")], [])
    assert (card.source.label, card.source.url, card.source.topic) == (
        "Lead guideline",
        "https://example.org/lead",
        "a",
    )


def test_the_source_on_which_an_advice_rests_comes_before_the_others() -> None:
    first, second = Evidence("A guideline", "https://example.org/g"), Evidence("A warning", "https://example.org/w")
    card = card_of([voice("alpha", evidence=(first, second), rests_on=(second,))], [])
    assert (card.source.label, card.source.url) == ("A warning", "https://example.org/w")
    assert re.search(r"Evidence:\*\* \[A warning\][^;]*; and 1 more", card.detail)


def test_a_summary_begins_with_a_capital_but_not_within_a_name() -> None:
    given = ("retention of urine", "eGFR 27", "CRP 34")
    assert [card_of([voice(said)], []).summary for said in given] == ["Retention of urine", "eGFR 27", "CRP 34"]


@pytest.mark.parametrize(
    ("mark", "words"),
    [("SEEN", "source read"), ("SEEN-2nd", "second-hand"), ("MEMORY", "unverified"), ("DESIGN", "own choice")],
)
def test_the_evidence_line_says_how_sure_it_is(mark: str, words: str) -> None:
    known = {"SEEN": "SEEN", "SEEN-2nd": "SEEN-2nd", "MEMORY": "MEMORY", "DESIGN": "DESIGN"}[mark]
    evidence = Evidence("A study", None, "", known)  # type: ignore[arg-type]
    assert words in card_of([voice("a", evidence=(evidence,))], []).detail


def test_what_would_make_the_advice_wrong_is_said() -> None:
    assert "**Less likely right if:** it rains." in card_of([voice("a", wrong_if="it rains.")], []).detail


def test_a_card_has_six_lines_and_the_shortest_neighbours_share_one() -> None:
    told = ("x" * 90, "y" * 90, "z" * 30, "a" * 40)
    card = card_of([voice("a", because=(Finding("Observation/1", "CRP"),), more=told)], [])
    lines = card.detail.split("\n\n")
    assert len(lines) == 6
    assert lines[2:5] == [told[0], told[1], f"{told[2]} {told[3]}"]


@pytest.mark.parametrize("others", [0, 1, 2])
def test_of_many_lines_no_word_is_lost(others: int) -> None:
    told = tuple(f"line {n} of advice" for n in range(7))
    further = [voice(f"further {n}") for n in range(others)]
    rule, advice, _ = voice("a", because=(Finding("Observation/1", "CRP"),), more=told, wrong_if="it rains.")
    gap = NotAssessed("a", (Gap("diagnosticReports", "not supplied"),))
    lines = card_of([(rule, advice, (gap,))], further).detail.split("\n\n")
    assert len(lines) == 6
    assert all(sum(one in line for line in lines) == 1 for one in told)


def test_caveats_keep_lines_of_their_own_where_there_is_room() -> None:
    rule, advice, _ = voice("a", because=(Finding("Observation/1", "CRP"),), more=("one",), wrong_if="it rains.")
    gap = NotAssessed("a", (Gap("diagnosticReports", "not supplied"),))
    card = card_of([(rule, advice, (gap,))], [])
    assert card.detail.split("\n\n")[4:] == [
        "**Less likely right if:** it rains.",
        "**Could not check:** diagnostic reports: not supplied.",
    ]
    assert card.not_assessed == (gap,)


def test_what_could_not_be_checked_shares_the_line_of_the_other_caveat_before_anything_else_is_joined() -> None:
    rule, advice, _ = voice("a", wrong_if="it rains.", more=("one", "two"))
    gap = NotAssessed("a", (Gap("diagnosticReports", "not supplied"),))
    lines = card_of([(rule, replace(advice, because=(Finding("Observation/1", "CRP"),)), (gap,))], []).detail.split(
        "\n\n"
    )
    assert lines[2:4] == ["one", "two"]
    assert lines[5] == "**Less likely right if:** it rains. **Could not check:** diagnostic reports: not supplied."


def test_advice_that_has_words_for_another_rules_card_is_told_in_those() -> None:
    card = card_of([voice("a"), voice("b", beside="no score in 6 weeks: record one.")], [])
    assert "**Also:** No score in 6 weeks: record one." in card.detail.split("\n\n")
    long = f"first {'x ' * 150}last"
    assert f"**Also:** F{long[1:]}" in card_of([voice("a"), voice("b", beside=long)], []).detail.split("\n\n")
