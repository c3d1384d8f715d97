"""The knobs of a province's policy (`domain.md` §8): each key with its type and the values it may have.

Every one of them is read somewhere: an architecture test looks for its name. What the handbook lists and this release
has nothing to do with stands in `NOT_YET`, so that a file that sets it is refused and says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .scopes import SCOPES
from .statuses import RegistrationStatus

Value: TypeAlias = "bool | int | str | list[str] | list[int] | dict[str, str]"


@dataclass(frozen=True)
class Knob:
    """One key: what its values look like, and whether a province may set it or the national file alone."""

    key: str
    form: str
    accepts: Callable[[object], bool]
    provincial: bool = True


def _flag(key: str, *, provincial: bool = True) -> Knob:
    return Knob(key, "true or false", lambda value: isinstance(value, bool), provincial)


def _whole(key: str, least: int, most: int, *, provincial: bool = True) -> Knob:
    def accepts(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return Knob(key, f"a whole number from {least} to {most}", accepts, provincial)


def _one_of(key: str, *choices: str, provincial: bool = True) -> Knob:
    return Knob(key, f"one of {', '.join(choices)}", lambda value: value in choices, provincial)


def _some_of(key: str, *choices: str, provincial: bool = True) -> Knob:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and all(item in choices for item in value) and len(set(value)) == len(value)

    return Knob(key, f"a list without repetition of {', '.join(choices)}", accepts, provincial)


def _channels(key: str) -> Knob:
    """The mailbox is the record that somebody was told, so it is always one of them."""
    form = "inbox alone, or inbox and sms"
    return Knob(key, form, lambda value: value in (["inbox"], ["inbox", "sms"], ["sms", "inbox"]))


def _pattern(key: str) -> Knob:
    def accepts(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            re.compile(value)
        except re.error:
            return False
        return True

    return Knob(key, "a regular expression", accepts, provincial=False)


def _month_day(key: str) -> Knob:
    form = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
    return Knob(key, "month and day, MM-DD", lambda value: isinstance(value, str) and form.fullmatch(value) is not None)


def _range(key: str) -> Knob:
    def accepts(value: object) -> bool:
        whole = isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
        return whole and isinstance(value, list) and len(value) == 2 and value[0] < value[1]

    return Knob(key, "two whole numbers, the smaller first", accepts, provincial=False)


def _codes(key: str) -> Knob:
    def accepts(value: object) -> bool:
        return isinstance(value, dict) and all(
            isinstance(text, str) and re.fullmatch(r"\d{2}", text) for pair in value.items() for text in pair
        )

    return Knob(key, "a table of two-digit codes", accepts, provincial=False)


def _by_key(knobs: Iterable[Knob]) -> dict[str, Knob]:
    return {knob.key: knob for knob in knobs}


KNOBS: dict[str, Knob] = _by_key(
    [
        _flag("release.need_paper_cert"),
        _whole("release.open_offset_days", 1, 60),
        _flag("release.accept_score_sheet"),
        _some_of("review.pre_tiers", "county", "city", "province"),
        _flag("paper.required"),
        _one_of("paper.clock_event", "PAPER_RECEIVED", "ORG_CONFIRMED"),
        _flag("material.health_check"),
        _whole("material.health_check_months", 1, 24),
        _flag("material.licence_copy"),
        _flag("material.id_copy"),
        _whole("material.photo_months", 1, 6),
        _whole("sla.decision_days", 1, 20),
        _whole("sla.confirm_days", 1, 60),
        _whole("lapse.years", 1, 10),
        _whole("lapse.training_months", 1, 24),
        _one_of("lapse.clock_start", "PUBLICATION", "CERTIFICATE_RECEIPT"),
        _whole("scope.max", 1, 5),
        _whole("scope.primary_care_max", 1, 5),
        _flag("scope.tcm_second_level"),
        _one_of("scope.check_departments", "ignore", "warn", "require"),
        _some_of("scope.extra", *SCOPES),
        _some_of("activation.routes", "A", "B", "C", "D"),
        _month_day("seniority.licensed_cutoff"),
        _month_day("seniority.attending_cutoff"),
        _one_of("seniority.mode", "EXACT", "CALENDAR"),
        _whole("seniority.assistant_apprentice", 1, 20),
        _some_of("seniority.gaps", *RegistrationStatus),
        _flag("qual.area_rule"),
        _channels("notice.channels"),
        _whole("notice.remind_days", 1, 60),
        _whole("account.identity_token_minutes", 1, 120, provincial=False),
        _whole("account.lock_after", 1, 50, provincial=False),
        _whole("account.lock_minutes", 1, 1440, provincial=False),
        _whole("account.password_length", 8, 64, provincial=False),
        _whole("account.password_classes", 1, 4, provincial=False),
        _whole("account.sms_code_minutes", 1, 60, provincial=False),
        _whole("account.token_attempts", 1, 100, provincial=False),
        _whole("account.address_limit.captchas_minute", 1, 100_000, provincial=False),
        _whole("account.address_limit.spoken_captchas_hour", 1, 100_000, provincial=False),
        _whole("account.address_limit.identities_hour", 1, 100_000, provincial=False),
        _whole("account.address_limit.accounts_hour", 1, 100_000, provincial=False),
        _whole("account.address_limit.failed_logins_hour", 1, 100_000, provincial=False),
        _whole("activation.rate_limit.hour", 1, 1000, provincial=False),
        _whole("activation.rate_limit.day", 1, 1000, provincial=False),
        _whole("activation.alert_after", 1, 100, provincial=False),
        _flag("activation.reuse_ticket", provincial=False),
        _flag("app.exclusive", provincial=False),
        _range("id.age_range"),
        _codes("province.alias"),
        _some_of(
            "public_lookup.fields",
            "name",
            "sex",
            "level",
            "category",
            "scope",
            "practice_place",
            "main_institution",
            "filed_institutions",
            "practice_code",
            "authority",
            "status",
            provincial=False,
        ),
        _whole("retention.draft_days", 1, 3650, provincial=False),
        _whole("retention.closed_days", 180, 3650, provincial=False),
        _flag("signup.email_required", provincial=False),
        _some_of("signup.id_types", "resident_id", "residence_permit", provincial=False),
        _pattern("ticket.pattern"),
    ]
)

NOT_YET: Mapping[str, str] = {
    "assess.cycle_years": "periodic assessments are not recorded in this release",
    "assistant.max_filings": "MULTI_ADD can't be filed in this release",
    "change.blockers": "CHANGE can't be filed in this release",
    "change.filings": "CHANGE can't be filed in this release",
    "change.release_days": "CHANGE can't be filed in this release",
    "change.release_mode": "CHANGE can't be filed in this release",
    "code.xc_layout": "rural assistants' codes have one layout in this release",
    "collective.allowed": "each physician files in person in this release",
    "crypto.backend": "the setting CRYPTO_CIPHER chooses the cipher",
    "division.county_fallback": "a city without counties always stands for its county",
    "electronic_only": "nothing is filed on paper alone",
    "id.area_check": "the province of an ID is always checked, its county never",
    "id.usual_age_range": "no page asks to look at an ID number again in this release",
    "lapse.re_entry_proof": "REG/RE can't be filed in this release",
    "license.renumber_on": "only first registrations are numbered in this release",
    "mil.materials": "MIL_IN can't be filed in this release",
    "mil.province_confirm": "MIL_IN can't be filed in this release",
    "mil_out.close_all": "MIL_OUT can't be filed in this release",
    "multi.del_silence": "MULTI_DEL can't be filed in this release",
    "multi.exclude_categories": "MULTI_ADD can't be filed in this release",
    "multi.main_consent": "MULTI_ADD can't be filed in this release",
    "multi.max_filings": "MULTI_ADD can't be filed in this release",
    "multi.max_term_months": "MULTI_ADD can't be filed in this release",
    "place_del.semantics": "PLACE_DEL can't be filed in this release",
    "release.second_round": "each exam file says itself of which round it is",
    "retention.access_log_years": "access logs are never deleted in this release",
    "retention.application_years": "files of registered physicians are never deleted in this release",
    "review.batch_decision": "cases are decided one by one in this release",
    "review.by_beds": "who approved an institution stands in its licence",
    "sla.extension_allowed": "no period can be extended in this release; 医师法 art.13 fixes its own",
    "tcm.separate_authority": "one authority answers for all categories in this release",
    "ticket.series": "the comprehensive exam's ticket is the one that counts",
    "upgrade.category_match": "UPGRADE can't be filed in this release",
}
"""What the handbook lists and nothing here acts on yet: key and why."""
