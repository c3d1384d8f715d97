"""Golden samples: one JSON file for every RPC and event, in plain text, read by the tests of both sides.

A sample is written once and never regenerated: it stands for what is already out there in queues, outboxes and other
releases. `python -m tests.contract.samples` writes the samples of contracts that have none yet.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, validate

from shared.platform.contract import EventType, RpcMethod
from shared.platform.schemas import Sealed

FOLDER = Path(__file__).parent / "samples"
OWNERS = ("accounts", "applications", "review", "sync", "notices")
_UUID = "0193a1f0-0000-7000-8000-00000000000{}"


def contracts() -> list[RpcMethod[Any, Any] | EventType]:
    """Every RPC and event of every service."""
    found: dict[str, Any] = {}
    for owner in OWNERS:
        for value in vars(importlib.import_module(f"shared.contracts.{owner}")).values():
            if isinstance(value, RpcMethod):
                found[value.path] = value
            elif isinstance(value, EventType):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def name_of(contract: RpcMethod[Any, Any] | EventType) -> str:
    """The name that a sample's file carries."""
    return contract.path if isinstance(contract, RpcMethod) else contract.name


def sample(contract: RpcMethod[Any, Any] | EventType) -> dict[str, Any]:
    """The golden sample: `request` and `answer` of an RPC, `data` of an event; sealed fields stand in plain text."""
    parsed: dict[str, Any] = json.loads((FOLDER / f"{name_of(contract)}.json").read_text("utf-8"))
    return parsed


def schemas_of(contract: RpcMethod[Any, Any] | EventType) -> dict[str, type[Schema]]:
    """The schemas that a sample's parts have to fit."""
    if isinstance(contract, EventType):
        return {"data": contract.data}
    parts: dict[str, type[Schema]] = {"request": contract.request}
    if contract.answer is not None:
        parts["answer"] = contract.answer
    return parts


def example_of(schema: type[Schema], depth: int = 0) -> dict[str, Any]:
    """A first sample for a schema, to be edited into something true to life."""
    return {
        field.data_key or name: _example(name, field, depth) for name, field in schema().fields.items() if depth < 6
    }


def _example(name: str, field: Any, depth: int) -> Any:
    if isinstance(field, Sealed):
        return _SEALED.get(name, "样例")
    choices = [found for found in _validators(field) if isinstance(found, validate.OneOf)]
    if choices:
        return next(iter(choices[0].choices))
    if isinstance(field, fields.Nested):
        return example_of(type(field.schema), depth + 1)
    if isinstance(field, fields.List):
        return [_example(name.rstrip("s"), field.inner, depth)]
    if isinstance(field, fields.Dict):
        inner = _example(name, field.value_field, depth) if field.value_field is not None else "x"
        return {_KEYS.get(name, "key"): inner}
    if isinstance(field, fields.Integer) and name.endswith("year"):
        return 2026
    for kind, value in _PLAIN:
        if isinstance(field, kind):
            return value
    return _TEXTS.get(name, "text")


def _validators(field: Any) -> list[Any]:
    return list(field.validators or [])


_SEALED = {
    "name": "林静怡",
    "applicant_name": "林静怡",
    "id_number": "430199199708150249",
    "code": "202643110430199199708150249",
    "ticket": "4305261100123",
    "phone": "13900000001",
    "birth_date": "1997-08-15",
    "email": "a@example.org",
    "address": "127.0.0.1",
}
_TEXTS = {
    "category": "10",
    "area": "NATIONAL",
    "education": "bachelor",
    "school": "示例医学院",
    "major": "临床医学",
    "institution_name": "湘岳示例医院",
    "authority_name": "示例卫生健康委员会",
    "decision": "示例决定 2026 第 12 号",
    "decision_number": "430000-REG-2026-000001",
    "corrections": "bachelor",
    "reason": "核对纸质材料",
    "note": "请核对",
    "state": "ACCEPTED",
    "from_state": "RECEIVED",
    "to_state": "ACCEPTED",
    "action": "accept",
    "actor_role": "window",
    "acts_next": "authority",
    "sub_kind": "FIRST",
    "step": "accept",
    "clock": "decision",
    "template": "accepted",
    "title": "申请已受理",
    "body": "主管部门已受理您的申请。",
    "media_type": "application/pdf",
    "masked_id": "4301************49",
    "masked_phone": "139****0001",
    "masked_code": "2026431104301************49",
    "sex": "female",
    "scope": "C01",
    "workflow": "REG/1",
    "verify_url": "https://example.org/verify/8Q2VJ5XK7M3N",
    "region": "43",
    "province": "43",
    "division": "430102",
    "practice_place": "43",
    "sha256": "0" * 64,
    "check_code": "8Q2VJ5XK7M3N",
    "practice_code": "110430102000123",
    "licence_number": "99900011X43010211A1001",
    "number": "ZC20261120-0318",
    "hash": "0" * 64,
    "consent_version": "1",
    "captcha_answer": "7K4P",
    "login_name": "linjingyi",
}
_KEYS = {"corrections": "education", "values": "scopes", "counts": "PUBLISHED", "reasons": "id_check_digit"}
_PLAIN: tuple[tuple[type, Any], ...] = (
    (fields.UUID, _UUID.format(1)),
    (fields.AwareDateTime, "2026-11-20T02:30:00+00:00"),
    (fields.Date, "2026-11-20"),
    (fields.Boolean, True),
    (fields.Integer, 1),
)


def write_missing() -> None:
    """Write a first sample for every contract that has none."""
    FOLDER.mkdir(exist_ok=True)
    for contract in contracts():
        path = FOLDER / f"{name_of(contract)}.json"
        if not path.exists():
            parts = {part: example_of(schema) for part, schema in schemas_of(contract).items()}
            path.write_text(json.dumps(parts, ensure_ascii=False, indent=1) + "\n", "utf-8")
            print(path.name)


if __name__ == "__main__":
    write_missing()
