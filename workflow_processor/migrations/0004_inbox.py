from django.db import migrations

from consumers.inbox import TABLE


class Migration(migrations.Migration):
    """Handlers whose effects are in the office's database find their inbox here (`consumers.inbox`)."""

    dependencies = [("workflow_processor", "0003_gates")]
    operations = [migrations.RunSQL(TABLE, "DROP TABLE inbox")]
