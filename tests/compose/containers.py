"""One province in containers, driven from outside: started, broken, asked, removed without rest."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commands.services import SERVICES
from tests.support.waiting import free_port, get_status, wait_until

ROOT = Path(__file__).resolve().parents[2]
#: Containers on a busy machine; a quiet one needs a fifth of it.
HEALTHY_WITHIN = 240.0
ALL = ("rabbitmq", "postgres", *SERVICES)
IMAGES = ("PYTHON_IMAGE", "RABBITMQ_IMAGE", "POSTGRES_IMAGE", "HAPROXY_IMAGE", "PROMETHEUS_IMAGE", "YIZHU_IMAGE")


def run(
    *command: str, check: bool = True, within: float = 300.0, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program and give what it said; a failure shows it. `env` comes on top of `inherited`."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=inherited() | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=within,
    )
    assert not check or done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


def inherited() -> dict[str, str]:
    """The environment without the runner's choice of images, which would speak louder than a province's compose.env."""
    return {name: value for name, value in os.environ.items() if name not in IMAGES}


@dataclass
class Province:
    """A compose project of its own, with a folder of its own and a free port."""

    code: str
    folder: Path
    images: dict[str, str]
    servers: str = "one"
    gateways: str = "published"
    port: int = field(default_factory=free_port)

    @property
    def project(self) -> str:
        """The name of its compose project."""
        return f"yizhu-{self.code}-{self.port}"

    @property
    def url(self) -> str:
        """Where its gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    def write(self) -> None:
        """Write its folder, as `make province` does, for a trial on these images."""
        arguments = ["--into", str(self.folder), "--environment", "test", "--port", str(self.port)]
        command = [sys.executable, "-m", "commands", "province", "write", self.code, *arguments]
        arguments = ["--servers", self.servers, "--gateways", self.gateways]
        run(*command, *arguments, env={"PYTHONWARNINGS": "ignore"})
        self.set(COMPOSE_PROJECT_NAME=self.project, HEALTH_INTERVAL="4s", **self.images)

    def set(self, **settings: str) -> None:
        """Change what compose.env says, as an operator does."""
        path = self.folder / "compose.env"
        kept = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
        path.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in settings.items())]) + "\n")

    def compose(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """docker-compose with this province's settings."""
        return run(str(ROOT / "deploy" / "compose"), str(self.folder), *arguments, **options)

    def up(self, *arguments: str) -> None:
        """Start everything; returns when every container is healthy."""
        self.compose("up", "-d", *arguments, within=600)
        self.wait_healthy()

    def down(self) -> None:
        """Remove containers, networks and volumes."""
        self.compose("kill", check=False)
        self.compose("down", "-v", "-t", "3", "--remove-orphans", within=180)

    def command(self, given: Path, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m commands …` in a container of its own, with the secrets of `service` and the files of a folder."""
        for path in (given, *given.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        return self.compose("run", "--rm", "--no-deps", "-T", "-v", f"{given}:/given:ro", service, *arguments)

    def containers(self, service: str) -> list[str]:
        """The identifiers of a service's containers, running or not. Asked of Docker: docker-compose takes a second."""
        labels = {"project": self.project, "service": service, "oneoff": "False"}
        having = [part for name, value in labels.items() for part in ("-f", f"label=com.docker.compose.{name}={value}")]
        return run("docker", "ps", "-aq", "--no-trunc", *having).stdout.split()

    def container(self, service: str) -> str:
        """The identifier of its only one."""
        (found,) = self.containers(service)
        return found

    def inspect(self, service: str) -> dict[str, Any]:
        """What Docker says of its container."""
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", self.container(service)).stdout)
        return found[0]

    def is_healthy(self, service: str) -> bool:
        """Whether each of its containers says so."""
        found = self.containers(service)
        states = run("docker", "inspect", "-f", "{{.State.Status}} {{.State.Health.Status}}", *found, check=False)
        return bool(found) and set(states.stdout.splitlines()) == {"running healthy"}

    def wait_healthy(self, *services: str) -> None:
        """Wait for these, or for all, and for the gateway's port."""
        for service in services or (*ALL, *(["proxy"] if self.gateways == "proxied" else [])):
            wait_until(
                lambda name=service: self.is_healthy(name),
                HEALTHY_WITHIN,
                lambda name=service: self.tail(name),
                every=0.3,
            )
        wait_until(lambda: get_status(f"{self.url}/healthz") == 200, HEALTHY_WITHIN, lambda: self.tail("gateway"))

    def tail(self, service: str) -> str:
        """Its state and the end of its log, for a complaint."""
        ready = self.compose("exec", "-T", service, "python", "-I", "-S", "deploy/ready.py", check=False)
        log = self.compose("logs", "--tail=30", "--no-color", service, check=False)
        return f"{service} is not healthy: {ready.stdout}\n{log.stdout[-3000:]}"

    def crash(self, service: str) -> None:
        """kill -9 from outside the container, as the system does when memory runs out; its policy starts it again."""
        for container in self.containers(service):
            pid = int(run("docker", "inspect", "-f", "{{.State.Pid}}", container).stdout)
            if pid:
                os.kill(pid, signal.SIGKILL)

    @contextmanager
    def paused(self, service: str) -> Iterator[None]:
        """Connections stay open and nothing answers."""
        container = self.container(service)
        run("docker", "pause", container)
        try:
            yield
        finally:
            run("docker", "unpause", container)

    @contextmanager
    def cut_off(self, service: str) -> Iterator[None]:
        """The container runs on without a network to broker and database."""
        container, network = self.container(service), f"{self.project}_inside"
        run("docker", "network", "disconnect", network, container)
        try:
            yield
        finally:
            run("docker", "network", "connect", "--alias", service, network, container)

    def rows(self, service: str, statement: str) -> list[dict[str, Any]]:
        """What a query of a service's database gives, asked as the server's own user."""
        server = "postgres" if self.servers == "one" or service == "accounts" else f"postgres-{service}"
        wrapped = f"SELECT coalesce(json_agg(t), '[]') FROM ({statement}) t"  # tests' own statements
        psql = ("psql", "-U", "postgres", "-d", f"yizhu_{service}", "-Atc", wrapped)
        found: list[dict[str, Any]] = json.loads(run("docker", "exec", self.container(server), *psql).stdout)
        return found

    def figures(self, service: str) -> list[str]:
        """What `/metrics` of each of a service's containers says."""
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8100/metrics').read().decode())"
        return [run("docker", "exec", each, "python", "-c", ask).stdout for each in self.containers(service)]

    def logs(self) -> list[dict[str, Any]]:
        """The JSON lines of all services."""
        text = run("bash", "-c", f"for c in $(docker ps -aq -f label=com.docker.compose.project={self.project}); "
                   "do docker logs $c 2>&1; done").stdout  # fmt: skip
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def faults(self) -> list[dict[str, Any]]:
        """Log lines at error level."""
        return [line for line in self.logs() if line.get("level") in ("error", "critical")]

    def leftovers(self) -> list[str]:
        """Containers, networks and volumes that bear the project's label."""
        label = f"label=com.docker.compose.project={self.project}"
        found = [run("docker", "ps", "-aq", "-f", label).stdout]
        found += [run("docker", kind, "ls", "-q", "-f", label).stdout for kind in ("network", "volume")]
        return "".join(found).split()

    def memory(self) -> dict[str, float]:
        """MB of memory that each container has in use."""
        names = [container for service in ALL for container in self.containers(service)]
        done = run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *names)
        return {line.split()[0]: _megabytes(line.split()[1]) for line in done.stdout.splitlines()}


@contextmanager
def province(
    code: str, folder: Path, *, servers: str = "one", gateways: str = "published", **images_: str
) -> Iterator[Province]:
    """A province's folder, and nothing left of it afterwards, neither of the folder nor of what was started from it."""
    found = Province(code, folder, images() | images_, servers, gateways)
    found.write()
    try:
        yield found
    finally:
        if os.environ.get("KEEP_CONTAINERS") != "1":
            found.down()
            shutil.rmtree(folder, ignore_errors=True)


def images() -> dict[str, str]:
    """The images that the runner has chosen or built."""
    return {name: os.environ[name] for name in IMAGES if name in os.environ}


def identity(image: str) -> str:
    """The content of an image, whatever its name."""
    return run("docker", "image", "inspect", "-f", "{{.Id}}", image).stdout.strip()


def broken_for(service: str, image: str) -> str:
    """An image like another, but for one service that ends as soon as it is started."""
    broken = f"yizhu:broken-{service}"
    refusal = f'import sys; sys.argv[1:] == ["serve", "{service}"] and sys.exit("broken on purpose")'
    recipe = (f"FROM {image}", "USER root", f"RUN echo {shlex.quote(refusal)} >> commands/serve.py", "USER 10001:10001")
    run("bash", "-c", f"printf '%s\\n' {shlex.join(recipe)} | docker build -q -t {broken} -")
    return broken


def _megabytes(text: str) -> float:
    units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
    return float(text[:-3]) * units[text[-3:]]
