"""Keep filings, earlier holders, assessments, reminders, links between registrations, and the other side of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard, no_overlap, unguard
from shared.platform.columns import Json, Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.add_column("applications", sa.Column("filing_id", sa.Uuid(), nullable=True))
    op.add_column("applications", sa.Column("releasing", Json, nullable=True))
    op.add_column(
        "applications", sa.Column("started_by", sa.String(length=12), server_default="physician", nullable=False)
    )
    op.add_column("applications", sa.Column("starter_id", sa.Uuid(), nullable=True))
    op.create_index("ix_applications_subject", "applications", ["subject_id"], unique=False)
    op.add_column("registrations", sa.Column("until", sa.Date(), nullable=True))
    op.add_column("registrations", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.add_column("registrations", sa.Column("replaced_by", sa.Uuid(), nullable=True))
    op.create_index("ix_registrations_institution", "registrations", ["institution_id", "id"], unique=False)
    op.create_index("ix_registrations_status", "registrations", ["status", "standing_since"], unique=False)
    unguard(op, "registration_history")
    op.add_column("registration_history", sa.Column("until", sa.Date(), nullable=True))
    guard(op, "registration_history", set_once=["known_to"])
    op.create_table(
        "registration_holders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("name_index", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("known_from", Utc(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_holders_registration_id_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_holders")),
    )
    op.create_index(
        "ix_registration_holders_registration_id", "registration_holders", ["registration_id"], unique=False
    )
    op.create_index("ix_registration_holders_name", "registration_holders", ["name_index"], unique=False)
    guard(op, "registration_holders")
    op.create_table(
        "filings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.String(length=120), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("authority_name", sa.String(length=120), nullable=False),
        sa.Column("authority_path", sa.String(length=24), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("holds_until", sa.Date(), nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("filed_at", Utc(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("reminded_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_filings_term")),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name=op.f("ck_filings_ended")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_filings_registration_id_registrations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
    )
    op.create_index("ix_filings_registration", "filings", ["registration_id"], unique=False)
    op.create_index("ix_filings_institution", "filings", ["institution_id"], unique=False)
    op.create_index("ix_filings_person", "filings", ["person_id"], unique=False)
    op.create_index(
        "ix_filings_to_close",
        "filings",
        ["holds_until"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    guard(
        op,
        "filings",
        # An end that was named for a later day gives way to an earlier one: the registration may end before.
        allow_update=["version", "holds_until", "ended_on", "end_reason", "ended_at"],
        set_once=["reminded_at", "closed_at"],
    )
    no_overlap(op, "filings", keys=["registration_id", "institution_id"], start="valid_from", end="holds_until")
    op.create_table(
        "periodic_assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_periodic_assessments_registration_id_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periodic_assessments")),
    )
    op.create_index(
        "ix_periodic_assessments_registration_id", "periodic_assessments", ["registration_id"], unique=False
    )
    guard(op, "periodic_assessments")
    op.create_table(
        "reminders",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "kind", "due_on", name=op.f("pk_reminders")),
    )


def downgrade() -> None:
    op.drop_table("reminders")
    op.drop_table("periodic_assessments")
    op.drop_table("filings")
    op.drop_table("registration_holders")
    unguard(op, "registration_history")
    op.drop_column("registration_history", "until")
    guard(op, "registration_history", set_once=["known_to"])
    op.drop_index("ix_registrations_status", "registrations")
    op.drop_index("ix_registrations_institution", "registrations")
    for column in ("replaced_by", "replaces", "until"):
        op.drop_column("registrations", column)
    op.drop_index("ix_applications_subject", "applications")
    for column in ("starter_id", "started_by", "releasing", "filing_id", "subject_id"):
        op.drop_column("applications", column)
