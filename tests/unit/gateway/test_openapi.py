"""The OpenAPI document says what the code demands: headers of versions, problem details, one schema for both."""

from __future__ import annotations

import inspect
import re

import pytest

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def document(app):
    """The document as a client gets it."""
    return app.test_client().get("/api/openapi.json").get_json()


def operations(app, document):
    """(path and method, operation, the source of its view without the docstring) of every operation."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in METHODS:
            if path in document["paths"] and method.upper() in (rule.methods or ()):
                view = inspect.unwrap(app.view_functions[rule.endpoint])
                source = inspect.getsource(view)[inspect.getsource(view).index("\ndef ") :]
                yield f"{method} {path}", document["paths"][path][method], source.replace(view.__doc__ or "", "")


def headers_of(operation) -> dict[str, bool]:
    """Name of each header an operation takes, and whether it has to be there."""
    return {item["name"]: item["required"] for item in operation.get("parameters", ()) if item["in"] == "header"}


def test_every_change_of_a_version_says_that_it_demands_if_match(app, document):
    """I2: what a client isn't told it finds out by a 428; the mark and the code agree both ways."""
    found = list(operations(app, document))
    demanding = {name for name, _, source in found if "expected_version()" in source}
    assert {"patch /api/v1/applications/{application_id}", "post /api/v1/tasks/{task_id}/decision"} <= demanding
    described = {name for name, operation, _ in found if headers_of(operation).get("If-Match")}
    assert described == demanding
    for name, operation, _ in found:
        if name in demanding:
            assert {"409", "428"} <= set(operation["responses"]), name


def test_every_answer_with_a_version_says_so(app, document):
    found = list(operations(app, document))
    tagged = {name for name, _, source in found if "tagged(" in source or '"ETag"' in source}
    assert tagged
    described = {
        name
        for name, operation, _ in found
        if any("ETag" in response.get("headers", ()) for response in operation["responses"].values())
    }
    assert described == tagged


def test_every_write_may_be_repeated_safely(app, document):
    for name, operation, _ in operations(app, document):
        writes = not name.startswith("get ")
        assert ("Idempotency-Key" in headers_of(operation)) is writes, name


def test_every_error_is_described_as_problem_details(document):
    """RFC 9457."""
    errors = document["components"]["responses"]
    assert {"BAD_REQUEST", "CONFLICT", "DEFAULT_ERROR", "PRECONDITION_REQUIRED"} <= set(errors)
    for name, error in errors.items():
        assert list(error["content"]) == ["application/problem+json"], name


def test_no_mark_of_our_own_is_left_in_the_document(document):
    assert not [key for item in document["paths"].values() for operation in item.values() for key in operation
                if str(key).startswith("x-")]  # fmt: skip


def test_every_operation_says_what_it_does(app, document):
    for name, operation, _ in operations(app, document):
        assert operation.get("summary"), name
