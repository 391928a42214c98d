"""Rows that a message passes through are tied together by how they are written, not by a query for each."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_processor", "0015_minute_flows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="deadletter",
            name="dead_letter_by_identity",
        ),
        migrations.AlterField(
            model_name="deadletter",
            name="earlier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="later",
                to="workflow_processor.deadletter",
            ),
        ),
        migrations.AlterField(
            model_name="deadletter",
            name="group",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dead_letters",
                to="workflow_processor.group",
            ),
        ),
        migrations.AlterField(
            model_name="deadletter",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dead_letters",
                to="workflow_processor.source",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="dead_letter",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="workflow_processor.deadletter",
            ),
        ),
        migrations.AlterField(
            model_name="failedattempt",
            name="dead_letter",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="failed_attempts",
                to="workflow_processor.deadletter",
            ),
        ),
        migrations.AlterField(
            model_name="failedattempt",
            name="group",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflow_processor.group",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="dead_letter",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="requeues",
                to="workflow_processor.deadletter",
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="dead_letter",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="workflow_processor.deadletter",
            ),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["resolved", "discarded"]), ("message_id_derived", True), _connector="OR"
                ),
                fields=["identity", "-id"],
                name="dead_letter_by_identity",
            ),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                condition=models.Q(("earlier__isnull", False)), fields=["earlier"], name="dead_letter_later"
            ),
        ),
        # An entry is changed twice, and the first time in nothing that is indexed: where its page has room,
        # that writes to no index.
        migrations.RunSQL(
            "ALTER TABLE outbox SET (fillfactor = 50)", "ALTER TABLE outbox RESET (fillfactor)"
        ),
    ]
