"""What every room leans on."""

from jiuye.foundation.models.duty import Duty
from jiuye.foundation.models.messages import Message, StoredFile
from jiuye.foundation.models.org import OrgUnit
from jiuye.foundation.models.outbox import OutboxDelivery, OutboxEvent
from jiuye.foundation.models.trail import HistoryEntry, ReadLogEntry
from jiuye.foundation.models.users import Grant, LoginAttempt, User

__all__ = [
    "Duty",
    "Grant",
    "HistoryEntry",
    "LoginAttempt",
    "Message",
    "OrgUnit",
    "OutboxDelivery",
    "OutboxEvent",
    "ReadLogEntry",
    "StoredFile",
    "User",
]
