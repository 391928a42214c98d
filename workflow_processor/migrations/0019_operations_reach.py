"""An operation knows how far it is, so that to requeue a message writes nothing to its item."""

from django.db import migrations, models

_REACHED = """
UPDATE operation o SET reached = i.id FROM (
    SELECT operation_id, max(id) AS id FROM operation_item WHERE outcome <> 'pending' GROUP BY operation_id
) AS i WHERE i.operation_id = o.id
"""
_FROZEN = """
UPDATE operation_item i SET attempt = d.attempt + 1 FROM dead_letter d
WHERE i.outcome = 'pending' AND d.id = i.dead_letter
"""
_IN_OUTBOX = "UPDATE operation_item SET outcome = 'pending' WHERE outcome = 'outbox'"
_OUT_AGAIN = """
UPDATE operation_item i SET outcome = 'outbox' FROM operation o
WHERE o.id = i.operation_id AND i.outcome = 'pending' AND i.id <= o.reached
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_processor", "0018_times_by_default")]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="reached",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(_REACHED, migrations.RunSQL.noop),
        migrations.RunSQL(_FROZEN, migrations.RunSQL.noop),
        migrations.RunSQL(_IN_OUTBOX, _OUT_AGAIN),
    ]
