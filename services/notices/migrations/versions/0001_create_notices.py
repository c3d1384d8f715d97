"""Create messages, who read them, deliveries, contact points, staff roles and the local outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Utc
from shared.platform.migrations import create_platform_tables, drop_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_platform_tables(op)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("event_id", "template", "recipient", name="uq_messages_event_id_template_recipient"),
    )
    op.create_index("ix_messages_recipient_id", "messages", ["recipient", "id"])
    op.create_table(
        "reads",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_reads_message_id_messages"),
        sa.PrimaryKeyConstraint("message_id", "reader", name="pk_reads"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("next_try_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.CheckConstraint("status IN ('PENDING', 'SENT', 'FAILED', 'CANCELLED')", name=op.f("ck_deliveries_status")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_deliveries_message_id_messages"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("message_id", "channel", "subject", name="uq_deliveries_message_id_channel_subject"),
    )
    op.create_index("ix_deliveries_status_next_try_at", "deliveries", ["status", "next_try_at"])
    op.create_table(
        "contacts",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_verified", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_contacts"),
    )
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff"),
    )
    op.create_index("ix_staff_organisation_id_role", "staff", ["organisation_id", "role"])
    op.create_table(
        "local_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_local_outbox"),
    )
    op.create_index("ix_local_outbox_channel_id", "local_outbox", ["channel", "id"])
    op.create_index("ix_local_outbox_reference", "local_outbox", ["reference"])


def downgrade() -> None:
    for table in ("local_outbox", "staff", "contacts", "deliveries", "reads", "messages"):
        op.drop_table(table)
    drop_platform_tables(op)
