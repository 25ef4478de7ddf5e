from django.db import migrations, models

from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_outreach_protection")]

    operations = [
        migrations.CreateModel(
            name="LawVersion",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("city", models.CharField(max_length=40)),
                ("first_used_at", models.DateTimeField()),
                ("text", models.BinaryField()),
            ],
            options={"ordering": ["first_used_at", "hash"]},
        ),
        # written only by the service itself, in the transaction of the decision
        *protect(
            "desk_lawversion",
            person=None,
            unit=None,
            staff=(*CASE_STAFF, Role.AUDITOR),
            write=(),
            history=False,
        ),
        history.immutable("desk_lawversion"),
    ]
