"""The real process of `applications` with its peers, driven over RabbitMQ as gateway and `review` would drive it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import select, text

from commands.journey.papers import paper, photo
from commands.services import SERVICES
from services.applications.unit_of_work import ApplicationsUnitOfWork
from shared.contracts import applications as contracts
from shared.contracts import review
from shared.platform.config import Deployment, load_deployment
from shared.platform.contract import RpcMethod
from shared.platform.crypto import initialise_secrets, transport_box
from shared.platform.database import Database, WorkContext
from shared.platform.files import IncomingFiles
from shared.platform.identity import Actor, IdentitySigner, initialise_identity_keys
from shared.platform.ids import new_id
from shared.platform.migrations import upgrade
from shared.platform.platform_tables import PLATFORM, outbox
from shared.platform.unit_of_work import UnitOfWork
from tests.support.keys import keys_of
from tests.support.processes import ROOT, eventually, free_port, get_status
from tests.support.rpc_client import Answer, RpcClient, rpc_client

STRICTER_FROM = date(2040, 1, 2)
STRICTER = f"""
[[rule]]
key = "scope.check_departments"
value = "require"
valid_from = {STRICTER_FROM.isoformat()}
decision = "a scope needs a department of its own from this day on"
"""
AUTHORITY_ID = UUID("01900000-0000-7000-8000-00000000ee01")
HOSPITAL, TOWNSHIP, OTHER_PROVINCE = (UUID(int=0x01900000_0000_7000_8000_0000_0000_0C01 + n) for n in range(3))


@dataclass
class Running:
    """One deployment of the service; each test takes a person of its own."""

    folder: Path
    amqp_uri: str
    database_url: str
    _stack: ExitStack = field(default_factory=ExitStack)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _world: dict[str, Any] = field(default_factory=lambda: {"persons": {}, "institutions": {}, "qualifications": {}})

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._stack.close()

    def _start(self) -> None:
        keys = self.folder / "keys"
        initialise_secrets(keys, SERVICES)
        initialise_identity_keys(keys, SERVICES)
        (self.folder / "db").mkdir()
        self._stack.enter_context(keys_of(keys))
        self._deployment = replace(load_deployment(), files_dir=self.folder / "files")
        self.incoming = IncomingFiles(self._deployment, transport_box())
        upgrade(ROOT / "services" / "applications" / "migrations", self.database_url)
        review_url = f"sqlite:///{self.folder}/db/review.db"
        self.review = Database("review", review_url, pool_size=2)
        self._stack.callback(self.review.close)
        PLATFORM.create_all(self.review.engine)
        self.database = Database("applications", self.database_url, pool_size=2)
        self._stack.callback(self.database.close)
        self._place(HOSPITAL, "示例市第一人民医院", "430102")
        self._place(TOWNSHIP, "示例镇卫生院", "430121", is_township_or_village=True, is_county_or_below=True)
        self._place(OTHER_PROVINCE, "他省示例医院", "440103")
        admin = free_port()
        environment = {
            **os.environ,
            "ENVIRONMENT": "test",
            "AMQP_URI": self.amqp_uri,
            "KEYS_DIR": str(keys),
            "FILES_DIR": str(self.folder / "files"),
            "PROVINCES": "43,44",
            "PROVINCES_DIR": str(self._provinces()),
            "APPLICATIONS_DATABASE_URL": self.database_url,
            "DATABASE_URL": f"sqlite:///{self.folder}/db",
            "PEERS_WORLD": str(self.folder / "world.json"),
            "PUBLIC_URL": "https://example.org",
            "ADMIN_PORT": str(admin),
            "PYTHONWARNINGS": "ignore",
        }
        self._run("peers", environment, "-m", "tests.integration.applications.peers")
        eventually(lambda: "started" in self.log("peers"), 60)
        self._environment = environment
        self._serve()
        self.client: RpcClient = self._stack.enter_context(rpc_client(self.amqp_uri))

    def _serve(self) -> None:
        self._run("applications", self._environment, "-m", "commands", "serve", "applications")
        eventually(lambda: get_status(f"http://127.0.0.1:{self._environment['ADMIN_PORT']}/readyz") == 200, 60)

    @contextmanager
    def with_policy(self, changed: Callable[[str], str]) -> Iterator[None]:
        """The service started anew with another text of the province's policy file, and at the end as it was."""
        file = self.folder / "provinces" / "43.toml"
        before = file.read_text()
        self._start_under(file, changed(before))
        try:
            yield
        finally:
            self._start_under(file, before)

    def _start_under(self, file: Path, policy: str) -> None:
        file.write_text(policy)
        service = self._processes.pop()
        service.kill()
        service.wait()
        self._serve()

    def _provinces(self) -> Path:
        """The project's policy files, and a stricter rule from a day that is still to come."""
        folder = self.folder / "provinces"
        shutil.copytree(ROOT / "provinces", folder)
        with (folder / "43.toml").open("a") as file:
            file.write(STRICTER)
        return folder

    def _run(self, name: str, environment: dict[str, str], *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # --- the world around ---------------------------------------------------------------------------------------------

    def person(self, *, name: str = "沈若溪", level: str = "1", paper: bool = False, **qualification: Any) -> Person:
        """Somebody with one published qualification."""
        person = Person(self, uuid4(), uuid4())
        self._world["persons"][str(person.id)] = {
            "name": name,
            "id_number": "430199199708150249",
            "activated": True,
            "paper": paper,
            "qualifications": [str(person.qualification_id)],
        }
        self._world["qualifications"][str(person.qualification_id)] = {
            "code": f"202643{level}10430199199708150249",
            "year": 2026,
            "region": "43",
            "level": level,
            "category": "10",
            "area": "NATIONAL",
            "published_on": datetime.now(UTC).date().isoformat(),
            "status": "published",
            "education": "本科",
            "school": "示例医学院",
            "major": "临床医学",
        } | qualification
        self._tell()
        return person

    def change(self, kind: str, record: UUID, **changed: Any) -> None:
        """Let one record of the peers be otherwise from now on."""
        self._world[kind][str(record)].update(changed)
        self._tell()

    def _place(self, institution_id: UUID, name: str, division: str, **changed: Any) -> None:
        self._world["institutions"][str(institution_id)] = {
            "version": 1,
            "name": name,
            "licence_number": "99900011X43010211A1001",
            "licence_status": "valid",
            "division": division,
            "category": "A100",
            "grade": "3",
            "beds": 500,
            "departments": ["03 内科", "02 全科医疗科"],
            "authority": {
                "id": str(AUTHORITY_ID),
                "name": "示例卫生健康局",
                "tier": "county",
                "division": division,
            },
        } | changed
        self._tell()

    def _tell(self) -> None:
        draft = self.folder / "world.new"
        draft.write_text(json.dumps(self._world))
        draft.replace(self.folder / "world.json")

    # --- calls and news -----------------------------------------------------------------------------------------------

    def call(self, contract: RpcMethod[Any, Any], actor: Actor, *, key: str | None = None, **command: Any) -> Answer:
        """Call as `actor`; the answer's result is loaded with the contract's schema."""
        token = IdentitySigner.of("accounts", self.folder / "keys").sign(actor)
        wire = contract.request().dump(command)
        answer = self.client.call(contract, wire, token=token, key=key)
        if answer.code is not None or contract.answer is None:
            return answer
        return replace(answer, result=contract.answer().load(answer.result))

    def announce(self, event_type: Any, case_id: UUID, data: dict[str, Any]) -> None:
        """Let `review` tell this news."""
        with UnitOfWork(self.review, WorkContext("review", "test", "service:review", str(uuid4()))) as uow:
            uow.announce(event_type, aggregate_id=case_id, data=data, province="43")
            uow.commit()

    @property
    def deployment(self) -> Deployment:
        """The settings that the files of this deployment are opened with."""
        return self._deployment

    def all_told(self, uow: ApplicationsUnitOfWork) -> list[tuple[str, dict[str, Any]]]:
        """All news so far, oldest first."""
        rows = uow.session.execute(select(outbox.c.type, outbox.c.envelope).order_by(outbox.c.position))
        return [(kind, json.loads(envelope)["data"]) for kind, envelope in rows]

    def tables(self) -> Any:
        """A query for the names of the database's tables."""
        if self.database_url.startswith("sqlite"):
            return text("SELECT name FROM sqlite_master WHERE type = 'table'")
        return text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

    def rows_of(self, table: str) -> Any:
        """A query for everything in a table."""
        return text(f'SELECT * FROM "{table}"')

    def reading(self) -> ApplicationsUnitOfWork:
        """A look into the service's own database."""
        context = WorkContext("applications", "test", "operator:test", str(uuid4()))
        return ApplicationsUnitOfWork(self.database, context, read_only=True)

    def told(self, aggregate_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """The news of one record, oldest first: type and data in wire form."""
        with self.reading() as uow:
            rows = uow.session.execute(
                select(outbox.c.type, outbox.c.envelope, outbox.c.aggregate).order_by(outbox.c.position)
            )
            return [
                (kind, json.loads(envelope)["data"])
                for kind, envelope, name in rows
                if name.endswith(str(aggregate_id))
            ]


@dataclass
class Person:
    """An applicant: what they do one after the other."""

    running: Running
    id: UUID
    qualification_id: UUID
    application: dict[str, Any] = field(default_factory=dict)
    case_id: UUID = field(default_factory=new_id)
    case_version: int = 0

    @property
    def actor(self) -> Actor:
        """The person's context as `accounts` signs it."""
        return Actor(
            kind="person", id=f"person:{self.id}", role="physician", account_id=self.id, activated=True, province="43"
        )

    def call(self, contract: RpcMethod[Any, Any], **command: Any) -> Answer:
        """Call as this person."""
        return self.running.call(contract, self.actor, **command)

    def do(self, contract: RpcMethod[Any, Any], **command: Any) -> dict[str, Any]:
        """Call for the own application in its newest version; it has to succeed."""
        if self.application:
            command = {"id": self.application["id"], **command}
            if "version" in contract.request().fields:
                command.setdefault("version", self.application["version"])
        answer = self.call(contract, **command)
        assert answer.code is None, (contract.path, answer.kind, answer.code)
        if "submission" in (answer.result or {}):
            self.application = answer.result
        found: dict[str, Any] = answer.result
        return found

    def start(self) -> dict[str, Any]:
        """Begin a draft."""
        return self.do(contracts.START, type="REG", qualification_id=self.qualification_id)

    def fill_in(self, institution: UUID = HOSPITAL, scopes: tuple[str, ...] = ("C01",), **personal: Any) -> None:
        """Answer every page."""
        declared = {"full_capacity": True, "health_fit": True, "criminal_penalty": False, "barred_by_law": False}
        declared |= {"photo_taken_on": "2026-11-01", "health_check_on": "2026-11-01"}
        self.do(contracts.SAVE_STEP, step="personal", values=declared | personal)
        self.do(contracts.SAVE_STEP, step="qualification", values={})
        where = {"institution_id": str(institution), "start_on": "2026-12-01"}
        self.do(contracts.SAVE_STEP, step="institution", values=where)
        self.do(contracts.SAVE_STEP, step="scope", values={"scopes": list(scopes)})

    def upload(self, kind: str, content: bytes | None = None, media_type: str | None = None) -> Answer:
        """Upload a file as the gateway would."""
        as_photo = kind == "photo"
        content = content if content is not None else photo() if as_photo else paper(kind)
        media_type = media_type or ("image/jpeg" if as_photo else "application/pdf")
        received = self.running.incoming.receive(BytesIO(content), 20_000_000)
        answer = self.call(
            contracts.ATTACH_MATERIAL,
            id=self.application["id"],
            version=self.application["version"],
            kind=kind,
            reference=received.reference,
            sha256=received.digest,
            size=received.size,
            filename=f"材料-{kind}",
            media_type=media_type,
        )
        if answer.code is None:
            self.application = answer.result
        return answer

    def drafted(self, **form: Any) -> Person:
        """A draft that could be submitted."""
        self.start()
        self.fill_in(**form)
        for kind in ("photo", "employment_proof"):
            answer = self.upload(kind)
            assert answer.code is None, (kind, answer)
        return self

    def submitted(self, **form: Any) -> Person:
        """An application that waits for the institution."""
        self.drafted(**form)
        self.do(contracts.SUBMIT, declaration=True)
        return self

    def reload(self) -> dict[str, Any]:
        """The application as it is now."""
        return self.do(contracts.APPLICATION)

    def wait_for(self, state: str, within: float = 20.0) -> dict[str, Any]:
        """Wait until the application is in a state."""
        eventually(lambda: self.reload()["state"] == state, within)
        return self.application

    def advance(
        self,
        *states: str,
        reasons: list[dict[str, str]] | None = None,
        on: date | None = None,
        notice: int = 0,
    ) -> None:
        """Let the case go through these states, and wait until the application has followed."""
        for state in states:
            before = "SUBMITTED" if not self.case_version else self.application["state"]
            self.case_version += 1
            self.running.announce(
                review.CASE_ADVANCED,
                self.case_id,
                self._case()
                | {
                    "version": self.case_version,
                    "action": "go_on",
                    "from_state": before,
                    "to_state": state,
                    "actor_role": "officer",
                    "reasons": reasons or [],
                    "note": "",
                    "acts_next": "applicant" if state in ("ORG_RETURNED", "SUPPLEMENT") else "authority",
                    "act_until": None,
                    "effective_on": on or datetime.now(UTC).date(),
                    "notice": notice,
                },
            )
            self.wait_for(state)

    def decide(self, outcome: str = "approved", number: str = "示卫医许〔2026〕1号") -> None:
        """Let the authority decide; what follows is for the caller to wait for."""
        self.running.announce(
            review.CASE_DECIDED,
            self.case_id,
            self._case()
            | {
                "outcome": outcome,
                "decision_number": number,
                "decided_on": datetime.now(UTC).date(),
                "decided_at": datetime.now(UTC),
                "deciding_authority": {
                    "id": AUTHORITY_ID,
                    "name": "示例卫生健康局",
                    "tier": "county",
                    "division": "430102",
                },
                "submission": self.application["submission"],
                "reasons": [{"code": "false_material", "target": "employment_proof", "note": ""}]
                if outcome == "refused"
                else [],
                "note": "",
                "policy": self.application["policy"],
            },
        )

    def accepted(self, **form: Any) -> Person:
        """An application that waits for the decision."""
        self.submitted(**form)
        self.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "ACCEPTED")
        return self

    def registered(self, **form: Any) -> Person:
        """A registered doctor."""
        self.accepted(**form)
        self.decide()
        self.wait_for("CERT_ISSUED")
        return self

    def _case(self) -> dict[str, Any]:
        institution = self.application["institution"]
        return {
            "case_id": self.case_id,
            "application_id": self.application["id"],
            "number": self.application["number"],
            "type": "REG",
            "sub_kind": "FIRST",
            "person_id": self.id,
            "institution_id": institution["id"],
            "institution_name": institution["name"],
            "authority_id": AUTHORITY_ID,
            "authority_name": "示例卫生健康局",
        }
