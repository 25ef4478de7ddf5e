from django.db import migrations

from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR)
EVERYBODY = (*STAFF, Role.EMPLOYER_AGENT, Role.RESIDENT)


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_feeds")]

    operations = [
        # Delivered by other authorities through the system: nobody here writes them.
        *protect("registry_feed", person=None, unit=None, staff=EVERYBODY, write=(), pk="code"),
        *protect("registry_feedrecord", employer="employer_id", staff=READERS, write=()),
    ]
