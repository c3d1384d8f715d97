"""The workflow files: read and checked at start, and found again for a case that is pinned to an older version."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from .domain.case import WorkflowPin
from .domain.definition import WorkflowError, read_workflow
from .domain.workflow import Workflow

FOLDER: Final = Path(__file__).parent / "workflows"


class WorkflowTextStore(Protocol):
    """Where texts of earlier versions are kept."""

    def text_of(self, digest: str) -> str | None:
        """The text with that digest."""


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow with the text that it was read from."""

    workflow: Workflow
    content: str


def parse_workflow(content: str, source: str) -> Workflow:
    """The workflow in a text, or `WorkflowError` naming every fault."""
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise WorkflowError([f"{source}: {error}"]) from error
    return read_workflow(table, source, digest_of(content))


def digest_of(content: str) -> str:
    """What a case is pinned to besides name and version."""
    return hashlib.sha256(content.encode()).hexdigest()


class Workflows:
    """The workflows of this release, and older versions as cases ask for them."""

    def __init__(self, files: list[WorkflowFile]) -> None:
        self._current = {file.workflow.name: file for file in files}
        self._known = {file.workflow.digest: file.workflow for file in files}

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Workflows:
        """Read all files of a folder; a file speaks for the kind of business that it is named after."""
        files, faults = [], []
        for path in sorted(folder.glob("*.toml")):
            content = path.read_text(encoding="utf-8")
            try:
                workflow = parse_workflow(content, path.name)
                if workflow.name != path.stem:
                    raise WorkflowError([f"{path.name}: the file is named after another workflow than {workflow.name}"])
                files.append(WorkflowFile(workflow, content))
            except WorkflowError as error:
                faults += error.faults
        if faults or not files:
            raise WorkflowError(faults or [f"{folder} holds no workflow"])
        return cls(files)

    def current(self, business_type: str) -> WorkflowFile:
        """The version on which new cases are opened; `KeyError` for a kind of business without one."""
        return self._current[business_type]

    def of_pin(self, pin: WorkflowPin, texts: WorkflowTextStore) -> Workflow:
        """The very version that a case was opened on, whatever the files say today."""
        known = self._known.get(pin.digest)
        if known is None:
            content = texts.text_of(pin.digest)
            if content is None:
                raise LookupError(f"the text of {pin.name}/{pin.version} is lost")
            known = self._known[pin.digest] = parse_workflow(content, f"{pin.name}/{pin.version}")
        return known
