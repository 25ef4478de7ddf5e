from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_protection")]

    operations = [
        migrations.AlterField(
            model_name="registration",
            name="kind",
            field=models.CharField(
                choices=[
                    ("employment", "就业登记"),
                    ("unemployment", "失业登记"),
                    ("flexible", "灵活就业登记"),
                    ("hardship", "就业困难人员认定"),
                    ("zero_household", "零就业家庭确认"),
                ],
                max_length=14,
            ),
        ),
    ]
