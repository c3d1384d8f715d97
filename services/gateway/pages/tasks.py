"""The task list of an application: its steps in groups, how far each is, and the one to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from ..view_models import word, word_or

#: Which steps stand together; a step that no group names joins the second.
_GROUPS = (("identity", ("personal", "qualification")), ("details", ()), ("submission", ("check",)))


@dataclass(frozen=True)
class Task:
    """One line of the list; `url` is empty where it can't be done yet."""

    name: str
    title: str
    hint: str
    state: str
    url: str


@dataclass(frozen=True)
class Tasks:
    """All lines by group, and the next one that is open."""

    groups: list[tuple[str, list[Task]]]
    next: Task
    done: int
    total: int


def tasks_of(view: Mapping[str, Any]) -> Tasks:
    """The task list of an application that its owner still edits."""
    tasks = [_task(view, step) for step in view["steps"]]
    named = {name for _, names in _GROUPS for name in names}
    groups = []
    for group, names in _GROUPS:
        own = [task for task in tasks if (task.name in names if names else task.name not in named)]
        if own:
            groups.append((word(f"task_group.{group}"), own))
    following = next((task for task in tasks if task.state != "done" and task.url), tasks[-1])
    return Tasks(groups, following, sum(task.state == "done" for task in tasks), len(tasks))


def step_url(view: Mapping[str, Any], step: str) -> str:
    """The page of a step."""
    if step == "check":
        return url_for("pages.check_answers", application_id=view["id"])
    return url_for("pages.form_step", application_id=view["id"], step=step)


def _task(view: Mapping[str, Any], step: Mapping[str, Any]) -> Task:
    state, name = step["state"], step["name"]
    hint = word_or(f"step_hint.{name}", "")
    if state == "blocked":
        return Task(name, word(f"step.{name}"), word_or(f"step_blocked.{name}", hint), state, "")
    return Task(name, word(f"step.{name}"), hint, state, step_url(view, name))
