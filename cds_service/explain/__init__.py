"""Why each rule answered as it did, for one request. Nothing of it is kept."""

from cds_service.explain.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
