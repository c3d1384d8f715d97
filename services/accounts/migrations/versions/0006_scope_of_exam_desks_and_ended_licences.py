"""Say for which regions a desk of the exam centre acts, and find the licences that have ended.

Until now whoever had its seat in Beijing was taken for the national centre.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Added with the column, for SQLite adds no constraint to a table that stands, and others refer to this one.
ADD_SCOPE = """
ALTER TABLE authorities ADD COLUMN scope VARCHAR(8)
    CONSTRAINT ck_authorities_scope CHECK (scope IN ('national', 'region'))
    CONSTRAINT ck_authorities_scope_of_exam_centres CHECK (scope IS NULL OR kind = 'exam_centre')
"""
KEEP_WHAT_THEY_MAY = """
UPDATE authorities SET scope = CASE WHEN division = '11' OR division LIKE '11/%' THEN 'national' ELSE 'region' END
WHERE kind = 'exam_centre'
"""


def upgrade() -> None:
    op.execute(sa.text(ADD_SCOPE))
    op.execute(sa.text(KEEP_WHAT_THEY_MAY))
    op.create_index(
        "ix_institutions_licence_status_licence_valid_to",
        "institutions",
        ["licence_status", "licence_valid_to"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_institutions_licence_status_licence_valid_to", table_name="institutions")
    op.drop_column("authorities", "scope")
