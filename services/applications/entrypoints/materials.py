"""Materials: leave to upload, the look into what came, and leave to read (design D14)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from shared.platform.files import Received

from ..dependencies import CHILD_TIMEOUT
from ..domain.application import Application, StoredMaterial, attach, may_upload
from ..domain.business import Material, kind_of
from ..file_adoption import take_over
from .base import AUTHORITY_SEES_ALL, ApplicationsWork

GRANT_LIFETIME = timedelta(minutes=15)
LONGEST_NAME = 120


class Materials(ApplicationsWork):
    """Files of an application; their bytes never travel on the bus."""

    @rpc(contracts.GRANT_UPLOAD, action="material.upload")
    def grant_upload(self, command: dict[str, Any]) -> dict[str, Any]:
        """May this file come? Asked before a byte is taken."""
        now, _ = self._now()
        asked = _asked_for(self._read(command["id"]), command["kind"])
        if command["media_type"] not in asked.media_types:
            raise InvalidInput("invalid_input", fields={"file": ["file_type_not_allowed"]})
        if command["size"] > asked.max_size:
            raise InvalidInput("invalid_input", fields={"file": ["file_too_large"]})
        return {"max_size": asked.max_size, "expires_at": now + GRANT_LIFETIME}

    @rpc(contracts.ATTACH_MATERIAL, action="material.attach")
    def attach_material(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take over an upload, once a child process has found it to be what is asked for."""
        now, today = self._now()
        before = self._read(command["id"], version=command["version"])
        asked = _asked_for(before, command["kind"])
        if command["size"] > asked.max_size:
            raise InvalidInput("invalid_input", fields={"file": ["file_too_large"]})
        found = self.child.call(
            "inspect_upload",
            {
                "reference": command["reference"],
                "allowed": list(asked.media_types),
                "is_photo": asked.kind == "photo",
            },
            timeout=CHILD_TIMEOUT,
        )
        received = Received(command["reference"], command["sha256"], command["size"])
        stored = take_over(self.unit_of_work, self.files, received, self.clock.now())
        material = StoredMaterial(
            kind=asked.kind,
            address=stored.address,
            filename=_plain_name(command["filename"]),
            media_type=found["media_type"],
            size=stored.size,
            pages=found["pages"],
            at=now,
        )
        with self.unit_of_work() as uow:
            application = uow.applications.get(before.id, version=command["version"])
            self.actor.require(application, hide=True)
            keep_days = self.policy.on(today).whole("retention.draft_days", application.province)
            saved = uow.applications.save(attach(application, material, now=now, today=today, keep_days=keep_days))
            uow.stored_files.look_again(uow.applications.save_material(saved, material), now)
            view = self._view(saved, today)
            uow.commit(view)
        self.files.incoming.discard(command["reference"])
        return view

    @rpc(contracts.READ_MATERIAL, action="material.read")
    def read_material(self, command: dict[str, Any]) -> dict[str, Any]:
        """Leave to read one file for a minute; what staff looks at is told to the person (E71)."""
        application = self._read(command["id"])
        stored = next((item for item in application.materials if item.kind == command["kind"]), None)
        if stored is None:
            raise NotFound("material_not_found")
        asked = kind_of(application.type).material(stored.kind)
        is_sensitive = asked is None or asked.sensitive
        if is_sensitive and self.actor.role not in AUTHORITY_SEES_ALL:
            raise PermissionDenied("not_allowed")
        if is_sensitive and self.actor.kind == "staff" and not command["reason"].strip():
            # Health and the like are looked at for a stated purpose only (个人信息保护法 art.28).
            raise InvalidInput("invalid_input", fields={"reason": ["reason_needed"]})
        reference = self.files.grant(stored.address, media_type=stored.media_type, filename=stored.filename)
        if self.actor.kind == "staff":
            self._tell_of_view(application, f"material:{stored.kind}", command["reason"])
        return {
            "reference": reference,
            "filename": stored.filename,
            "media_type": stored.media_type,
            "size": stored.size,
        }


def _asked_for(application: Application, kind: str) -> Material:
    """The material of that name, if it may be added now."""
    if not may_upload(application):
        raise Conflict("application_not_editable", state=application.state.value)
    asked = kind_of(application.type).material(kind)
    if asked is None:
        raise InvalidInput("invalid_input", fields={"kind": ["material_unknown"]})
    return asked


def _plain_name(filename: str) -> str:
    """A file's own name without path and control characters."""
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(character for character in name if character.isprintable())[:LONGEST_NAME] or "file"
