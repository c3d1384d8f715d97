"""Runs every service as a process of its own on RabbitMQ and PostgreSQL, under a supervisor that starts what ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import typer
from kombu import Connection
from psycopg import sql

from commands.services import SERVICES
from shared.platform.config import SettingsError, database_url_for

app = typer.Typer(add_completion=False)

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "up"
#: The internal ports (`/healthz`, `/readyz`, `/metrics`) count up from here.
FIRST_ADMIN_PORT = 8101
_DEFAULTS = {
    "ENVIRONMENT": "demo",
    "PROVINCES": "43,44",
    "ORIGIN": "local",
    "KEYS_DIR": str(HOME / "keys"),
    "FILES_DIR": str(HOME / "files"),
    "PROVINCES_DIR": str(ROOT / "provinces"),
    "SMS_PROVIDER": "outbox:",
    "HOST": "127.0.0.1",
}
_SUPERVISOR = """[supervisord]
nodaemon=true
logfile={home}/supervisord.log
pidfile={home}/supervisord.pid
childlogdir={home}

[unix_http_server]
file={home}/supervisor.sock
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{home}/supervisor.sock
"""
_PROGRAM = """
[program:{service}]
command={python} -m commands serve {service}
directory={root}
environment=ADMIN_PORT="{admin_port}"
autorestart=true
startsecs=3
startretries=1000000
stopwaitsecs=45
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={home}/{service}.log
stdout_logfile_maxbytes=20MB
"""


@app.command()
def up(port: int = typer.Option(8000, min=1, max=65535, help="where the gateway listens")) -> None:
    """Prepare databases and queues, then run all services until told to stop; `AMQP_URI` and `DATABASE_URL` name the
    servers."""
    os.environ.setdefault("PORT", str(port))
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if os.environ["ENVIRONMENT"] != "production":
        os.environ.setdefault("CLOCK_URI", f"file://{HOME / 'clock'}")
        os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{os.environ['PORT']}")
    HOME.mkdir(parents=True, exist_ok=True)
    _check_broker(os.environ.get("AMQP_URI", ""))
    _create_databases(os.environ.get("DATABASE_URL", ""))
    if os.environ["ENVIRONMENT"] != "production":
        _run("keys", "init")
    _run("migrate")
    _run("declare")
    configuration = HOME / "supervisord.conf"
    configuration.write_text(_configuration(), "utf-8")
    typer.echo(f"Serving on http://127.0.0.1:{os.environ['PORT']} (Ctrl-C ends); logs in {HOME.relative_to(ROOT)}")
    os.execv(  # noqa: S606  # the supervisor takes this process over, so that signals reach it
        sys.executable, [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]
    )


def _configuration() -> str:
    programs = (
        _PROGRAM.format(
            service=service, python=sys.executable, root=ROOT, home=HOME, admin_port=FIRST_ADMIN_PORT + position
        )
        for position, service in enumerate(SERVICES)
    )
    return _SUPERVISOR.format(home=HOME) + "".join(programs)


def _check_broker(uri: str) -> None:
    if not uri.startswith(("amqp://", "amqps://", "pyamqp://")):
        raise SettingsError("AMQP_URI", "name a RabbitMQ, such as amqp://guest:guest@127.0.0.1:5672//")
    try:
        with Connection(uri, connect_timeout=5) as connection:
            connection.ensure_connection(max_retries=1)
    except OSError as error:
        raise SettingsError("AMQP_URI", f"no RabbitMQ answers there ({error})") from error


def _create_databases(server: str) -> None:
    """Make each service's database where it is missing; a deployment with roles of its own has made them before."""
    if not server.startswith("postgresql"):
        raise SettingsError("DATABASE_URL", "name a PostgreSQL server, such as postgresql://user:password@127.0.0.1")
    for service in SERVICES:
        if service == "gateway":
            continue
        address = database_url_for(service, server).replace("postgresql+psycopg", "postgresql", 1)
        base, _, name = address.rpartition("/")
        try:
            with psycopg.connect(f"{base}/postgres", autocommit=True, connect_timeout=5) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
                if known is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.OperationalError as error:
            raise SettingsError("DATABASE_URL", f"no PostgreSQL answers there ({type(error).__name__})") from error


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "commands", *arguments], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise typer.Exit(done.returncode)
