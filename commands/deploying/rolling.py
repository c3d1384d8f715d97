"""Replaces a running province's containers by those of another image, one service after another, while people work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

from commands.deploying.folder import ROOT, WITH_DATABASE
from shared.contracts.calls import CALLS

Tell = Callable[[str], None]

#: Seconds that a new container gets until it is healthy, and an old one until it has finished what it had at hand.
HEALTHY_WITHIN: Final = 240.0
STOPPED_WITHIN: Final = 60
_EVERY: Final = 0.5


class UpgradeFailed(Exception):
    """The upgrade went no further; the text says how far it came and what goes on running."""


def order() -> list[str]:
    """Services in the order in which they are replaced: who is asked comes before who asks."""
    return list(TopologicalSorter({service: sorted(CALLS[service]) for service in sorted(CALLS)}).static_order())


class Containers:
    """The containers of a deployment's compose project, with the services on a given image."""

    def __init__(self, folder: Path, image: str) -> None:
        self.folder = folder
        self.image = image

    def step(self, name: str) -> None:
        """Run a step that ends by itself, such as a migration, in a container of its own."""
        self._compose("run", "--rm", "--no-deps", "-T", name)

    def forget_steps(self) -> None:
        """Remove the ended containers of steps: `up --no-recreate` would start them again, on the image of before."""
        self._compose("rm", "-f", "declare", *(f"migrate-{service}" for service in WITH_DATABASE))

    def of(self, service: str) -> list[str]:
        """The identifiers of a service's containers."""
        return self._compose("ps", "-q", service).split()

    def replace(self, service: str, *, beside: bool) -> None:
        """Bring new containers up, then stop the old ones; where there is no room beside them, stop them first.

        Raises `UpgradeFailed` when a new container gets not healthy. New ones are removed again then; old ones stay, or
        where they had to stop, others of their image take their place.
        """
        old = self.of(service)
        if beside and old:
            self._compose("up", "-d", "--no-deps", "--no-recreate", "--scale", f"{service}={2 * len(old)}", service)
            new = [container for container in self.of(service) if container not in old]
            if not self._wait_healthy(new):
                self._remove(new)
                raise UpgradeFailed(f"{service} did not get healthy; its containers of before go on")
            self._remove(old)
        else:
            before = _docker("inspect", "-f", "{{.Config.Image}}", *old[:1]).strip() if old else ""
            up = ("up", "-d", "--no-deps", "--scale", f"{service}={max(len(old), 1)}", service)
            self._compose(*up)
            if not self._wait_healthy(self.of(service)):
                if not before:
                    raise UpgradeFailed(f"{service} did not get healthy")
                self._compose(*up, image=before)
                if not self._wait_healthy(self.of(service)):
                    raise UpgradeFailed(f"{service} did not get healthy, and on {before} neither")
                raise UpgradeFailed(f"{service} did not get healthy; it runs {before} again")

    def require_healthy(self, service: str) -> None:
        """Refuse to begin on a province that is not well."""
        if not (found := self.of(service)) or set(_states(found)) != {"running healthy"}:
            raise UpgradeFailed(f"{service} is not healthy; nothing was changed")

    def _wait_healthy(self, containers: list[str]) -> bool:
        end = time.monotonic() + HEALTHY_WITHIN
        while time.monotonic() < end:
            states = _states(containers)
            if set(states) == {"running healthy"}:
                return True
            if any(state.startswith(("exited", "dead", "restarting")) for state in states):
                return False
            time.sleep(_EVERY)
        return False

    def _remove(self, containers: list[str]) -> None:
        _docker("stop", "-t", str(STOPPED_WITHIN), *containers)
        _docker("rm", *containers)

    def _compose(self, *arguments: str, image: str = "") -> str:
        # What stands in the environment goes before compose.env.
        return _run(str(ROOT / "deploy" / "compose"), str(self.folder), *arguments, YIZHU_IMAGE=image or self.image)


def upgrade(folder: Path, image: str, *, tell: Tell) -> None:
    """Bring a running province to `image`; `compose.env` names it when all run on it.

    The schema goes first, and the containers of before keep working on it: a release may add what they don't know, but
    nothing that they need goes before the release after it. `UpgradeFailed` leaves a working province, partly on the
    new image; the same again goes on, the image of before goes back.
    """
    containers = Containers(folder, image)
    services = order()
    for service in services:
        containers.require_healthy(service)
    if not _docker("image", "ls", "-q", image).strip():
        raise UpgradeFailed(f"there is no image {image}; nothing was changed")
    containers.step("declare")
    for service in services:
        if service in WITH_DATABASE:
            containers.step(f"migrate-{service}")
    tell("queues and schemas are this release's")
    beside = _has_room_for_gateways(folder, len(containers.of("gateway")))
    for service in services:
        began = time.monotonic()
        containers.replace(service, beside=beside or service != "gateway")
        tell(f"{service}: replaced in {time.monotonic() - began:.0f} s")
    _set(folder / "compose.env", "YIZHU_IMAGE", image)
    containers.forget_steps()
    tell(f"all services run {image}")


def _has_room_for_gateways(folder: Path, running: int) -> bool:
    """Whether twice as many gateways can be published at once: behind a proxy always, on a range of ports perhaps."""
    settings = (folder / "compose.env").read_text("utf-8")
    if "docker-compose.proxy.yml" in settings:
        return True
    published = re.search(r"^PUBLISH_PORT=(\d+)-(\d+)$", settings, re.MULTILINE)
    return published is not None and int(published[2]) - int(published[1]) + 1 >= 2 * running


def _set(path: Path, name: str, value: str) -> None:
    """Change one setting of a file, or add it; everything else stays as the operator wrote it."""
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(f"{name}=")]
    draft = path.with_name(f".{path.name}.new")
    draft.write_text("\n".join([*kept, f"{name}={value}"]) + "\n", "utf-8")
    draft.chmod(path.stat().st_mode & 0o777)
    draft.replace(path)


def _states(containers: list[str]) -> list[str]:
    """Of each container whether it runs, and what its health check says."""
    found = json.loads(_docker("inspect", *containers) or "[]")
    return [f"{each['State']['Status']} {each['State'].get('Health', {}).get('Status', '')}" for each in found]


def _docker(*arguments: str) -> str:
    return _run("docker", *arguments)


def _run(*command: str, **settings: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **settings}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise UpgradeFailed(f"{' '.join(command[:6])} …: {' / '.join(last)}")
    return done.stdout
