"""What is kept: which card was shown by which rule, what clinicians made of it, and tokens seen.

Nothing here names a patient or a user. The only free text is a clinician's comment in `feedback`.
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
