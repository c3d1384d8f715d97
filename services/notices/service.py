"""The `notices` service: mailboxes, codes by SMS, deliveries; what is told to whom stands in `domain/`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts import notices as contracts
from shared.platform.authorisation import ActorProvider
from shared.platform.bus.server import rpc
from shared.platform.clock import ClockProvider
from shared.platform.database import UnitOfWorkProvider
from shared.platform.errors import InvalidInput, NotFound, Unavailable
from shared.platform.ids import new_id
from shared.platform.logging import get_logger
from shared.platform.rate_limits import Limit, RateLimiterProvider
from shared.platform.settings_provider import SettingsProvider
from shared.platform.timers import each_due, every

from .authority import AUTHORITY, InBoxes, mailboxes_of
from .dependencies import NoticeKnobsProvider, SmsProviderDependency
from .domain.deliveries import Delivery, next_try
from .domain.reminders import overdue
from .handlers import Handlers
from .models import ReminderRow
from .providers import SmsFailed
from .rendering import code_text
from .repository.reminders import due, reminder_of
from .telling import tell
from .unit_of_work import SERVICE, NoticesUnitOfWork

_log = get_logger(__name__)

#: A backstop behind the limits of `accounts`: no phone gets more text messages with codes than this.
CODES_A_PHONE = (Limit(10, 3600), Limit(30, 86400, fixed=True))
UNREAD_EXACT_TO = 100
DELIVERIES_A_RUN = 200
OUTBOX_KEPT = timedelta(days=7)
REMIND = "notices.remind"


class NoticesService(Handlers):
    """Messages to people, on every channel."""

    name = SERVICE

    actor = ActorProvider(AUTHORITY)
    clock = ClockProvider()
    settings = SettingsProvider()
    unit_of_work = UnitOfWorkProvider(NoticesUnitOfWork)
    rate_limits = RateLimiterProvider()
    sms = SmsProviderDependency()
    knobs = NoticeKnobsProvider()

    @rpc(contracts.SEND_CODE, action="code.send")
    def send_code(self, command: dict[str, Any]) -> None:
        """Send a one-time code at once; `Unavailable` if the provider doesn't take it. The code is kept nowhere."""
        self.actor.require(command)
        counted = self.rate_limits.hit(f"code:{command['phone']}", CODES_A_PHONE)
        text = code_text(command["purpose"], command["code"], command["minutes"])
        try:
            self.sms.send(new_id(), command["phone"], text)
        except SmsFailed as failure:
            self.rate_limits.give_back([counted])
            _log.warning("code_not_sent", purpose=command["purpose"], reason=failure.reason)
            raise Unavailable("sms_not_sent") from failure

    @rpc(contracts.INBOX, action="inbox.read")
    def inbox(self, command: dict[str, Any]) -> dict[str, Any]:
        """A page of the caller's messages, newest first, and how many are unread."""
        reader, limit = self.actor.id, command["limit"]
        with self.unit_of_work(read_only=True) as uow:
            boxes = self._boxes(uow)
            items = uow.messages.page(boxes, reader, after=_cursor(command["after"]), limit=limit + 1)
            unread = uow.messages.unread(boxes, reader, at_most=UNREAD_EXACT_TO + 1)
        return {
            "items": items[:limit],
            "next": str(items[limit - 1].id) if len(items) > limit else None,
            "unread": {"count": min(unread, UNREAD_EXACT_TO), "more": unread > UNREAD_EXACT_TO},
        }

    @rpc(contracts.MARK_READ, action="inbox.mark")
    def mark_read(self, command: dict[str, Any]) -> Any:
        """Note that the caller read a message of theirs; a stranger's message is not found."""
        with self.unit_of_work() as uow:
            self.actor.require(InBoxes(uow.messages.get(command["id"], self.actor.id), self._boxes(uow)), hide=True)
            uow.messages.mark_read(command["id"], self.actor.id, self.clock.now())
            message = uow.messages.get(command["id"], self.actor.id)
            uow.commit(message)
        return message

    @rpc(contracts.MARK_ALL_READ, action="inbox.mark_all")
    def mark_all_read(self, command: dict[str, Any]) -> None:
        """Note that the caller read everything that lies in their mailboxes now."""
        with self.unit_of_work() as uow:
            uow.messages.mark_all_read(self._boxes(uow), self.actor.id, self.clock.now())
            uow.commit()

    @rpc(contracts.SHOW_CODE, action="code.show")
    def show_code(self, command: dict[str, Any]) -> None:
        """Show a captcha's answer on the outbox page, so that the real captcha can be solved in demo and test."""
        self.actor.require(command)
        self._require_trial()
        with self.unit_of_work() as uow:
            uow.local_outbox.add(
                channel="captcha",
                to="",
                text=command["answer"],
                now=self.clock.now(),
                reference=str(command["captcha_id"]),
            )
            uow.commit()

    @rpc(contracts.OUTBOX, action="outbox.read")
    def outbox(self, command: dict[str, Any]) -> dict[str, Any]:
        """What would have left the system; production has no such thing."""
        self._require_trial()
        with self.unit_of_work(read_only=True) as uow:
            return {"items": uow.local_outbox.page(**command)}

    @every(seconds=1)
    def deliver(self) -> None:
        """Send what is due; each delivery is taken, sent and noted for itself, so none is in another's way."""
        for _ in range(DELIVERIES_A_RUN):
            with self.unit_of_work(read_only=True) as uow:
                if not uow.deliveries.are_due(self.clock.now()):
                    return
            with self.unit_of_work() as uow:
                delivery = uow.deliveries.take(self.clock.now())
                phone = None if delivery is None else uow.contacts.phone_of(delivery.subject)
                uow.commit()
            if delivery is None:
                return
            self._deliver(delivery, phone)

    @every(seconds=5)
    def remind(self) -> None:
        """Remind institutions of what they have let lie beyond its period, until it is done."""
        each_due(self.unit_of_work, REMIND, due(self.clock.now()), key=ReminderRow.case_id, handle=self._remind)

    @every(seconds=3600)
    def forget_old_entries(self) -> None:
        """Keep the local outbox short."""
        with self.unit_of_work() as uow:
            uow.local_outbox.forget_before(self.clock.now() - OUTBOX_KEPT)
            uow.commit()

    def _boxes(self, uow: NoticesUnitOfWork) -> tuple[str, ...]:
        """The caller's mailboxes; those of exams are known by the recognised qualifications."""
        actor = self.actor.actor
        exams = uow.qualifications.exams_of(actor.subject_id) if actor.kind == "person" else []
        return mailboxes_of(actor, exams)

    def _remind(self, uow: NoticesUnitOfWork, row: ReminderRow) -> None:
        now, reminder = self.clock.now(), reminder_of(row)
        channels = self.knobs.channels(reminder.province, now)
        tell(uow, reminder.occasion, overdue(reminder), now, channels)
        uow.reminders.count(reminder, self.knobs.next_reminder(reminder.province, now))

    def _deliver(self, delivery: Delivery, phone: str | None) -> None:
        failure = None
        if phone is not None:
            try:
                # The delivery's own id goes along: sent again after a crash, the provider knows it.
                self.sms.send(delivery.id, phone, delivery.text)
            except SmsFailed as failed:
                failure = failed
        now = self.clock.now()
        with self.unit_of_work() as uow:
            if phone is None:
                # The phone was given up since: there is nobody to deliver to, and nothing for a person to do.
                uow.deliveries.finish(delivery.id, "CANCELLED", now, reason="no_verified_phone")
            elif failure is None:
                uow.deliveries.finish(delivery.id, "SENT", now)
            else:
                self._note_failure(uow, delivery, failure)
            uow.commit()

    def _note_failure(self, uow: NoticesUnitOfWork, delivery: Delivery, failure: SmsFailed) -> None:
        """Try later, or make it a work item and announce it."""
        now = self.clock.now()
        again = None if failure.is_final else next_try(delivery.attempts, now)
        if again is not None:
            uow.deliveries.try_again(delivery.id, again, reason=failure.reason)
            return
        uow.deliveries.finish(delivery.id, "FAILED", now, reason=failure.reason)
        data = {"message_id": delivery.message_id, "channel": delivery.channel, "reason": failure.reason}
        uow.announce(contracts.DELIVERY_FAILED, aggregate_id=delivery.message_id, data=data, province=delivery.province)

    def _require_trial(self) -> None:
        if self.settings.is_production:
            raise NotFound("not_in_production")


def _cursor(after: str | None) -> UUID | None:
    try:
        return None if after is None else UUID(after)
    except ValueError:
        raise InvalidInput("invalid_input", fields={"after": ["cursor_invalid"]}) from None
