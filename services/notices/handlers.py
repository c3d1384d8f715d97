"""The news that `notices` follows: each handler asks a rule who is told, and tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.contracts import accounts, applications, review, sync
from shared.platform.events import Event
from shared.platform.inbox import on_event
from shared.trade.masking import mask_phone

from .domain import account_news, case_news, mailboxes, qualification_news, register_news
from .domain.notice import OF_DEADLINES, Notice, Occasion
from .domain.qualification_news import Use
from .domain.reminders import REMINDED, Reminder
from .telling import tell
from .unit_of_work import NoticesUnitOfWork


class Handlers:
    """One handler an event type."""

    clock: Any  # the provider in the service class, a `Clock` in its workers
    settings: Any  # likewise, the `Settings` of the service
    knobs: Any  # likewise, the `NoticeKnobs` of the policy

    def _tell(self, uow: NoticesUnitOfWork, event: Event, notices: Iterable[Notice]) -> None:
        now = self.clock.now()
        tell(uow, Occasion(event.id, event.province), notices, now, self.knobs.channels(event.province, now))

    # --- accounts: the read models ---------------------------------------------------------------------------------

    @on_event(accounts.CONTACT_CHANGED)
    def contact_changed(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Keep how somebody is reached."""
        self._keep_contact(event, uow)

    @on_event(accounts.CONTACT_SNAPSHOT)
    def contact_snapshot(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Start from how somebody is reached, without the news that led there."""
        self._keep_contact(event, uow)

    def _keep_contact(self, event: Event, uow: NoticesUnitOfWork) -> None:
        data = event.data
        uow.contacts.keep_contact(
            f"{data['subject_kind']}:{data['subject_id']}",
            data["account_id"],
            phone=data["phone"],
            verified=data["phone_verified"],
            email=data["email"],
            now=event.occurred_at,
        )

    @on_event(accounts.STAFF_CHANGED)
    def staff_changed(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Keep who acts for whom."""
        uow.contacts.keep_staff(**event.data, province=event.province)

    @on_event(accounts.STAFF_SNAPSHOT)
    def staff_snapshot(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Start from who acts for whom, without the news that led there."""
        uow.contacts.keep_staff(**event.data, province=event.province)

    # --- accounts: what happened to an account ---------------------------------------------------------------------

    @on_event(accounts.ACCOUNT_OPENED)
    def account_opened(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder."""
        self._tell(uow, event, account_news.account_opened(event.data["person_id"], event.occurred_at))

    @on_event(accounts.QUALIFICATION_RECOGNISED)
    def qualification_recognised(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder how to activate, and keep which exam regions' news concern them."""
        for exam in event.data["exams"]:
            uow.qualifications.recognise(**exam, person_id=event.data["person_id"])
        count = len(event.data["qualification_ids"])
        self._tell(uow, event, account_news.qualification_recognised(event.data["person_id"], count))

    @on_event(accounts.PHONE_BOUND)
    def phone_bound(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder which phone; it comes after or before `contact_changed`, which is another aggregate."""
        phone = uow.contacts.phone_of(f"person:{event.data['person_id']}")
        masked = "" if phone is None else mask_phone(phone)
        self._tell(uow, event, account_news.phone_bound(event.data["person_id"], event.occurred_at, masked))

    @on_event(accounts.ACCOUNT_ACTIVATED)
    def account_activated(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder that business may be filed."""
        self._tell(uow, event, account_news.account_activated(event.data["person_id"], event.occurred_at))

    @on_event(accounts.ACTIVATION_FAILED)
    def activation_failed(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder and the security desk (E15)."""
        data = event.data
        desk = mailboxes.of_security_desk(
            event.province, is_staffed=uow.contacts.is_staffed("security", event.province)
        )
        notices = account_news.activation_failed(
            data["person_id"], data["account_id"], data["failures"], event.occurred_at, desk
        )
        self._tell(uow, event, notices)

    @on_event(accounts.NEW_DEVICE)
    def new_device(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the owner of the account."""
        subject = f"{event.data['subject_kind']}:{event.data['subject_id']}"
        self._tell(uow, event, account_news.new_device(subject, event.occurred_at))

    @on_event(accounts.ACCOUNT_DISABLED)
    def account_disabled(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder."""
        self._tell(uow, event, account_news.account_disabled(event.data["person_id"], event.occurred_at))

    # --- sync ------------------------------------------------------------------------------------------------------

    @on_event(sync.BATCH_PUBLISHED)
    def batch_published(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the authorities of the provinces served here."""
        data = event.data
        notices = account_news.batch_published(self.settings.provinces, data["year"], data["round"], data["published"])
        self._tell(uow, event, notices)

    @on_event(sync.GATE_OPENED)
    def gate_opened(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell everybody whom the region concerns."""
        data = event.data
        self._tell(uow, event, account_news.gate_opened(data["region"], data["year"], data["round"]))

    @on_event(sync.QUALIFICATION_CORRECTED)
    def qualification_corrected(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the holder and everybody with something that rests on it."""
        self._tell_changed(event, uow)

    @on_event(sync.QUALIFICATION_ANNULLED)
    def qualification_annulled(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the same."""
        self._tell_changed(event, uow)

    def _tell_changed(self, event: Event, uow: NoticesUnitOfWork) -> None:
        qualification_id = event.data["qualification_id"]
        notices = qualification_news.qualification_changed(
            event.data["reason"],
            uow.qualifications.holder_of(qualification_id),
            uow.qualifications.uses_at(qualification_id, event.occurred_at),
            event.occurred_at,
        )
        self._tell(uow, event, notices)

    # --- applications ----------------------------------------------------------------------------------------------

    @on_event(applications.APPLICATION_SUBMITTED)
    def application_submitted(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the applicant, and keep on which qualification it rests."""
        data, institution = event.data, event.data["institution"]
        use = Use("application", data["number"], institution["id"], institution["authority"]["id"])
        uow.qualifications.use(data["application_id"], data["qualification_id"], use)
        self._tell(uow, event, case_news.submitted(data))

    @on_event(applications.REGISTRATION_CHANGED)
    def registration_changed(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell doctor and institution, and keep on which qualification it rests."""
        data = event.data
        use = Use("registration", data["practice_code"], data["institution_id"], data["authority_id"])
        uow.qualifications.use(data["registration_id"], data["qualification_id"], use)
        if register_news.has_ended(data):
            uow.qualifications.end("registration", data["registration_id"], event.occurred_at)
        if data["application_id"] is not None:
            uow.qualifications.end("application", data["application_id"], event.occurred_at)
        self._tell(uow, event, register_news.registration_changed(data))

    @on_event(applications.CERTIFICATE_ISSUED)
    def certificate_issued(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the doctor."""
        self._tell(uow, event, register_news.certificate_issued(event.data))

    @on_event(applications.CERTIFICATE_VOIDED)
    def certificate_voided(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the doctor."""
        self._tell(uow, event, register_news.certificate_voided(event.data))

    # --- review ----------------------------------------------------------------------------------------------------

    @on_event(review.TASK_OPENED)
    def task_opened(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell the desk that has to act."""
        self._tell(uow, event, case_news.task_opened(event.data))

    @on_event(review.CASE_ADVANCED)
    def case_advanced(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell those whom the step concerns; nobody is reminded any more of what is done."""
        data = event.data
        if case_news.leaves_the_desk(data):
            uow.reminders.stop(data["case_id"])
            uow.deliveries.cancel_about(data["application_id"], OF_DEADLINES, self.clock.now(), reason="done_meanwhile")
        if case_news.has_ended(data):
            uow.qualifications.end("application", data["application_id"], event.occurred_at)
        self._tell(uow, event, case_news.case_advanced(event.data))

    @on_event(review.CASE_DECIDED)
    def case_decided(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell of a refusal."""
        self._tell(uow, event, case_news.case_decided(event.data))

    @on_event(review.DEADLINE_NEAR)
    def deadline_near(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Remind those who have to act."""
        self._tell(uow, event, case_news.deadline_near(event.data))

    @on_event(review.DEADLINE_PASSED)
    def deadline_passed(self, event: Event, uow: NoticesUnitOfWork, prepared: Any) -> None:
        """Tell those who should have acted; an institution is reminded until it has."""
        if event.data["role"] == REMINDED:
            uow.reminders.start(self._reminder(event))
        self._tell(uow, event, case_news.deadline_passed(event.data))

    def _reminder(self, event: Event) -> Reminder:
        data = event.data
        kept = ("case_id", "application_id", "organisation_id", "number", "type", "clock", "due_on")
        return Reminder(
            **{name: data[name] for name in kept},
            passed_event=event.id,
            province=event.province,
            next_at=self.knobs.next_reminder(event.province, self.clock.now()),
        )
