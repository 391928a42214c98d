"""What a person made of a revision: read from the form, checked, and compared with what it was."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from consumers.errors import OfficeError
from consumers.message import Message
from consumers.properties import Headers
from dashboard.editing import bodies, fields, headers
from dashboard.editing.bodies import BodyForm
from dashboard.editing.fields import Form
from dashboard.editing.headers import HeaderChanges
from dashboard.editing.outline import NOTHING, Outline
from workflow_processor.models import Revision
from workflow_processor.revisions import NewRevision


@dataclass
class Draft:
    """A message that is being edited, and the fields as the person left them."""

    base: Revision
    body: BodyForm
    changes: HeaderChanges
    return_address: str
    reason: str
    message: Message
    problems: dict[str, str] = field(default_factory=dict)
    """By field: `body`, `return_address`, `field-0` and so on, `part`, or the name of a header."""
    as_fields: bool = False
    """Whether the body is shown as a form of fields."""
    filled: Form | None = None
    """The form that the body came back in."""
    outline: Outline = NOTHING
    """What is known of the body's fields."""

    @property
    def parts(self) -> list[str]:
        """What differs from the revision, in words."""
        before = self.base.message()
        changed = {
            "the body": self.message.body != before.body,
            "headers": self.message.properties != before.properties,
            "the return address": self.return_address != self.base.return_address,
        }
        return [part for part, differs in changed.items() if differs]

    @property
    def revision(self) -> NewRevision:
        """What is to be stored; without a reason of the person's it says what was changed."""
        said = self.reason or f"Changed {' and '.join(self.parts)}."
        return NewRevision(self.message, self.return_address, said)

    @cached_property
    def form(self) -> Form | None:
        """The body as a form; None where it cannot be shown so."""
        return self.filled or (fields.form_of(self.body.text, self.outline) if self.body.as_text else None)

    def on(self, current: Revision) -> "Draft":
        """The same work on a revision that somebody else made meanwhile: what this person did not touch is
        as the other one left it."""
        parts = self.parts
        touched = "the body" in parts or "body" in self.problems
        body = self.body if touched else bodies.form_of(bytes(current.body))
        address = self.return_address if "the return address" in parts else current.return_address
        changes = headers.on(headers_of(current.message()), self.changes)
        now = _draft(current, body, changes, address, self.reason)
        return replace(now, as_fields=self.as_fields, outline=self.outline)


def untouched(base: Revision) -> Draft:
    """A draft before anything was changed."""
    return _draft(base, bodies.form_of(bytes(base.body)), HeaderChanges(), base.return_address, "")


def western(base: Revision) -> Draft:
    """A draft whose body is read as Western European text."""
    return _draft(base, bodies.western(bytes(base.body)), HeaderChanges(), base.return_address, "")


def sent(base: Revision, form: Mapping[str, str], addresses: Collection[str], outline: Outline) -> Draft:
    """The draft that came back in the form. Raises ValueError where its fields are not the form's."""
    body, changes = bodies.sent(form), headers.sent(form, headers_of(base.message()))
    filled = fields.sent(body.text, form, outline)
    address = form.get("return_address", base.return_address)
    reason = form.get("reason", "").replace("\0", "").strip()
    draft = _draft(base, replace(body, text=filled.text) if filled else body, changes, address, reason)
    draft.as_fields, draft.outline, draft.filled = "fields" in form, outline, filled
    draft.problems |= filled.problems if filled else {}
    if address not in {base.return_address, *addresses}:
        draft.problems["return_address"] = "This is not the return address of any source the office knows."
    return draft


def headers_of(message: Message) -> Headers:
    """The headers; none where the broker's properties cannot be read."""
    try:
        return message.headers
    except OfficeError:
        return {}


def _draft(base: Revision, body: BodyForm, changes: HeaderChanges, address: str, reason: str) -> Draft:
    before = base.message()
    to_set, drop, problems = headers.wanted(headers_of(before), changes)
    message = before
    try:
        message = replace(message, body=bodies.body_of(body, before.body))
    except ValueError as error:
        problems["body"] = str(error)
    if to_set or drop:
        try:
            message = replace(message, properties=message.properties.with_headers(to_set, drop))
        except (OfficeError, ValueError) as error:
            problems["headers"] = f"The broker's format cannot hold these headers: {error}"
    return Draft(base, body, changes, address, reason, message, problems)
