from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from intake.models import Programme


@pytest.mark.parametrize("stages", [[], {}, "general", [{}], [{"name": ""}], [{"name": "general", "approvals": 0}]])
def test_a_programme_without_a_usable_review_stage_is_refused(stages: Any) -> None:
    with pytest.raises(ValidationError):
        Programme(title="x", review_stages=stages).clean()


def test_one_named_stage_is_enough() -> None:
    Programme(title="x", review_stages=[{"name": "general"}]).clean()
