from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0004_legal_officer"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_has_what_its_role_needs",
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "role__in",
                            [
                                "street_clerk",
                                "district_caseworker",
                                "district_approver",
                                "payment_officer",
                                "payment_approver",
                                "city_lead",
                                "legal_officer",
                                "catalogue_editor",
                                "auditor",
                            ],
                        ),
                        ("unit__isnull", False),
                    ),
                    models.Q(("person_id__isnull", False), ("role", "resident"), ("unit__isnull", True)),
                    models.Q(
                        ("employer_id__isnull", False), ("role", "employer_agent"), ("unit__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="grant_has_what_its_role_needs",
            ),
        ),
    ]
