"""The folder of one deployment in containers: what is written once, and what is made from it again at every run.

    deploy/43/
      compose.env      images, ports, limits: read by docker-compose          the operator's, written once
      settings.env     settings of the services without secrets               the operator's, written once
      provinces/43.toml  the province's policy                                the operator's, written once
      passwords/       one a broker user, a database role, and what the operator brings (sms_token)
      keys/            the deployment's keys; keep a copy of this folder and of passwords/ apart
      secrets/         what each container is shown of both: made again at every run
      backups/         what `make backup` writes; as open as the folder that it lies in

The national defaults stay in the image: they belong to the release. The folder itself is open to its owner alone. Below
`secrets/` and `provinces/` everything is readable, because a container's user has another number on this machine:
nobody else gets that far.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from commands.deploying.broker import NO_SERVICE, OPERATIONS, VHOST, definitions
from commands.deploying.databases import database_of, server_sql
from commands.keys import key_files
from commands.services import SERVICES
from services.applications.signer_file import SIGNER
from services.applications.signing import create_trial_chain
from shared.platform.crypto import create_missing, initialise_secrets
from shared.platform.identity import initialise_identity_keys

ROOT: Final = Path(__file__).resolve().parents[2]
WITH_DATABASE: Final = tuple(service for service in SERVICES if service != "gateway")
#: One database server for all services, or one for each.
SERVERS: Final = ("one", "each")
#: The gateway itself is published, or a proxy before as many gateways as there are.
GATEWAYS: Final = ("published", "proxied")
#: Written by the operator, empty until then.
GIVEN: Final = ("sms_token",)

_PUBLISHED: Final = "docker-compose.published.yml"
_READABLE: Final = 0o444
_PASSABLE: Final = 0o755


@dataclass(frozen=True)
class Plan:
    """What is chosen when a deployment's folder is written for the first time."""

    province: str
    environment: str = "production"
    port: str = ""
    public_url: str = ""
    sms_provider: str = ""
    servers: str = "one"
    gateways: str = "published"

    @property
    def project(self) -> str:
        """The name of the compose project, and of the deployment in its events."""
        return f"yizhu-{self.province}"

    @property
    def is_trial(self) -> bool:
        """Whether nobody's real records are kept there."""
        return self.environment != "production"

    @property
    def ports(self) -> str:
        """Where the gateway is published: 80 and the province's code, unless another one was asked for."""
        return self.port or f"80{self.province}"


class DeploymentFolder:
    """One deployment's folder on the machine that runs it."""

    def __init__(self, path: Path, services: tuple[str, ...] = SERVICES) -> None:
        self.path = path
        self.services = services

    def write(self, plan: Plan) -> list[Path]:
        """Write what is missing and make again what follows from it; the files that were written for the first time.

        What exists of settings, passwords, keys and the province's own policy is never touched.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.chmod(0o700)
        written = [
            *self._once("compose.env", _compose_settings(plan, self.path)),
            *self._once("settings.env", _service_settings(plan)),
            *self._write_policy(plan.province),
            *self._write_passwords(),
            *initialise_secrets(self.path / "keys", self.services),
            *initialise_identity_keys(self.path / "keys", self.services),
        ]
        if self._setting("settings.env", "ENVIRONMENT") != "production":
            create_trial_chain(self.path / "keys")
        self._show()
        return written

    def kept_otherwise(self, plan: Plan, given: Iterable[str]) -> list[str]:
        """What `given` names of the plan and this folder, written before, says otherwise; one line each."""
        if not (self.path / "compose.env").is_file():
            return []
        proxied = "docker-compose.proxy.yml" in self._setting("compose.env", "COMPOSE_FILE")
        kept = {
            "environment": ("settings.env", "ENVIRONMENT", self._setting("settings.env", "ENVIRONMENT")),
            "port": ("compose.env", "PUBLISH_PORT", self._setting("compose.env", "PUBLISH_PORT")),
            "public_url": ("settings.env", "PUBLIC_URL", self._setting("settings.env", "PUBLIC_URL")),
            "sms_provider": ("settings.env", "SMS_PROVIDER", self._setting("settings.env", "SMS_PROVIDER")),
            "servers": ("compose.env", "DATABASE_SERVERS and COMPOSE_FILE", self._servers),
            "gateways": ("compose.env", "COMPOSE_FILE", GATEWAYS[proxied]),
        }
        return [
            f"{self.path} was written with {name.replace('_', '-')} {value or '(empty)'}: change {setting} of {file}"
            for name, (file, setting, value) in kept.items()
            if name in given and getattr(plan, name) != value
        ]

    def shortcomings(self) -> list[str]:
        """What has to be filled in before the services can start; one line each."""
        environment = self._setting("settings.env", "ENVIRONMENT")
        found = [
            f"{self.path / 'settings.env'}: {name} is empty"
            for name in ("PUBLIC_URL", "SMS_PROVIDER")
            if not self._setting("settings.env", name)
        ]
        if environment == "production":
            if not self._password("sms_token"):
                found.append(f"{self.path / 'passwords' / 'sms_token'} is empty: the SMS gateway's bearer token")
            if not (self.path / "keys" / SIGNER).is_file():
                found.append(f"{self.path / 'keys' / SIGNER} is missing: key and chain that sign documents")
        return found

    def policy_differs(self, province: str) -> bool:
        """Whether the deployment's policy is another than the release's, which it keeps."""
        ours, release = self.path / "provinces" / f"{province}.toml", ROOT / "provinces" / f"{province}.toml"
        return release.is_file() and ours.read_bytes() != release.read_bytes()

    def _write_policy(self, province: str) -> list[Path]:
        own = self.path / "provinces" / f"{province}.toml"
        if own.exists():
            return []
        _replace(own, (ROOT / "provinces" / own.name).read_bytes(), mode=0o644)
        return [own]

    def _write_passwords(self) -> list[Path]:
        names = [
            *(f"broker-{user}" for user in self._broker_users),
            *(f"database-{service}" for service in self._with_database),
        ]
        folder = self.path / "passwords"
        written = [folder / name for name in (*names, "postgres") if create_missing(folder / name, _new_password)]
        return written + [folder / name for name in GIVEN if create_missing(folder / name, bytes)]

    @property
    def _broker_users(self) -> tuple[str, ...]:
        return (*self.services, *NO_SERVICE)

    @property
    def _with_database(self) -> list[str]:
        return [service for service in self.services if service in WITH_DATABASE]

    def _show(self) -> None:
        """Lay out below `secrets/` what each container may see: its own and nothing of the others."""
        secrets_dir = self.path / "secrets"
        for user in self._broker_users:
            address = f"amqp://{user}:{self._password(f'broker-{user}')}@rabbitmq:5672/{VHOST}"
            _replace(secrets_dir / user / "amqp_uri", address.encode())
        for service in self.services:
            self._show_keys(service)
        for service in self._with_database:
            url = self._database_url(service).encode()
            _replace(secrets_dir / service / "database_url", url)
            # The operators' commands look into all databases; each with its own service's role, and without keys.
            _replace(secrets_dir / OPERATIONS / "databases" / service, url)
        _replace(secrets_dir / "notices" / "sms_token", self._password("sms_token").encode())
        broker = definitions({user: self._password(f"broker-{user}") for user in self._broker_users})
        _replace(secrets_dir / "broker" / "definitions.json", json.dumps(broker, indent=1).encode())
        self._show_servers()

    def _show_keys(self, service: str) -> None:
        names = [*key_files(service)]
        if service == "applications" and (self.path / "keys" / SIGNER).is_file():
            names.append(SIGNER)
        for name in names:
            _replace(self.path / "secrets" / service / "keys" / name, (self.path / "keys" / name).read_bytes())

    def _show_servers(self) -> None:
        passwords = {service: self._password(f"database-{service}") for service in self._with_database}
        servers: Mapping[str, Mapping[str, str]] = {"postgres": passwords}
        if self._servers == "each":
            servers = {_server_of(service): {service: password} for service, password in passwords.items()}
        for server, roles in servers.items():
            _replace(self.path / "secrets" / server / "password", self._password("postgres").encode())
            _replace(self.path / "secrets" / server / "init" / "10-services.sql", server_sql(roles).encode())

    @property
    def _servers(self) -> str:
        return self._setting("compose.env", "DATABASE_SERVERS") or "one"

    def _database_url(self, service: str) -> str:
        host = _server_of(service) if self._servers == "each" else "postgres"
        name = database_of(service)
        return f"postgresql://{name}:{self._password(f'database-{service}')}@{host}:5432/{name}"

    def _password(self, name: str) -> str:
        return (self.path / "passwords" / name).read_text("ascii").strip()

    def _setting(self, file: str, name: str) -> str:
        lines = (self.path / file).read_text("utf-8").splitlines()
        return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{name}=")), "")

    def _once(self, name: str, content: str) -> list[Path]:
        path = self.path / name
        if not create_missing(path, partial(content.encode, "utf-8")):
            return []
        return [path]


def _server_of(service: str) -> str:
    """A service's own database server. The first one keeps the name it has where it serves all."""
    return "postgres" if service == WITH_DATABASE[0] else f"postgres-{service}"


def _new_password() -> bytes:
    return secrets.token_urlsafe(32).encode()


def _replace(path: Path, content: bytes, *, mode: int = _READABLE) -> None:
    """Write a file that containers read, whole or not at all, and only if it says something else than before."""
    _make_passable(path.parent)
    if not path.exists() or path.read_bytes() != content:
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(content)
        draft.chmod(mode)
        draft.replace(path)


def _make_passable(folder: Path) -> None:
    """Make the folder and those above it that are missing, whatever the umask says."""
    if not folder.is_dir():
        _make_passable(folder.parent)
        folder.mkdir()
        folder.chmod(_PASSABLE)


def _compose_settings(plan: Plan, folder: Path) -> str:
    files = ["docker-compose.yml", "docker-compose.proxy.yml" if plan.gateways == "proxied" else _PUBLISHED]
    if plan.servers == "each":
        files.append("docker-compose.databases.yml")
    if plan.is_trial:
        files.append("docker-compose.trial.yml")
    shown = f"./{folder.relative_to(ROOT)}" if folder.is_relative_to(ROOT) else str(folder)
    return _COMPOSE.format(
        project=plan.project,
        files=":".join(files),
        folder=shown,
        province=plan.province,
        ports=plan.ports,
        servers=plan.servers,
    )


def _service_settings(plan: Plan) -> str:
    return _SETTINGS.format(
        environment=plan.environment,
        project=plan.project,
        province=plan.province,
        public_url=plan.public_url or (f"http://127.0.0.1:{plan.ports.split('-')[0]}" if plan.is_trial else ""),
        sms_provider=plan.sms_provider or ("outbox:" if plan.is_trial else ""),
    )


_COMPOSE: Final = """\
# What docker-compose is told of this deployment. Written once; change it here.
COMPOSE_PROJECT_NAME={project}
# The last of them may be, joined by a colon, docker-compose.observability.yml (a Prometheus of the province) and
# docker-compose.tracing.yml (a network in which the operator's collector of traces is): docs/operations.md.
COMPOSE_FILE={files}
DEPLOYMENT_DIR={folder}
PROVINCE={province}
# one database server for all services, or each its own (then docker-compose.databases.yml stands in COMPOSE_FILE).
DATABASE_SERVERS={servers}

# Where the gateway is published, or, with docker-compose.proxy.yml in COMPOSE_FILE, the proxy before the gateways.
# Without a proxy, a range such as 8043-8045 for as many gateways as it has ports.
PUBLISH_ADDRESS=127.0.0.1
PUBLISH_PORT={ports}
# Where Prometheus is, on this machine alone, and its folder of rules and targets; the network of the collector.
PROMETHEUS_PORT=90{province}
#OBSERVABILITY_DIR=./deploy/observability
#TRACING_NETWORK=traces

# Images; the official ones by default. `make base-images` makes local ones where no registry can be reached.
#PYTHON_IMAGE=python:3.11-slim-bookworm
#RABBITMQ_IMAGE=rabbitmq:3.13
#POSTGRES_IMAGE=postgres:15
#HAPROXY_IMAGE=haproxy:2.8
#YIZHU_IMAGE=yizhu:local
#PROMETHEUS_IMAGE=prom/prometheus:v2.53.0

# Where `make backup` writes and `make restore` reads; the folder's group has to be that of this folder.
#BACKUPS_DIR={folder}/backups

# Limits of each container.
#SERVICE_MEMORY=512m
#SERVICE_CPUS=2
#RABBITMQ_MEMORY=1g
#RABBITMQ_CPUS=2
#POSTGRES_MEMORY=1g
#POSTGRES_CPUS=2
#PROMETHEUS_MEMORY=512m
"""

_SETTINGS: Final = """\
# Settings of all services of this deployment, without secrets; .env.example explains each. Written once: change them
# here.
ENVIRONMENT={environment}
ORIGIN={project}
PROVINCES={province}
PUBLIC_URL={public_url}
SMS_PROVIDER={sms_provider}
CRYPTO_CIPHER=sm4-gcm
TRUSTED_PROXIES=0
LOG_LEVEL=INFO
# otlp sends traces to the collector at the endpoint; docker-compose.tracing.yml makes the way there.
TRACING=off
#OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318
#OTEL_TRACES_SAMPLER=parentbased_traceidratio
#OTEL_TRACES_SAMPLER_ARG=0.1
"""
