"""The `review` service: what becomes of an application between its submission and its decision."""

from __future__ import annotations

from .entrypoints.applicants import Applicants
from .entrypoints.decisions import Decisions
from .entrypoints.events import Events
from .entrypoints.timers import Timers
from .entrypoints.work_lists import WorkLists
from .unit_of_work import SERVICE


class ReviewService(WorkLists, Decisions, Applicants, Events, Timers):
    """Work lists, cases, decisions, paper, withdrawal, statutory clocks."""

    name = SERVICE
