from django.db import migrations

from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR, Role.CITY_LEAD)


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_outreach")]

    operations = [
        # Written by the night and, for the person, by the actions: nobody tells somebody of something by hand.
        *protect("desk_outreach", staff=READERS, write=()),
        history.immutable("desk_outreach", except_columns=("person_id", "household_id"), once="ended_on"),
        # The person's own choice, which no member of staff can override.
        *protect("desk_pushchoice", staff=READERS, write=(Role.RESIDENT,)),
        *protect("desk_outreachrun", person=None, unit=None, staff=READERS, write=()),
    ]
