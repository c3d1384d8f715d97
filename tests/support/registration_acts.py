"""A registration as separate acts, so that a test can break something, or look, between any two of them."""

from __future__ import annotations

from collections.abc import Callable

from commands.journey.cast import Login, Organisation
from commands.journey.people import Doctor
from tests.support.deployment import Deployment


def acts(
    deployment: Deployment,
    doctor: Doctor,
    place: Organisation | None = None,
    *,
    paper_certificate: bool = False,
    first_look: Login | None = None,
) -> list[Callable[[], object]]:
    """From the open account to the certificate's document, at the first hospital of 43 or at `place`.

    Where the province waits for the paper certificate its code is entered; `first_look` is who agrees before the
    decision where a lower authority looks first (`review.pre_tiers`).
    """
    place = place or deployment.hospital()

    def number() -> str:
        return str(doctor.application["number"])

    return [
        doctor.log_in,
        doctor.be_recognised,
        doctor.bind_phone,
        doctor.activate,
        *([doctor.enter_paper_certificate] if paper_certificate else []),
        doctor.start,
        lambda: doctor.fill_in(deployment.institution_id(place), ["C01"], deployment.today()),
        doctor.upload,
        doctor.submit,
        lambda: deployment.clerk(place).decide(number(), "confirm", step="confirm"),
        lambda: deployment.officer("window", place).receive_paper(number()),
        lambda: deployment.officer("window", place).decide(number(), "accept", step="accept"),
        *([lambda: deployment.staff(first_look).decide(number(), "agree", step="pre_review")] if first_look else []),
        lambda: deployment.officer("officer", place).decide(number(), "approve", step="decide"),
        lambda: doctor.wait_until("CERT_ISSUED", "EFFECTIVE", within=120),
        lambda: doctor.certificate(within=180),
    ]
