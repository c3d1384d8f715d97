"""The registration gate of the registering province: does it wait for the paper certificate (`domain.md` §6.4)?"""

from __future__ import annotations

from services.applications.domain.facts import Facts

from .rule import Outcome, Rule, failed, needs_proof, not_chosen, passed

SCORE_SHEET = "score_sheet"
CERTIFICATE = "qualification_certificate"


def _gate_open(facts: Facts) -> Outcome:
    """Some provinces register before the paper certificate is printed, others wait for it (source page; E24, E25).

    The entered code alone proves nothing: the window sees the original or, where there is none, an officer its copy.
    """
    if facts.institution is None:
        return not_chosen("institution")
    province = facts.institution.province
    if not facts.policy["release.need_paper_cert"]:
        return passed("paper_not_needed", province=province)
    if facts.qualification.id in facts.applicant.paper_certificates:
        proofs = {CERTIFICATE, SCORE_SHEET} if facts.policy["release.accept_score_sheet"] else {CERTIFICATE}
        if facts.policy["paper.required"] or not facts.materials.isdisjoint(proofs):
            return passed("paper_certificate_entered", province=province)
        return needs_proof("certificate_copy_needed", remedy={"material": CERTIFICATE}, province=province)
    if not facts.policy["release.accept_score_sheet"]:
        remedy = {"enter": "paper_certificate", "material": CERTIFICATE}
        return failed("paper_certificate_needed", remedy=remedy, province=province)
    if SCORE_SHEET in facts.materials:
        return passed("score_sheet_given", province=province)
    return needs_proof("score_sheet_needed", remedy={"material": SCORE_SHEET}, province=province)


REGISTRATION_GATE = Rule(
    "registration_gate",
    "各省医师资格证书与注册衔接规定",
    "source",
    _gate_open,
    ("release.need_paper_cert", "release.accept_score_sheet", "paper.required"),
)
