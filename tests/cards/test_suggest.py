"""One click, one draft: what a suggested order says, and what it takes from the chart."""

from __future__ import annotations

from cards.card import Suggestion
from cards.chart import Chart
from cards.finding import Finding
from cards.orderables import MRI_HIP, PHYSIOTHERAPY, REFER_EMERGENCY, XR_PELVIS_AND_HIP
from cards.orders import DraftOrder, Orderable
from cards.rule import Advise
from cards.side import Side
from cards.suggest import completed, suggest
from tests.cards.charts import answer, chart, condition

SIDED = MRI_HIP
OF_A_PLACE = Orderable("Study of a place", "imaging", body_site=XR_PELVIS_AND_HIP.body_site)
PAIN = condition("buttock-pain", side=Side.LEFT, ref="Condition/pain")


def found(*references: str) -> tuple[Finding, ...]:
    return tuple(Finding(reference, "finding") for reference in references)


def order(one: Suggestion, *because: str, of: Chart | None = None) -> DraftOrder:
    """The order as it is drafted where these records called for it."""
    told = Advise("warning", "Summary", "do", found(*because), suggestions=(one,))
    (suggestion,) = completed(told, of or chart(PAIN)).suggestions
    assert suggestion.create is not None
    return suggestion.create


def test_an_order_is_labelled_by_its_words_and_its_urgency() -> None:
    assert suggest(PHYSIOTHERAPY).label == PHYSIOTHERAPY.text
    assert suggest(REFER_EMERGENCY, "stat").label == f"{REFER_EMERGENCY.text} (emergency)"
    assert suggest(REFER_EMERGENCY, "asap").label == f"{REFER_EMERGENCY.text} (as soon as possible)"
    assert suggest(REFER_EMERGENCY, "urgent").label == f"{REFER_EMERGENCY.text} (urgent)"
    assert suggest(PHYSIOTHERAPY, "urgent", label="Other words").label == "Other words"


def test_an_order_is_drafted_as_it_was_suggested() -> None:
    one = suggest(SIDED, "urgent", recommended=True, side=Side.RIGHT, note="Read the note.")
    assert one.create == DraftOrder(SIDED, "urgent", Side.RIGHT, (), "Read the note.")
    assert one.recommended
    assert not suggest(SIDED).recommended
    assert suggest(SIDED).create == DraftOrder(SIDED, "routine", Side.UNKNOWN, (), "")


def test_problems_come_first_among_the_reasons_and_three_are_enough() -> None:
    because = ("Observation/1", "Condition/1", "DiagnosticReport/1", "Condition/2", "Condition/1")
    assert order(suggest(SIDED), *because).reasons == ("Condition/1", "Condition/2", "Observation/1")
    assert order(suggest(SIDED), "DiagnosticReport/1", "Condition/1").reasons == ("Condition/1", "DiagnosticReport/1")


def test_without_a_problem_among_them_the_pain_itself_is_the_reason() -> None:
    assert order(suggest(SIDED), "Observation/1").reasons == ("Condition/pain", "Observation/1")
    both = chart(PAIN, condition("sciatica", "2025-12-01", ref="Condition/older"))
    assert order(suggest(SIDED), of=both).reasons == ("Condition/pain",)


def test_only_what_an_order_may_refer_to_is_its_reason() -> None:
    because = ("MedicationRequest/1", "Condition #1", "Observation/a b", "Patient/1", "Observation/1")
    assert order(suggest(SIDED), *because).reasons == ("Condition/pain", "Observation/1")
    for nameless in ("Condition #1", "Condition/a b"):
        assert order(suggest(SIDED), of=chart(condition("buttock-pain", ref=nameless))).reasons == ()
    told_by_an_answer = chart(answer("pain-location", "deep-buttock"))
    assert order(suggest(SIDED), of=told_by_an_answer).reasons == ()


def test_reasons_that_an_order_brings_stay() -> None:
    own = Suggestion("words", create=DraftOrder(SIDED, reasons=("Condition/own",)))
    assert order(own, "Observation/1").reasons == ("Condition/own",)


def test_a_sided_order_is_of_the_painful_side_unless_it_says_another() -> None:
    assert order(suggest(SIDED)).side is Side.LEFT
    assert order(suggest(OF_A_PLACE)).side is Side.LEFT
    assert order(suggest(Orderable("Study", "imaging", sided=SIDED.sided))).side is Side.LEFT
    assert order(suggest(SIDED, side=Side.RIGHT)).side is Side.RIGHT
    assert order(suggest(Orderable("Blood test", "laboratory"))).side is Side.UNKNOWN


def test_a_change_of_a_draft_and_its_removal_stay_as_they_are() -> None:
    change = Suggestion("change", update=("ServiceRequest/1", DraftOrder(SIDED)))
    remove = Suggestion("remove", delete="ServiceRequest/1")
    told = Advise("warning", "Summary", "do", found("Observation/1"), suggestions=(change, remove))
    assert completed(told, chart(PAIN)).suggestions == (change, remove)
    bare = Advise("warning", "Summary", "do")
    assert completed(bare, chart(PAIN)) is bare
