"""Studies and sources named in our own words, so that nothing typed into an order reaches a card."""

from __future__ import annotations

from collections.abc import Collection

from cards.appropriateness import Modality, Region
from cards.facts.drafts import ImagingDraft
from cards.side import Side

_MODALITY: dict[Modality, str] = {
    "xr": "X-ray",
    "mri": "MRI",
    "ct": "CT",
    "us": "ultrasound",
    "nm": "bone scan",
    "dxa": "DXA",
}
_REGION: dict[Region, str] = {
    "lumbar": "lumbar spine",
    "sacroiliac": "sacroiliac joints",
    "pelvis": "pelvis",
    "hip": "hip",
    "thigh": "thigh",
    "plexus": "lumbosacral plexus",
    "body": "",
}


def region_name(regions: Collection[Region]) -> str:
    """ "pelvis and hip"."""
    return " and ".join(words for region, words in _REGION.items() if region in regions and words)


def study_name(draft: ImagingDraft) -> str:
    """ "MRI left hip with contrast"."""
    side = f"{draft.side.value} " if draft.side in (Side.LEFT, Side.RIGHT) and "hip" in draft.regions else ""
    contrast = " with contrast" if draft.contrast else ""
    return f"{_MODALITY[draft.modality]} {side}{region_name(draft.regions)}".strip() + contrast
