"""What was requeued is found by its source, since each has a quiet period of its own."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("workflow_processor", "0019_operations_reach")]

    operations = [
        migrations.RemoveIndex("DeadLetter", "dead_letter_in_flight"),
        migrations.AddIndex(
            "DeadLetter",
            models.Index(
                fields=["source", "changed_at"], name="dead_letter_in_flight", condition=Q(state="requeued")
            ),
        ),
    ]
