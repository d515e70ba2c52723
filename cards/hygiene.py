"""Which records count, applied once, before any rule sees the chart.

A refuted or mistaken record is dropped; a future date is dropped; a resolved problem is history; a stopped
medicine is not taken; a draft order is judged and never counted as arranged.
"""

from __future__ import annotations

from datetime import date

from cards.record import (
    Allergy,
    CarePlan,
    Condition,
    Medication,
    Observation,
    Order,
    Procedure,
    Record,
    Relative,
    Report,
)

_NEVER = frozenset({"refuted", "entered-in-error"})
_ACTIVE = frozenset({"active", "recurrence", "relapse"})
UNCONFIRMED = frozenset({"unconfirmed", "provisional", "differential"})
_FINAL = frozenset({"final", "amended", "corrected"})
_PROPOSED = frozenset({"proposal", "plan"})
_RELATIVE_STATUS = frozenset({"completed", "partial", "health-unknown"})


def counts(record: Record, today: date) -> bool:
    """This record may be used at all."""
    if record.when is not None and record.when.in_future(today) and not isinstance(record, CarePlan):
        return False
    if isinstance(record, Observation):  # the most frequent by far
        return record.status in _FINAL or record.status == "preliminary"
    if isinstance(record, Condition | Allergy):
        return record.verification not in _NEVER
    if isinstance(record, Relative):
        return record.status in _RELATIVE_STATUS
    if isinstance(record, Procedure | Report | CarePlan | Medication | Order):
        return record.status != "entered-in-error"
    return True


def is_active(condition: Condition) -> bool:
    """The problem stands now; one without a clinical status does, unless it has an end."""
    if condition.clinical is None:
        return condition.ended is None
    return condition.clinical in _ACTIVE


def is_unconfirmed(condition: Condition) -> bool:
    """May raise a red flag, may never suppress one."""
    return condition.verification in UNCONFIRMED or condition.clinical is None


def is_taken(medication: Medication, today: date) -> bool:
    """An active prescription or statement, not a proposal, not one whose period has ended."""
    if medication.status != "active" or medication.intent in _PROPOSED:
        return False
    return medication.until is None or medication.until.latest >= today


def is_done(procedure: Procedure) -> bool:
    """Carried out: only that is therapy, an order is not."""
    return procedure.status == "completed"


def is_under_way(procedure: Procedure) -> bool:
    """Being carried out now."""
    return procedure.status == "in-progress"


def is_reported(report: Report) -> bool:
    """A report that stands."""
    return report.status in _FINAL


def is_ordered(order: Order) -> bool:
    """Really ordered: neither draft nor revoked nor a mere proposal."""
    return order.status in ("active", "completed", "on-hold") and order.intent not in _PROPOSED


def is_allergy_active(allergy: Allergy) -> bool:
    """Stands now, as far as is known."""
    return allergy.clinical in (None, "active")
