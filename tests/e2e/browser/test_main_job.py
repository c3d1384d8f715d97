"""The main job in the browser: from a new account to a certificate, by everybody who has a part in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .acting import DoctorAtBrowser, Sitter, StaffAtBrowser
from .conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCOPE = "内科专业"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "without_scripts"])
def test_a_candidate_becomes_a_registered_doctor_on_the_pages(
    visit, deployment, candidate_doctor, tmp_path, javascript
):
    hospital = deployment.hospital()
    doctor = DoctorAtBrowser(visit(javascript=javascript), candidate_doctor())
    doctor.open_account()
    doctor.log_in()
    doctor.bind_phone()
    doctor.activate()
    doctor.start()
    doctor.fill_in(hospital.name, SCOPE, deployment.today())
    doctor.upload(tmp_path)
    number = doctor.submit()
    expect(doctor.page.get_by_text("等待机构确认").first).to_be_visible()

    clerk = StaffAtBrowser(
        visit(DESK, javascript=javascript), deployment.url, deployment.cast.clerk_of(hospital.licence_number)
    )
    clerk.log_in()
    clerk.open_case(number, "confirm")
    clerk.decide("确认聘用", scripted=javascript)
    expect(clerk.page.get_by_role("status").filter(has_text="已确认聘用")).to_be_visible()

    window = StaffAtBrowser(
        visit(DESK, javascript=javascript),
        deployment.url,
        deployment.cast.of_authority(hospital.licence_number, "window"),
    )
    window.log_in()
    window.open_case(number, "receive")
    window.receive_paper()
    window.open_case(number, "accept")
    window.decide("受理", scripted=javascript)
    expect(window.page.get_by_role("status").filter(has_text="已受理")).to_be_visible()

    officer = StaffAtBrowser(
        visit(DESK, javascript=javascript),
        deployment.url,
        deployment.cast.of_authority(hospital.licence_number, "officer"),
    )
    officer.log_in()
    officer.open_case(number, "decide")
    officer.decide("准予注册", scripted=javascript)
    expect(officer.page.get_by_role("status").filter(has_text="已准予注册")).to_be_visible()

    doctor.reload_until("the registration", lambda: doctor.page.get_by_role("link", name="查看电子证照").count() > 0)
    doctor.follow("查看电子证照")
    doctor.heading("医师执业证书")
    certificate = doctor.page.get_by_role("article", name="医师执业证书电子证照")
    expect(certificate).to_contain_text(hospital.name)
    expect(certificate).to_contain_text(SCOPE)
    doctor.follow("核验页面")
    expect(doctor.page.get_by_role("heading", name="证照有效")).to_be_visible()

    public = Sitter(visit(javascript=javascript), deployment.url)
    public.open("/lookup")
    public.page.get_by_role("combobox", name="省份").select_option("43")
    public.write("医师姓名", doctor.doctor.candidate.name)
    public.solve_captcha()
    public.press("查询")
    expect(public.page.get_by_role("heading", name=doctor.doctor.candidate.name).first).to_be_visible()
    expect(public.page.get_by_text(hospital.name).first).to_be_visible()
    assert doctor.doctor.candidate.id_number not in public.page.content()
