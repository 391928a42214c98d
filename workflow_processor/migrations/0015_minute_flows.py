"""What happened in a minute is kept for all groups together, so that no page adds up the groups."""

import django.contrib.postgres.indexes
from django.db import migrations, models

KINDS = [
    ("failed", "Failed"),
    ("repaired", "Repaired"),
    ("requeued", "Requeued"),
    ("resolved", "Resolved"),
    ("parked", "Parked"),
    ("discarded", "Discarded"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_processor", "0014_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="MinuteFlow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("count", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "minute_flow",
            },
        ),
        # Nothing is written anew for it: what is there is folded, what comes is not.
        migrations.RunSQL(
            """
            ALTER TABLE flow ADD COLUMN folded boolean NOT NULL DEFAULT true;
            ALTER TABLE flow ALTER COLUMN folded SET DEFAULT false;
            """,
            "ALTER TABLE flow DROP COLUMN folded",
            state_operations=[
                migrations.AddField(
                    model_name="flow",
                    name="folded",
                    field=models.BooleanField(db_default=False, default=False),
                )
            ],
        ),
        migrations.RunSQL(
            """
            INSERT INTO minute_flow (minute, kind, count)
            SELECT minute, kind, sum(count) FROM flow GROUP BY minute, kind
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="minuteflow",
            constraint=models.UniqueConstraint(
                fields=("minute", "kind"), include=("count",), name="minute_flow_once"
            ),
        ),
        migrations.RemoveIndex(
            model_name="flow",
            name="flow_by_minute",
        ),
        migrations.AddIndex(
            model_name="flow",
            index=models.Index(
                condition=models.Q(("folded", False)),
                fields=["minute", "kind"],
                include=["count"],
                name="flow_news",
            ),
        ),
        migrations.AddIndex(
            model_name="flow",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["minute"], name="flow_of_long_ago"),
        ),
    ]
