"""An application as those see it who may look into it: whose it is, and which authorities deal with it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .application import Application


@dataclass(frozen=True)
class Dossier:
    """An application with the tiers that look at it before the decision (policy `review.pre_tiers`).

    The same authorities as in the case: the one that approved the institution decides (医师执业注册管理办法 art.9), the
    named tiers look first; that an authority stands in the same place gives it no right.
    """

    application: Application
    pre_tiers: tuple[str, ...]

    @property
    def person_id(self) -> UUID:
        """Who applies."""
        return self.application.person_id

    @property
    def institution_id(self) -> UUID | None:
        """The institution that is named, once one is."""
        return self.application.institution_id

    @property
    def is_public_to_staff(self) -> bool:
        """A draft is the applicant's alone."""
        return self.application.is_public_to_staff

    @property
    def competent_authority(self) -> UUID | None:
        """The authority that decides."""
        institution = self.application.institution
        return None if institution is None else institution.authority.id

    @property
    def reviewing_authorities(self) -> frozenset[UUID]:
        """The authorities that look at it before the decision."""
        institution = self.application.institution
        if institution is None:
            return frozenset()
        found = (institution.authority_of(tier) for tier in self.pre_tiers)
        return frozenset(authority.id for authority in found if authority is not None)
