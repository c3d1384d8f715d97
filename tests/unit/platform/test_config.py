"""Settings are typed, complete, and named when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.platform.config import (
    SettingsError,
    database_url_for,
    database_url_of,
    forget_settings,
    load_deployment,
    load_settings,
)

PRODUCTION = {
    "ENVIRONMENT": "production",
    "AMQP_URI": "amqp://yizhu:secret@broker//",
    "DATABASE_URL": "postgresql://yizhu@database",
    "ORIGIN": "hunan",
    "PROVINCES": "43",
    "SMS_PROVIDER": "https://sms.example/send",
    "SMS_TOKEN": "token",
    "PUBLIC_URL": "https://yizhu.example",
}


@pytest.fixture
def production(environment: pytest.MonkeyPatch, keys: Path) -> pytest.MonkeyPatch:
    for name, value in PRODUCTION.items():
        environment.setenv(name, value)
    forget_settings()
    return environment


def refused(variable: str) -> str:
    forget_settings()
    with pytest.raises(SettingsError) as raised:
        load_settings("review")
    assert raised.value.variable == variable
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_trial_needs_nothing_but_its_environment():
    settings = load_settings("review")
    assert settings.is_embedded
    assert settings.database_url == "sqlite:///var/db/review.db"
    assert settings.provinces == ("43",)
    assert load_settings("review") is settings


def test_a_complete_production_starts(production):
    settings = load_settings("review")
    assert settings.database_url == "postgresql+psycopg://yizhu@database/yizhu_review"
    assert settings.event_queues == "quorum"
    assert settings.limits_addresses
    assert settings.trusted_proxies == 0


@pytest.mark.parametrize(
    "variable",
    ["AMQP_URI", "DATABASE_URL", "ORIGIN", "PROVINCES", "SMS_PROVIDER", "PUBLIC_URL", "KEYS_DIR", "FILES_DIR"],
)
def test_production_names_what_is_missing(production, variable):
    production.delenv(variable)
    assert "is missing" in refused(variable)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AMQP_URI", "inproc://"),
        ("DATABASE_URL", "sqlite:///var/db"),
        ("SMS_PROVIDER", "outbox:"),
        ("CLOCK_URI", "file:///var/clock"),
        ("ADDRESS_LIMITS", "off"),
        ("KEYS_DIR", "/nowhere"),
    ],
)
def test_production_refuses_what_is_fit_for_a_trial_only(production, variable, value):
    production.setenv(variable, value)
    refused(variable)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("ENVIRONMENT", ""),
        ("AMQP_URI", "http://broker"),
        ("DATABASE_URL", "mysql://server"),
        ("DATABASE_URL", "sqlite://"),
        ("REVIEW_DATABASE_URL", "oracle://server/x"),
        ("PROVINCES", "Hunan"),
        ("PROVINCES", "43,43"),
        ("PORT", "70000"),
        ("PORT", "eighty"),
        ("CLOCK_URI", "http://clock"),
        ("TRUSTED_PROXIES", "all"),
        ("ADDRESS_LIMITS", "generous"),
        ("CALLER_CHECK", "on"),
        ("CRYPTO_CIPHER", "rot13"),
        ("EVENT_QUEUES", "fast"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(environment, variable, value):
    environment.setenv(variable, value)
    refused(variable)


@pytest.mark.parametrize("endpoint", ["", "collector:4318", "grpc://collector:4317"])
def test_traces_need_a_collector_that_speaks_http(environment, endpoint):
    environment.setenv("TRACING", "otlp")
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        load_deployment()


def test_an_address_of_a_collector_alone_sends_nothing(environment):
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert load_deployment().tracing == "off"
    environment.setenv("TRACING", "otlp")
    forget_settings()
    assert load_deployment().otlp_endpoint == "http://127.0.0.1:4318"


def test_any_setting_can_come_from_a_file(environment, tmp_path):
    secret = tmp_path / "amqp"
    secret.write_text("amqp://guest:guest@broker//\n")
    environment.setenv("AMQP_URI_FILE", str(secret))
    assert load_deployment().amqp_uri == "amqp://guest:guest@broker//"


def test_where_a_database_is_needs_no_keys(production):
    """Commands that open nothing sealed, such as a backup, run where no keys are."""
    production.setenv("KEYS_DIR", "/nowhere")
    forget_settings()
    assert database_url_of("review") == "postgresql+psycopg://yizhu@database/yizhu_review"
    refused("KEYS_DIR")


def test_a_file_that_is_not_there_is_named(environment):
    environment.setenv("AMQP_URI_FILE", "/nowhere/amqp")
    refused("AMQP_URI")


def test_a_service_may_have_a_database_elsewhere(environment):
    environment.setenv("REVIEW_DATABASE_URL", "postgresql://other/cases")
    assert load_settings("review").database_url == "postgresql+psycopg://other/cases"
    assert load_settings("accounts").database_url == "sqlite:///var/db/accounts.db"


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("sqlite:///var/db", "sqlite:///var/db/review.db"),
        ("sqlite:////srv/db/", "sqlite:////srv/db/review.db"),
        ("postgresql://a:b@h:5433", "postgresql+psycopg://a:b@h:5433/yizhu_review"),
        ("postgresql://h/hn?sslmode=require", "postgresql+psycopg://h/hn_review?sslmode=require"),
    ],
)
def test_each_service_has_its_own_database_on_the_server(server, expected):
    assert database_url_for("review", server) == expected


def test_settings_never_show_the_sms_token(production):
    production.setenv("SMS_TOKEN", "very-secret")
    forget_settings()
    assert "very-secret" not in repr(load_settings("review"))
