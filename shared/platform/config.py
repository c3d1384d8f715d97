"""Typed settings, read once from the environment; a missing or wrong one stops the start and is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from environs import EnvError, FileAwareEnv

ENVIRONMENTS = ("demo", "test", "production")
CIPHERS = ("sm4-gcm", "aes-gcm")
QUEUES = ("quorum", "classic")
ADDRESS_LIMITS = ("enforced", "off")
CALLER_CHECK = ("off", "enforced")
TRACING = ("off", "otlp")
IN_PROCESS = "inproc://"

# What a deployment for trial gets without asking; production has to name each of them.
_TRIAL_DEFAULTS = {
    "AMQP_URI": IN_PROCESS,
    "DATABASE_URL": "sqlite:///var/db",
    "ORIGIN": "local",
    "PROVINCES": "43",
    "KEYS_DIR": "var/keys",
    "FILES_DIR": "var/files",
    "SMS_PROVIDER": "outbox:",
    "PUBLIC_URL": "",
}
_AMQP_SCHEMES = ("amqp", "amqps", "pyamqp", "inproc")
_DATABASE_SCHEMES = ("postgresql", "postgresql+psycopg", "sqlite")


class SettingsError(Exception):
    """A setting is missing or wrong; `variable` names it, the text is one line for the operator."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


@dataclass(frozen=True)
class Deployment:
    """What all services of a deployment share. `.env.example` explains each."""

    environment: str
    amqp_uri: str
    origin: str
    provinces: tuple[str, ...]
    provinces_dir: Path
    calendar_dir: Path | None
    keys_dir: Path
    files_dir: Path
    clock_uri: str
    sms_provider: str
    sms_token: str = field(repr=False)
    public_url: str
    host: str
    port: int
    admin_host: str
    admin_port: int
    trusted_proxies: int
    drain_seconds: int
    address_limits: str
    caller_check: str
    crypto_cipher: str
    rpc_workers: int
    event_queues: str
    outbox_keep_days: int
    outbox_lag_limit: int
    log_level: str
    tracing: str
    otlp_endpoint: str

    @property
    def is_production(self) -> bool:
        """Whether real people's records are kept here; what weakens safety refuses to start then."""
        return self.environment == "production"

    @property
    def limits_addresses(self) -> bool:
        """Whether what one network address may try is counted; a trial plays everybody from one address."""
        return self.address_limits == "enforced"

    @property
    def checks_callers(self) -> bool:
        """Whether a request is answered to those alone whom the call graph names; each needs its own login then."""
        return self.caller_check == "enforced"

    @property
    def is_embedded(self) -> bool:
        """Whether all services share this process and its bus."""
        return self.amqp_uri.startswith(IN_PROCESS)


@dataclass(frozen=True)
class Settings(Deployment):
    """One service's settings: the deployment's, and where its own database is."""

    service: str
    database_url: str

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")


@cache
def load_deployment() -> Deployment:
    """The deployment's settings, the same object at every call; raises `SettingsError`."""
    return _read_deployment()


@cache
def load_settings(service: str) -> Settings:
    """The settings of `service`, the same object at every call; raises `SettingsError`."""
    deployment = load_deployment()
    url = database_url_of(service)
    if deployment.is_production and not (deployment.keys_dir / "transport.json").is_file():
        raise SettingsError("KEYS_DIR", f"no keys in {deployment.keys_dir}; run `python -m commands keys init` first")
    shared = {each.name: getattr(deployment, each.name) for each in fields(deployment)}
    return Settings(**shared, service=service, database_url=url)


def forget_settings() -> None:
    """Let the next `load_settings` read the environment again; for tests and commands that change it."""
    load_deployment.cache_clear()
    load_settings.cache_clear()


def settings_of(container: Any) -> Settings:
    """The settings of the service that a nameko container runs; nothing of one service is in nameko's own config."""
    return load_settings(str(container.service_name))


def database_url_of(service: str) -> str:
    """Where a service's database is, for a command that needs none of its keys; raises `SettingsError`."""
    deployment = load_deployment()
    own = f"{service.upper()}_DATABASE_URL"
    environment = _environment(deployment.environment)
    explicit = _text(environment, own, default="")
    url = _driver(own, explicit) if explicit else database_url_for(service, _text(environment, "DATABASE_URL"))
    if deployment.is_production and url.startswith("sqlite"):
        raise SettingsError(own if explicit else "DATABASE_URL", "production keeps its records in PostgreSQL")
    return url


def database_url_for(service: str, server: str) -> str:
    """The service's own database on a server: `yizhu_<service>` on PostgreSQL, `<service>.db` in an SQLite folder.

    A path in a PostgreSQL address takes the place of `yizhu`, so that several deployments can share a server.
    """
    parts = _split("DATABASE_URL", server)
    if parts.scheme == "sqlite":
        folder = server.removeprefix("sqlite:///").split("?", 1)[0]
        if not server.startswith("sqlite:///") or not folder:
            raise SettingsError("DATABASE_URL", "an SQLite folder is written sqlite:///FOLDER")
        return f"sqlite:///{folder.rstrip('/')}/{service}.db"
    prefix = parts.path.strip("/") or "yizhu"
    return parts._replace(scheme="postgresql+psycopg", path=f"/{prefix}_{service}").geturl()


def _read_deployment() -> Deployment:
    name = _text(_environment(""), "ENVIRONMENT", default="")
    if name not in ENVIRONMENTS:
        raise SettingsError(
            "ENVIRONMENT", f"is {'missing' if not name else repr(name)}; one of {', '.join(ENVIRONMENTS)}"
        )
    env = _environment(name)
    port = _number(env, "PORT", 8000, 0, 65535)
    deployment = Deployment(
        environment=name,
        amqp_uri=_of_scheme(env, "AMQP_URI", _AMQP_SCHEMES),
        origin=_text(env, "ORIGIN"),
        provinces=_provinces(_text(env, "PROVINCES")),
        provinces_dir=Path(_text(env, "PROVINCES_DIR", default="provinces")),
        calendar_dir=Path(folder) if (folder := _text(env, "CALENDAR_DIR", default="")) else None,
        keys_dir=Path(_text(env, "KEYS_DIR")),
        files_dir=Path(_text(env, "FILES_DIR")),
        clock_uri=_text(env, "CLOCK_URI", default=""),
        sms_provider=_text(env, "SMS_PROVIDER"),
        sms_token=_text(env, "SMS_TOKEN", default=""),
        public_url=_text(env, "PUBLIC_URL").rstrip("/") or f"http://127.0.0.1:{port}",
        host=_text(env, "HOST", default="127.0.0.1"),
        port=port,
        admin_host=_text(env, "ADMIN_HOST", default="127.0.0.1"),
        admin_port=_number(env, "ADMIN_PORT", 0, 0, 65535),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, 0, 10),
        drain_seconds=_number(env, "DRAIN_SECONDS", 0, 0, 30),
        address_limits=_one_of(env, "ADDRESS_LIMITS", ADDRESS_LIMITS if name == "production" else ADDRESS_LIMITS[::-1]),
        caller_check=_one_of(env, "CALLER_CHECK", CALLER_CHECK),
        crypto_cipher=_one_of(env, "CRYPTO_CIPHER", CIPHERS),
        rpc_workers=_number(env, "RPC_WORKERS", 60, 2, 2000),
        event_queues=_one_of(env, "EVENT_QUEUES", QUEUES if name == "production" else QUEUES[::-1]),
        outbox_keep_days=_number(env, "OUTBOX_KEEP_DAYS", 400, 1, 36500),
        outbox_lag_limit=_number(env, "OUTBOX_LAG_LIMIT", 300, 1, 86400),
        log_level=_one_of(env, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        tracing=_one_of(env, "TRACING", TRACING),
        otlp_endpoint=_text(env, "OTEL_EXPORTER_OTLP_ENDPOINT", default=""),
    )
    _check_clock(deployment)
    _check_tracing(deployment)
    if deployment.is_production:
        _refuse_weakened_safety(deployment)
    return deployment


def _refuse_weakened_safety(deployment: Deployment) -> None:
    """What is fit for a trial only; each refusal names its setting."""
    if deployment.is_embedded:
        raise SettingsError("AMQP_URI", "production needs a RabbitMQ address; the in-process bus keeps nothing")
    if deployment.sms_provider.startswith("outbox:"):
        raise SettingsError("SMS_PROVIDER", "production needs a real provider; outbox: shows codes on a page")
    if deployment.address_limits != "enforced":
        raise SettingsError("ADDRESS_LIMITS", "production limits what one address may try; leave it out")
    if deployment.clock_uri:
        raise SettingsError("CLOCK_URI", "production runs on the real clock; leave it out")


def _check_clock(deployment: Deployment) -> None:
    if deployment.clock_uri and not deployment.clock_uri.startswith("file:///"):
        raise SettingsError("CLOCK_URI", "is not of the form file:///PATH")


def _check_tracing(deployment: Deployment) -> None:
    """Traces go nowhere unless both settings say so: an address alone, left in an environment, sends nothing."""
    if deployment.tracing == "off":
        return
    parts = _split("OTEL_EXPORTER_OTLP_ENDPOINT", deployment.otlp_endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("OTEL_EXPORTER_OTLP_ENDPOINT", "is no http:// or https:// address; TRACING=otlp needs it")


def _environment(name: str) -> _Values:
    return _Values(os.environ, {} if name in ("production", "") else _TRIAL_DEFAULTS)


@dataclass(frozen=True)
class _Values:
    """The environment with what a trial may leave out."""

    given: Mapping[str, str]
    defaults: Mapping[str, str]


def _text(values: _Values, variable: str, default: str | None = None) -> str:
    """The variable, or the content of the file that `<variable>_FILE` names, or what a trial gets without asking."""
    try:
        given = FileAwareEnv(file_suffix="_FILE", eager=True).str(variable, None)
    except (EnvError, ValueError, OSError) as error:
        raise SettingsError(variable, f"can't be read ({type(error).__name__})") from error
    if given is not None and given.strip():
        return str(given).strip()
    fallback = values.defaults.get(variable, default)
    if fallback is None:
        raise SettingsError(variable, "is missing")
    return fallback


def _number(values: _Values, variable: str, default: int, lowest: int, highest: int) -> int:
    text = _text(values, variable, default=str(default))
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise SettingsError(variable, f"is not a number from {lowest} to {highest}")
    return int(text)


def _one_of(values: _Values, variable: str, allowed: tuple[str, ...]) -> str:
    text = _text(values, variable, default=allowed[0])
    if text not in allowed:
        raise SettingsError(variable, f"is not one of {', '.join(allowed)}")
    return text


def _of_scheme(values: _Values, variable: str, allowed: tuple[str, ...]) -> str:
    text = _text(values, variable)
    if _split(variable, text).scheme not in allowed:
        raise SettingsError(variable, f"does not begin with one of {', '.join(allowed)}")
    return text


def _provinces(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in text.split(",") if code.strip())
    if not codes or any(len(code) != 2 or not code.isdecimal() for code in codes) or len(set(codes)) != len(codes):
        raise SettingsError("PROVINCES", "is a list of two-digit codes such as 43,44")
    return codes


def _driver(variable: str, url: str) -> str:
    parts = _split(variable, url)
    return parts._replace(scheme="postgresql+psycopg").geturl() if parts.scheme.startswith("postgresql") else url


def _split(variable: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SettingsError(variable, "is not an address") from error
    if variable.endswith("DATABASE_URL") and parts.scheme not in _DATABASE_SCHEMES:
        raise SettingsError(variable, "does not begin with postgresql:// or sqlite:///")
    return parts
