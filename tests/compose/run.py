"""`make compose-test`: from nothing to a province in containers, its tests, and what a newcomer wants to know."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.compose.containers import IMAGES, ROOT, run

PACKAGES = ROOT / "debian-packages-containers.txt"
IMAGE = "yizhu:compose-test"


def main() -> int:
    """Install, start Docker where none runs, build, test, tell, stop what was started."""
    began = time.time()
    _install()
    with tempfile.TemporaryDirectory(prefix="yizhu-compose-") as folder:
        daemon = str(Path(folder) / "dockerd")
        run("deploy/dockerd/ensure.sh", daemon)
        try:
            return _test(Path(folder), began)
        finally:
            run("deploy/dockerd/release.sh", daemon)


def _test(folder: Path, began: float) -> int:
    environment = {**os.environ, **_base_images()}
    environment.pop("DOCKER_BUILDKIT", None)
    based = time.time()
    if "YIZHU_IMAGE" not in environment:
        build = ["--build-arg", f"PYTHON_IMAGE={environment['PYTHON_IMAGE']}"] if "PYTHON_IMAGE" in environment else []
        run("docker", "build", "-q", *build, "-t", IMAGE, ".", within=900, env={"DOCKER_BUILDKIT": ""})
        environment["YIZHU_IMAGE"] = IMAGE
    built = time.time()
    figures = folder / "figures.json"
    environment |= {"COMPOSE_TEST_BEGAN": str(began), "COMPOSE_TEST_FIGURES": str(figures)}
    command = [sys.executable, "-m", "pytest", "tests/compose", "-p", "no:cacheprovider", *sys.argv[1:]]
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    print("\nA province in containers")
    _tell("seconds for the base images", based - began)
    _tell("seconds for the services' image", built - based)
    for name, value in (json.loads(figures.read_text()) if figures.exists() else {}).items():
        _tell(name, value)
    for name, image in sorted((name, environment[name]) for name in IMAGES if name in environment):
        size = int(run("docker", "image", "inspect", "-f", "{{.Size}}", image, check=False).stdout or 0)
        _tell(f"MB of {image} ({name})", size / 1e6)
    return status


def _tell(name: str, value: float) -> None:
    print(f"  {name:<64}{value:8.1f}", flush=True)


def _base_images() -> dict[str, str]:
    """The images of the environment; where it names none, the stand-ins, so that no registry is asked."""
    if "RABBITMQ_IMAGE" in os.environ:
        return {}
    made = run("deploy/images/build.sh", within=1200).stdout
    return dict(line.split("=", 1) for line in made.splitlines() if "=" in line)


def _install() -> None:
    """Docker and what base images are made with, on Debian as root; elsewhere they have to be there.

    Nothing of Docker is installed where one is, of whatever making: Debian's would take its place.
    """
    missing = _missing()
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"Install first what Debian calls {', '.join(missing)} ({PACKAGES.name}).")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    options = ("-y", "-qq", "--no-install-recommends", "--no-remove")
    run("apt-get", "update", "-qq", within=600, env=environment)
    run("apt-get", "install", *options, *missing, within=900, env=environment)


def _missing() -> list[str]:
    """The packages of the list without whose programs nothing begins here."""
    there = {
        "docker.io": _works("docker", "info") or _has("dockerd"),
        "iptables": _works("docker", "info") or _has("iptables"),
        "docker-compose": _has("docker-compose") or _works("docker", "compose", "version"),
        "debootstrap": _has("debootstrap") or "RABBITMQ_IMAGE" in os.environ,
    }
    listed = [line for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    return [package for package in listed if not there[package]]


def _has(program: str) -> bool:
    """Whether a program is there; those of administrators are not on everybody's path."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is not None


def _works(*command: str) -> bool:
    return _has(command[0]) and run(*command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
