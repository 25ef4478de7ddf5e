from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_protection")]

    operations = [
        migrations.AlterField(
            model_name="readlogentry", name="user_id", field=models.BigIntegerField(null=True)
        ),
    ]
