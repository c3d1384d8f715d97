"""What an applicant may have to hand in, an officer can find missing: `applications` and `review` name it alike."""

from __future__ import annotations

import pytest

from services.applications.domain.business import KINDS
from services.review.workflow_files import Workflows

WORKFLOWS = Workflows.load()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: f"{kind.type}-{kind.sub_kind or 'ALL'}")
def test_every_material_of_a_kind_can_be_asked_for(kind):
    """行政许可法 art.32(4): the notice of what is missing names every document, at once."""
    reasons = WORKFLOWS.current(kind.type.value).workflow.reasons
    assert {item.kind for item in kind.materials} <= set(reasons["document_missing"].targets)
