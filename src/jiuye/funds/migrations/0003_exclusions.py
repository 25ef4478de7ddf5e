import django.contrib.postgres.fields
from django.db import migrations, models

from jiuye.funds import triggers


class Migration(migrations.Migration):
    dependencies = [("funds", "0002_protection")]

    operations = [
        migrations.AddField(
            model_name="awardmonth",
            name="excludes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
        *triggers.exclusion(),
    ]
