"""Create persons, their accounts, credentials, sessions and what is used once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Json, Utc
from shared.platform.migrations import create_platform_tables, drop_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_platform_tables(op)
    op.create_table(
        "captchas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_index", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_captchas"),
    )
    op.create_index("ix_captchas_expires_at", "captchas", ["expires_at"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name="pk_counters"),
    )
    op.create_table(
        "credentials",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("login_name", sa.Text(), nullable=False),
        sa.Column("login_index", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'staff')", name="ck_credentials_kind"),
        sa.PrimaryKeyConstraint("account_id", name="pk_credentials"),
        sa.UniqueConstraint("login_index", name="uq_credentials_login_index"),
    )
    op.create_table(
        "login_locks",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", Utc(), nullable=True),
        sa.Column("locked_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_login_locks"),
    )
    op.create_index("ix_login_locks_last_failure_at", "login_locks", ["last_failure_at"], unique=False)
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("id_type", sa.String(length=24), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.UniqueConstraint("id_index", name="uq_persons_id_index"),
    )
    op.create_index("ix_persons_name", "persons", ["name"], unique=False)
    op.create_table(
        "phone_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_phone_codes"),
    )
    op.create_index("ix_phone_codes_expires_at", "phone_codes", ["expires_at"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_index", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("factors", Json, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("last_seen_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("secret_index", name="uq_sessions_secret_index"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], unique=False)
    op.create_index("ix_sessions_opened_at", "sessions", ["opened_at"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("bound_phone_index", sa.String(length=64), nullable=True),
        sa.Column("consent_version", sa.String(length=40), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("failed_proofs", sa.Integer(), nullable=False),
        sa.Column("activated_at", Utc(), nullable=True),
        sa.Column("activation_route", sa.String(length=24), nullable=True),
        sa.Column("activated_with", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state <> 'ACTIVATED' OR activated_with IS NOT NULL", name="ck_accounts_activated_with"),
        sa.CheckConstraint(
            "state IN ('CREATED', 'UNMATCHED', 'MATCHED', 'PHONE_BOUND', 'ACTIVATED', 'DISABLED')",
            name="ck_accounts_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('PHONE_BOUND', 'ACTIVATED') OR bound_phone_index IS NOT NULL", name="ck_accounts_phone_bound"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_accounts_person_id_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("bound_phone_index", name="uq_accounts_bound_phone_index"),
        sa.UniqueConstraint("person_id", name="uq_accounts_person_id"),
    )
    op.create_table(
        "account_qualifications",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recognised_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_account_qualifications_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", "qualification_id", name="pk_account_qualifications"),
    )
    op.create_table(
        "paper_certificates",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entered_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_paper_certificates_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", "qualification_id", name="pk_paper_certificates"),
    )


def downgrade() -> None:
    op.drop_table("paper_certificates")
    op.drop_table("account_qualifications")
    op.drop_table("accounts")
    op.drop_table("sessions")
    op.drop_table("phone_codes")
    op.drop_table("persons")
    op.drop_table("login_locks")
    op.drop_table("credentials")
    op.drop_table("counters")
    op.drop_table("captchas")
    drop_platform_tables(op)
