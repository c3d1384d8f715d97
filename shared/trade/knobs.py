"""The knobs of a province's policy (`domain.md` §8): each key with its type and the values it may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

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
        return isinstance(value, list) and len(set(value)) == len(value) and all(item in choices for item in value)

    return Knob(key, f"a list without repetition of {', '.join(choices)}", accepts, provincial)


def _texts(key: str, *, provincial: bool = True) -> Knob:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and all(isinstance(item, str) and item for item in value)

    return Knob(key, "a list of texts", accepts, provincial)


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
        _whole("release.open_offset_days", 0, 60),
        _flag("release.accept_score_sheet"),
        _flag("release.second_round"),
        _some_of("review.pre_tiers", "county", "city", "province"),
        _one_of("review.by_beds", "licence"),
        _flag("review.batch_decision"),
        _flag("paper.required"),
        _one_of("paper.clock_event", "PAPER_RECEIVED", "ORG_CONFIRMED"),
        _flag("material.health_check"),
        _whole("material.health_check_months", 1, 24),
        _flag("material.licence_copy"),
        _flag("material.id_copy"),
        _whole("material.photo_months", 1, 24),
        _whole("sla.decision_days", 1, 20),
        _flag("sla.extension_allowed"),
        _whole("sla.confirm_days", 1, 60),
        _whole("lapse.years", 1, 10),
        _whole("lapse.training_months", 1, 24),
        _one_of("lapse.clock_start", "PUBLICATION", "CERTIFICATE_RECEIPT"),
        _one_of("lapse.re_entry_proof", "ASSESSMENT", "TRAINING", "EITHER"),
        _one_of("change.release_mode", "NONE", "NOTIFY", "CONSENT"),
        _whole("change.release_days", 1, 60),
        _one_of("change.filings", "KEEP_IN_PROVINCE", "END"),
        _one_of("multi.main_consent", "NONE", "NOTIFY", "CONSENT"),
        _texts("multi.exclude_categories"),
        _whole("multi.max_filings", 0, 1000),
        _whole("multi.max_term_months", 1, 120),
        _whole("scope.max", 1, 5),
        _whole("scope.primary_care_max", 1, 5),
        _flag("scope.tcm_second_level"),
        _one_of("scope.check_departments", "ignore", "warn", "require"),
        _texts("scope.extra"),
        _one_of("upgrade.category_match", "LEGAL4", "CODE2"),
        _some_of("activation.routes", "A", "B", "C", "D"),
        _flag("collective.allowed"),
        _flag("electronic_only"),
        _flag("tcm.separate_authority"),
        _flag("mil.province_confirm"),
        _some_of("license.renumber_on", "UPGRADE", "ADD_PLACE", "CROSS_PROVINCE"),
        _month_day("seniority.licensed_cutoff"),
        _month_day("seniority.attending_cutoff"),
        _one_of("seniority.mode", "EXACT", "CALENDAR"),
        _whole("seniority.assistant_apprentice", 1, 20),
        _texts("seniority.gaps"),
        _whole("assess.cycle_years", 1, 5),
        _flag("qual.area_rule"),
        _some_of("notice.channels", "inbox", "sms", "wechat", "email"),
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
        _whole("assistant.max_filings", 0, 10, provincial=False),
        _texts("change.blockers", provincial=False),
        _pattern("code.xc_layout"),
        _one_of("crypto.backend", "software", "hsm", provincial=False),
        _one_of("division.county_fallback", "CITY", provincial=False),
        _range("id.age_range"),
        _range("id.usual_age_range"),
        _one_of("id.area_check", "NONE", "PROVINCE", provincial=False),
        _texts("mil.materials", provincial=False),
        _flag("mil_out.close_all", provincial=False),
        _whole("multi.del_silence", 1, 60, provincial=False),
        _one_of("place_del.semantics", "ADDITIONAL_PLACE", provincial=False),
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
        _whole("retention.closed_days", 1, 3650, provincial=False),
        _whole("retention.application_years", 1, 100, provincial=False),
        _whole("retention.access_log_years", 3, 100, provincial=False),
        _flag("signup.email_required", provincial=False),
        _some_of("signup.id_types", "resident_id", "residence_permit", provincial=False),
        _pattern("ticket.pattern"),
        _one_of("ticket.series", "comprehensive", "practical", provincial=False),
    ]
)
