"""What an operation can do: one file a kind, each with its `KIND`."""

from workflow_processor.operations.kinds import (
    apply_rule,
    assign,
    discard,
    edit,
    from_file,
    reconsider,
    requeue,
)
from workflow_processor.operations.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        requeue.KIND,
        edit.KIND,
        from_file.KIND,
        discard.KIND,
        assign.KIND,
        reconsider.KIND,
        apply_rule.KIND,
    )
}
