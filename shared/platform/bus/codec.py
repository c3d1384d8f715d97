"""A contract's two schemas as plain functions, made once a method: payload to wire and back, on either side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..contract import RpcMethod

CONTENT_TYPE = "application/json"
CONTENT_ENCODING = "utf-8"


class MethodCodec:
    """How one RPC's request and answer are written and read."""

    __slots__ = ("_accepted", "_answer", "_many", "_path", "_request")

    def __init__(self, contract: RpcMethod[Any, Any]) -> None:
        self._path = contract.path
        self._request = contract.request()
        self._answer = contract.answer() if contract.answer is not None else None
        self._many = contract.many
        self._accepted = frozenset(self._request.dump_fields)

    def dump_request(self, payload: Mapping[str, Any]) -> Any:
        """The caller's side: fields to wire form, sealed ones encrypted; a field the contract lacks is a TypeError."""
        unknown = payload.keys() - self._accepted
        if unknown:
            raise TypeError(f"{self._path} takes no {', '.join(sorted(unknown))}")
        return self._request.dump(payload)

    def load_request(self, body: Any) -> Any:
        """The owner's side: wire form to command, or `InvalidInput`."""
        return self._request.load(body)

    def dump_answer(self, result: Any) -> Any:
        """The owner's side: what the method returned, to wire form."""
        return None if self._answer is None else self._answer.dump(result, many=self._many)

    def load_answer(self, answer: Any) -> Any:
        """The caller's side: the answer with its dates, ids and enums as values; what a later release adds is left."""
        return None if self._answer is None else self._answer.read(answer, many=self._many)


_codecs: dict[int, tuple[RpcMethod[Any, Any], MethodCodec]] = {}


def codec_of(contract: RpcMethod[Any, Any]) -> MethodCodec:
    """The codec of a contract; contracts are constants, so each is built once and kept."""
    known = _codecs.get(id(contract))
    if known is None:
        known = _codecs[id(contract)] = (contract, MethodCodec(contract))
    return known[1]


to_json = orjson.dumps
from_json = orjson.loads
