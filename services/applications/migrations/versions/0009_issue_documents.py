"""Issue documents to applications: cover sheets, slips, decision letters, receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Json, Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=8), nullable=False),
        sa.Column("document_address", sa.String(length=64), nullable=False),
        sa.Column("document_size", sa.BigInteger(), nullable=False),
        sa.Column("problem", Json, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "audience IN ('everybody', 'applicant', 'institution')", name=op.f("ck_issued_documents_audience")
        ),
        sa.CheckConstraint("document IN ('pending', 'ready', 'blocked')", name=op.f("ck_issued_documents_document")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_issued_documents_application_id_applications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_documents")),
        sa.UniqueConstraint(
            "application_id", "kind", "serial", "audience", name="uq_issued_documents_application_id_kind"
        ),
    )
    op.create_index("ix_issued_documents_document_address", "issued_documents", ["document_address"], unique=False)
    op.create_index(
        "ix_issued_documents_pending",
        "issued_documents",
        ["id"],
        unique=False,
        postgresql_where=sa.text("document = 'pending'"),
        sqlite_where=sa.text("document = 'pending'"),
    )


def downgrade() -> None:
    op.drop_table("issued_documents")
