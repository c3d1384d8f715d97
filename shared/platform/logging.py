"""JSON lines with the correlation id of the work at hand; personal data can't pass."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, TextIO
from uuid import UUID

import orjson
import structlog

from .errors import DomainError
from .masked_text import masked_text

REMOVED: Final = "[removed]"
# A field with such a word in its name is dropped whatever it holds.
_PERSONAL: Final = frozenset(
    (
        *("name", "names", "phone", "phones", "mobile", "email", "address", "birth", "sex", "idcard", "number"),
        *("password", "passwords", "secret", "secrets", "token", "tokens", "ticket", "tickets", "captcha", "answer"),
        *("body", "payload", "text", "plain", "command", "facts", "data"),
    )
)
# Names that contain such a word and yet hold nothing of a person.
_HARMLESS: Final = frozenset({"method_name", "service_name", "queue_name", "row_number"})
# A code of ours (`case_changed`) is a word; a code of a person (certificate, SMS) is digits and letters.
_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z0-9_]+)*")
_PLAIN = (str, int, float, bool, UUID, date, datetime, Enum, type(None))


def configure_logging(
    service: str, level: str = "INFO", *, stream: TextIO | None = None, exception_text: bool = False
) -> None:
    """Send every logger of the process, those of libraries too, through the same chain as JSON lines.

    A traceback shows kinds and places. What the exceptions say may hold names, so it is shown (long numbers masked)
    only with `exception_text`, which is for trial deployments.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _with_traceback(exception_text),
                _of_service(service),
                without_personal_data,
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These tell at INFO what our own lines tell better, some with message bodies.
    for noisy in ("nameko", "amqp", "kombu", "eventlet", "alembic", "urllib3"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def get_logger(name: str = "") -> Any:
    """A structlog logger: `log.info("review_decided", review_id=…)`, a constant event name with fields."""
    return structlog.stdlib.get_logger(name or "yizhu")


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Put `fields` (correlation id, service) on every line that is logged inside the block, in this green thread."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def without_personal_data(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor before the text is made: masks long numbers, drops personal fields and whole objects."""
    return {key: _fit(key, value) for key, value in event.items()}


def _fit(key: str, value: Any) -> Any:
    if isinstance(value, bool | None):
        return value
    words = key.lower().split("_")
    if key not in _HARMLESS and not _PERSONAL.isdisjoint(words):
        return REMOVED
    if words[-1] in ("code", "codes") and isinstance(value, str) and not _CODE.fullmatch(value):
        return REMOVED
    if isinstance(value, int | float):
        return masked_text(str(value)) if len(str(value)) >= 11 else value
    if isinstance(value, Enum):
        return _fit(key, value.value)
    if isinstance(value, _PLAIN):
        return masked_text(str(value))
    if isinstance(value, Mapping):
        return {str(inner): _fit(str(inner), content) for inner, content in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_fit(key, content) for content in value]
    return f"[{type(value).__name__}]"


def _of_service(service: str) -> Any:
    def add(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        return event

    return add


def _with_traceback(exception_text: bool) -> Any:
    def add(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        info = event.pop("exc_info", None)
        error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
        if isinstance(error, BaseException):
            event["exception"] = traceback_lines(error, exception_text=exception_text)
        return event

    return add


def traceback_lines(error: BaseException, *, exception_text: bool = False) -> list[str]:
    """The chain of exceptions, each with its kind and the places it went through, outermost cause first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [] if earlier is None else traceback_lines(earlier, exception_text=exception_text)
    frames = traceback.extract_tb(error.__traceback__)
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    said = str(error) if exception_text or isinstance(error, DomainError) else ""
    lines.append(f"{type(error).__name__}: {said}" if said else type(error).__name__)
    return lines


def _as_json(event: Any, **options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
