"""What the office knows, one noun a file. `workflow_processor.lifecycle` and its siblings change it."""

from workflow_processor.models.audit import AuditEntry
from workflow_processor.models.dead_letters import OPEN, DeadLetter, State
from workflow_processor.models.dry_runs import DryRun, DryRunItem
from workflow_processor.models.failed_attempts import FailedAttempt
from workflow_processor.models.figures import (
    Flow,
    GroupHour,
    MinuteFlow,
    ProcessHealth,
    QueueSample,
    StateCount,
)
from workflow_processor.models.gates import Gate, HeldMessage
from workflow_processor.models.group_history import GroupEvent
from workflow_processor.models.groups import Group
from workflow_processor.models.imports import ImportedBody, ImportFile
from workflow_processor.models.message_types import MessageType, SchemaVersion
from workflow_processor.models.notifications import Notification
from workflow_processor.models.operations import Operation, OperationItem, OutcomeCount
from workflow_processor.models.outbox import OutboxEntry
from workflow_processor.models.revisions import Revision
from workflow_processor.models.rules import Mode, RepairRule, RuleBook, RuleFigure, RuleVersion
from workflow_processor.models.saved_views import SavedView
from workflow_processor.models.search import Searchable, SearchDue
from workflow_processor.models.snoozes import Snooze
from workflow_processor.models.sources import Source
from workflow_processor.models.suggestions import Suggestion
from workflow_processor.models.tickets import Ticket
from workflow_processor.models.timeline import Event

__all__ = [
    "OPEN",
    "AuditEntry",
    "DeadLetter",
    "DryRun",
    "DryRunItem",
    "Event",
    "FailedAttempt",
    "Flow",
    "Gate",
    "Group",
    "GroupEvent",
    "GroupHour",
    "HeldMessage",
    "ImportFile",
    "ImportedBody",
    "MessageType",
    "MinuteFlow",
    "Mode",
    "Notification",
    "Operation",
    "OperationItem",
    "OutboxEntry",
    "OutcomeCount",
    "ProcessHealth",
    "QueueSample",
    "RepairRule",
    "Revision",
    "RuleBook",
    "RuleFigure",
    "RuleVersion",
    "SavedView",
    "SchemaVersion",
    "SearchDue",
    "Searchable",
    "Snooze",
    "Source",
    "State",
    "StateCount",
    "Suggestion",
    "Ticket",
]
