import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0011_employer_cases")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="letter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="foundation.storedfile",
            ),
        ),
    ]
