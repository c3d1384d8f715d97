"""What is declared of capacity, punishments and health is the authority's business, never the employer's."""

from __future__ import annotations

DECLARED = {"N1_capacity", "N2_criminal_penalty", "N5_other_law", "N6_health", "health_check_recent"}


def rules(view):
    return {outcome["rule"] for outcome in view["outcomes"]}


def test_a_clerk_sees_no_sensitive_outcome_and_the_authority_does(deployment):
    """The same in the case and in the application; each outcome tells itself whether it is sensitive."""
    doctor = deployment.accepted()
    number, application = doctor.application["number"], f"/applications/{doctor.application['id']}"
    officer, clerk = deployment.officer(), deployment.clerk()
    case_path = f"/cases/{officer.task_of(number)['case_id']}"
    for path in (case_path, application):
        seen = officer.api.get(path)
        assert {outcome["rule"] for outcome in seen["outcomes"] if outcome["sensitive"]} == DECLARED
        assert rules(clerk.api.get(path)) == rules(seen) - DECLARED
    assert rules(doctor.api.get(application)) >= DECLARED
