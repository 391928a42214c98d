"""How often a group failed in an hour is kept, so that no page adds up a day of minutes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_processor", "0016_fewer_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupHour",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("hour", models.DateTimeField()),
                ("count", models.PositiveBigIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="workflow_processor.group",
                    ),
                ),
            ],
            options={
                "db_table": "group_hour",
            },
        ),
        migrations.AddConstraint(
            model_name="grouphour",
            constraint=models.UniqueConstraint(
                fields=("group", "hour"), include=("count",), name="group_hour_once"
            ),
        ),
        migrations.RunSQL(
            """
            INSERT INTO group_hour (group_id, hour, count)
            SELECT group_id, date_trunc('hour', minute), sum(count) FROM flow
            WHERE folded AND kind = 'failed' AND minute > now() - interval '2 days' GROUP BY 1, 2
            """,
            migrations.RunSQL.noop,
        ),
    ]
