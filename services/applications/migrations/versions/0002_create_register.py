"""Create the register: registrations, their history in two times, certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard, no_overlap
from shared.platform.columns import Json, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("practice_code", sa.String(length=15), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("name_index", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("standing_since", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("practice_place", sa.String(length=6), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.String(length=120), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("authority_name", sa.String(length=120), nullable=False),
        sa.Column("authority_path", sa.String(length=24), nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.String(length=4), nullable=True),
        sa.CheckConstraint("length(practice_code) = 15", name=op.f("ck_registrations_practice_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("practice_code", name=op.f("uq_registrations_practice_code")),
    )
    op.create_index("ix_registrations_lookup", "registrations", ["province", "name_index"], unique=False)
    op.create_index("ix_registrations_person", "registrations", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_registrations_registered",
        "registrations",
        ["person_id", "qualification_id", "practice_place"],
        unique=True,
        postgresql_where=sa.text("status IN ('ACTIVE', 'SUSPENDED')"),
        sqlite_where=sa.text("status IN ('ACTIVE', 'SUSPENDED')"),
    )
    op.create_table(
        "registration_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("known_from", Utc(), nullable=False),
        sa.Column("known_to", Utc(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("practice_place", sa.String(length=6), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.String(length=120), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("authority_name", sa.String(length=120), nullable=False),
        sa.Column("authority_path", sa.String(length=24), nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.String(length=4), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_history_registration_id_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_history")),
    )
    op.create_index(
        "ix_registration_history_registration_id", "registration_history", ["registration_id"], unique=False
    )
    op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("practice_code", sa.String(length=15), nullable=False),
        sa.Column("check_code", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=8), nullable=False),
        sa.Column("document_address", sa.String(length=64), nullable=False),
        sa.Column("document_size", sa.BigInteger(), nullable=False),
        sa.Column("problem", Json, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Utc(), nullable=True),
        sa.CheckConstraint("document IN ('pending', 'ready', 'blocked')", name=op.f("ck_certificates_document")),
        sa.CheckConstraint("status IN ('valid', 'void')", name=op.f("ck_certificates_status")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_certificates_registration_id_registrations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("check_code", name=op.f("uq_certificates_check_code")),
    )
    op.create_index(
        "ix_certificates_pending",
        "certificates",
        ["id"],
        unique=False,
        postgresql_where=sa.text("document = 'pending'"),
        sqlite_where=sa.text("document = 'pending'"),
    )
    op.create_index("ix_certificates_person", "certificates", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_certificates_valid",
        "certificates",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("status = 'valid'"),
        sqlite_where=sa.text("status = 'valid'"),
    )
    guard(op, "registration_history", set_once=["known_to"])
    no_overlap(
        op,
        "registration_history",
        keys=["registration_id"],
        start="valid_from",
        end="valid_to",
        where="known_to IS NULL",
    )


def downgrade() -> None:
    op.drop_table("certificates")
    op.drop_table("registration_history")
    op.drop_table("registrations")
