"""A deployment is carried to a machine that reaches no registry and no package index."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compose.containers import IMAGES, ROOT, identity, images, run

BUNDLE = f"yizhu-offline-{os.uname().machine}.tar"
#: Whoever asks an index or a proxy for something is refused at once.
CLOSED = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
}


@pytest.fixture
def carried():
    """The images under names that nothing else uses, and what they are."""
    names = {name: f"yizhu-carried/{name.removesuffix('_IMAGE').lower()}:1" for name in IMAGES if name in images()}
    for name, carried in names.items():
        run("docker", "tag", images()[name], carried)
    yield {name: (carried, identity(carried)) for name, carried in names.items()}
    run("docker", "rmi", *names.values(), check=False)


def test_a_bundle_brings_images_and_commands(carried, tmp_path):
    """After `make offline-load` the images are there, and the province's folder is written by the carried commands."""
    here, closed = (source_in(tmp_path / name) for name in ("here", "closed"))
    (here / ".venv").symlink_to(ROOT / ".venv")
    names = {name: carried_name for name, (carried_name, _) in carried.items()}
    (here / "deploy" / "43").mkdir()
    (here / "deploy" / "43" / "compose.env").write_text("".join(f"{name}={image}\n" for name, image in names.items()))
    run("make", "-s", "-C", str(here), "offline-bundle", "P=43", within=600)
    (here / BUNDLE).rename(closed / BUNDLE)
    shutil.rmtree(here)
    run("docker", "rmi", *names.values())

    told = run("make", "-s", "-C", str(closed), "offline-load", within=600, env=CLOSED).stdout
    assert {f"{name}={carried_name}" for name, carried_name in names.items()} <= set(told.splitlines())
    assert {name: (carried_name, identity(carried_name)) for name, carried_name in names.items()} == carried
    run("make", "-s", "-C", str(closed), "province", "P=43", env=CLOSED)
    assert (closed / "deploy" / "43" / "compose.env").exists()


def source_in(folder: Path) -> Path:
    """The source as it is, in a folder of its own. Times stay, so that make sees no newer lock file."""
    folder.mkdir()
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout.split("\0")
    paths = "\0".join(path for path in listed if (ROOT / path).is_file())
    copy = ["xargs", "-0", "cp", "-p", "--parents", "-t", str(folder)]
    subprocess.run(copy, cwd=ROOT, input=paths, text=True, check=True)
    return folder
