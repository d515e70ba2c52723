"""What is kept: which card was shown by which rule, what clinicians made of it, and tokens seen.

Nothing here is meant to name a patient or a user. Words that a client chooses are in `feedback` only: the display of a
reason, and the comment, which a clinician types.
"""

from cds_service.store.database import Database, StoreDown
from cds_service.store.engine import BadDatabaseUrl
from cds_service.store.feedback import FeedbackItem, keep_feedback
from cds_service.store.impressions import Impression, Recorder, Suggested, keep_impressions
from cds_service.store.purge import Purged, purge
from cds_service.store.replay import SeenTokens

__all__ = [
    "BadDatabaseUrl",
    "Database",
    "FeedbackItem",
    "Impression",
    "Purged",
    "Recorder",
    "SeenTokens",
    "StoreDown",
    "Suggested",
    "keep_feedback",
    "keep_impressions",
    "purge",
]
