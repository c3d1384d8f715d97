"""Keep the devices of accounts, who vouched for a phone of staff, and staff who look after security.

Phones that were loaded before count as nobody's until the file of staff is loaded again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The naming convention had put its prefix before a name that had one.
FORMER = "ck_staff_ck_staff_role"
ROLES = "'clerk', 'window', 'officer', 'head', 'examiner', 'administrator'"


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_index", sa.String(64), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.Column("last_seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "token_index", name="pk_devices"),
    )
    op.create_index("ix_devices_last_seen_at", "devices", ["last_seen_at"])
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("phone_proved_by", sa.String(120), nullable=True))
        staff.add_column(sa.Column("phone_proved_at", Utc(), nullable=True))
        staff.drop_constraint(op.f(FORMER), type_="check")
        staff.create_check_constraint(op.f("ck_staff_role"), f"role IN ({ROLES}, 'security')")
        staff.create_check_constraint(
            op.f("ck_staff_phone_proof"), "(phone_proved_by IS NULL) = (phone_proved_at IS NULL)"
        )


def downgrade() -> None:
    # Who has the new role would have none: they go back to that of those who hold all of them.
    op.execute("UPDATE staff SET role = 'administrator' WHERE role = 'security'")
    with op.batch_alter_table("staff") as staff:
        staff.drop_constraint(op.f("ck_staff_phone_proof"), type_="check")
        staff.drop_constraint(op.f("ck_staff_role"), type_="check")
        staff.create_check_constraint(op.f(FORMER), f"role IN ({ROLES})")
        staff.drop_column("phone_proved_at")
        staff.drop_column("phone_proved_by")
    op.drop_table("devices")
