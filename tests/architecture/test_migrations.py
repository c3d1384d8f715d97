"""Every service's migrations have one head, and a clean run from empty gives what the models say."""

from __future__ import annotations

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.architecture.source import ROOT, SERVICES


@pytest.mark.parametrize("service", [service for service in SERVICES if service != "gateway"])
def test_a_service_has_one_migration_head(service):
    """Two heads would leave it to chance which schema a deployment gets."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services" / service / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
