"""Whether a requeue waits at its key's gate is asked of each that is silent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow_processor", "0020_in_flight_by_source")]

    operations = [
        migrations.AddIndex(
            model_name="heldmessage",
            index=models.Index(
                fields=["dead_letter"],
                name="held_requeue",
                condition=models.Q(("dead_letter__isnull", False)),
            ),
        ),
    ]
