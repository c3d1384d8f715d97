"""The main job against containers, over HTTP, from nothing to the certificate."""

from __future__ import annotations

import os
import time

from tests.compose.registrations import assert_nothing_waits, assert_registered_exactly_once
from tests.support.registration_acts import acts


def test_an_exam_result_becomes_a_registered_doctor(province, deployment, figures):
    """Every act of the main job; its end is what every database says."""
    doctor = deployment.doctor()
    for act in acts(deployment, doctor):
        act()
    if began := os.environ.get("COMPOSE_TEST_BEGAN"):
        figures["seconds from nothing to the first certificate"] = time.time() - float(began)
    certificate, document = doctor.certificate()
    assert document.startswith(b"%PDF")
    assert deployment.visitor().check_certificate(certificate["check_code"])["verdict"] == "valid"
    assert_registered_exactly_once(province, doctor)
    assert_nothing_waits(province)


def test_a_withdrawn_application_leaves_no_registration(province, deployment):
    """撤回: the case ends, and nothing of it is in the register."""
    doctor = deployment.accepted()
    doctor.withdraw("不再申请")
    doctor.wait_until("WITHDRAWN")
    found = f"SELECT id FROM registrations WHERE application_id = '{doctor.application['id']}'"
    assert province.rows("applications", found) == []


def test_the_idle_province_stays_below_its_memory(province, figures):
    """Target of the design: less than 1 GB in containers, when all are healthy and nobody has come yet."""
    assert figures["MB of memory of the idle province"] < 1000
    figures["MB of memory of the province after a registration"] = sum(province.memory().values())
