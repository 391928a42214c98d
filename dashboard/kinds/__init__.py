"""How people order and see each kind of operation: one file a kind, each with its `FORM`."""

from dashboard.kinds import apply_rule, assign, discard, edit, from_file, reconsider, requeue
from dashboard.kinds.form import Form

FORMS: dict[str, Form] = {
    form.kind.name: form
    for form in (
        requeue.FORM,
        edit.FORM,
        from_file.FORM,
        discard.FORM,
        assign.FORM,
        apply_rule.FORM,
        reconsider.FORM,
    )
}
