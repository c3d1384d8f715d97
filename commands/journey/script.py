"""What the demo plays, step by step: a physician without a hitch, and an assistant with a return and a supplement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from commands.exam_cohort.manifest import clean_passes
from shared.trade.masking import mask_id

from .api import ApiProblem, day_of, wait_for
from .cast import Cast
from .people import Candidate, Doctor, Staff, Visitor, is_taken

PROVINCE = "43"
SCOPE_OF = {"10": "C01", "20": "D01", "30": "P01", "41": "T01", "42": "T02"}


@dataclass(frozen=True)
class Step:
    """One step that was played, with its result and how long it took."""

    title: str
    result: str
    seconds: float


class Clockwork:
    """Runs steps and times them."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def step(self, title: str, result: Any = "") -> Step:
        """The step that has just been played."""
        now = time.monotonic()
        seconds, self._since = now - self._since, now
        return Step(title, str(result), seconds)


def candidates(cohort: Path, manifest: Path, region: str, levels: str, categories: str) -> list[Candidate]:
    """Those of the cohort who passed in a region, at one of these levels and in one of these categories.

    Names with a character beyond the basic plane are left out: the certificate's font may lack it, and then the
    document waits for a person, as it should, and a journey would wait with it.
    """
    return [
        Candidate(
            name=row["name"],
            id_number=row["id_number"],
            ticket=row["ticket"],
            level=row["exam_code"][0],
            category=row["exam_code"][1:],
            region=row["region"],
        )
        for row in clean_passes(cohort, manifest, region)
        if row["exam_code"][0] in levels
        and row["exam_code"][1:] in categories.split()
        and max(row["name"]) < "\U00010000"
    ]


def next_doctor(base_url: str, pool: list[Candidate], marker: Path) -> tuple[Doctor, dict[str, Any]]:
    """Open an account for the next candidate who has none; `marker` remembers how far earlier runs came."""
    start = int(marker.read_text()) if marker.exists() else 0
    for position in range(start, len(pool)):
        marker.write_text(str(position + 1))
        doctor = Doctor(base_url, pool[position])
        try:
            return doctor, doctor.open_account()
        except ApiProblem as problem:
            if not is_taken(problem):
                raise
    raise RuntimeError("every candidate of the example cohort has an account; remove var/ to begin anew")


def play_physician(base_url: str, cast: Cast, cohort: Path, manifest: Path, marker: Path) -> Iterator[Step]:
    """A licensed physician registers at a hospital; nobody objects."""
    clock = Clockwork()
    pool = candidates(cohort, manifest, PROVINCE, "1", "10")
    hospital = cast.hospital(PROVINCE)
    doctor, account = next_doctor(base_url, pool, marker.with_suffix(".physician"))
    yield clock.step(
        "注册账号", f"{doctor.candidate.name} {mask_id(doctor.candidate.id_number)} {account['login_name']}"
    )
    yield from _until_activated(doctor, clock)
    institution = _institution(doctor, hospital.name)
    card = doctor.readiness(institution["id"])
    counted = len(card["outcomes"])
    yield clock.step("办理条件自查", f"{counted} 项条件，{'可以办理' if card['ready'] else '尚有条件未满足'}")
    doctor.start()
    yield clock.step("开始申请", doctor.application["number"])
    doctor.fill_in(institution["id"], [SCOPE_OF[doctor.candidate.category]], _today(doctor))
    yield clock.step("填写申请", f"{institution['name']}")
    doctor.upload()
    yield clock.step("上传材料", f"{len(doctor.application['materials'])} 份")
    doctor.submit()
    yield clock.step("承诺并提交", doctor.application["state"])
    yield from _through_the_authority(base_url, cast, doctor, hospital.licence_number, clock)
    yield from _to_the_certificate(doctor, clock)


def play_assistant(base_url: str, cast: Cast, cohort: Path, manifest: Path, marker: Path) -> Iterator[Step]:
    """An assistant registers at a township centre; the clerk returns it once, the window asks for a supplement once."""
    clock = Clockwork()
    pool = candidates(cohort, manifest, PROVINCE, "2", "10")
    centre = cast.township_centre(PROVINCE)
    doctor, account = next_doctor(base_url, pool, marker.with_suffix(".assistant"))
    yield clock.step(
        "注册账号", f"{doctor.candidate.name} {mask_id(doctor.candidate.id_number)} {account['login_name']}"
    )
    yield from _until_activated(doctor, clock)
    institution = _institution(doctor, centre.name)
    doctor.start()
    doctor.fill_in(institution["id"], [SCOPE_OF[doctor.candidate.category]], _today(doctor))
    doctor.upload()
    doctor.submit()
    yield clock.step("填写并提交", doctor.application["number"])
    clerk = _logged_in(base_url, cast.clerk_of(centre.licence_number))
    clerk.decide(doctor.application["number"], "return_to_applicant", ("employment_proof_mismatch", "employment_proof"))
    doctor.wait_until("ORG_RETURNED")
    yield clock.step("机构退回修改", "聘用证明与申请不一致")
    doctor.upload_one("employment_proof", ["application/pdf"])
    doctor.submit()
    yield clock.step("修改后再次提交", f"第 {doctor.application['submission']} 次提交")
    yield from _through_the_authority(base_url, cast, doctor, centre.licence_number, clock, supplement=True)
    yield from _to_the_certificate(doctor, clock)


def _until_activated(doctor: Doctor, clock: Clockwork) -> Iterator[Step]:
    doctor.log_in()
    yield clock.step("登录")
    me = doctor.be_recognised()
    yield clock.step("系统自动校验医师信息", f"{len(me['qualifications'])} 项资格")
    me = doctor.bind_phone()
    yield clock.step("手机号绑定", me["masked_phone"])
    me = doctor.activate()
    yield clock.step("激活账户", me["state"])


def _through_the_authority(
    base_url: str, cast: Cast, doctor: Doctor, licence_number: str, clock: Clockwork, *, supplement: bool = False
) -> Iterator[Step]:
    number = doctor.application["number"]
    clerk = _logged_in(base_url, cast.clerk_of(licence_number))
    clerk.decide(number, "confirm", step="confirm")
    yield clock.step("机构确认聘用", clerk.login)
    window = _logged_in(base_url, cast.of_authority(licence_number, "window"))
    window.receive_paper(number)
    yield clock.step("窗口接收纸质材料", window.login)
    if supplement:
        window.decide(number, "supplement", ("photo_unfit", "photo"), step="accept")
        doctor.wait_until("SUPPLEMENT")
        yield clock.step("一次告知补正", "照片不符合要求")
        doctor.upload_one("photo", ["image/jpeg"])
        doctor.supplement("已更换照片")
        yield clock.step("提交补正")
    window.decide(number, "accept", step="accept")
    doctor.wait_until("ACCEPTED", "PRE_REVIEW")
    yield clock.step("受理", f"{doctor.application['act_until']} 前作出决定")
    officer = _logged_in(base_url, cast.of_authority(licence_number, "officer"))
    case = officer.decide(number, "approve", step="decide")
    yield clock.step("准予注册", case["decision_number"])


def _to_the_certificate(doctor: Doctor, clock: Clockwork) -> Iterator[Step]:
    doctor.wait_until("EFFECTIVE", "CERT_ISSUED")
    certificate, document = doctor.certificate()
    yield clock.step("电子证照", f"{certificate['practice_code']}，PDF {len(document) // 1024} KB")
    public = Visitor(doctor.api.base_url)
    verdict = public.check_certificate(certificate["check_code"])
    yield clock.step("扫码核验", verdict["verdict"])
    found = public.find_physician(doctor.candidate.name, doctor.candidate.region)
    yield clock.step("公众查询", f"{len(found)} 人，{found[0]['institution_name']}")
    message = wait_for(
        "the message of the approval",
        lambda: next((item for item in doctor.messages() if item["template"] == "approved"), None),
    )
    yield clock.step("站内消息", message["title"])
    clocks = doctor.api.get("/me/seniority")["clocks"]
    yield clock.step("年限起算", clocks[0]["started_on"] if clocks else "")


def _institution(doctor: Doctor, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = doctor.api.get("/institutions", q=name)["items"]
    return next(item for item in found if item["name"] == name)


def _logged_in(base_url: str, login: Any) -> Staff:
    staff = Staff(base_url, login.login, login.password)
    staff.log_in()
    return staff


def _today(doctor: Doctor) -> date:
    return day_of(doctor.api)


Player = Callable[[str, Cast, Path, Path, Path], Iterator[Step]]
