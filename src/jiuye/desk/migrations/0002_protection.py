from django.db import migrations

from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, PAYMENT_STAFF, Role

AUDITOR, LEAD, RESIDENT = Role.AUDITOR, Role.CITY_LEAD, Role.RESIDENT
READERS = (*CASE_STAFF, AUDITOR)
# A person's own rows are written for them by the actions (scope.elevated), so that nobody moves their own case;
# only the unfinished form is theirs to write.
CASES = {"staff": (*READERS, *PAYMENT_STAFF, LEAD), "write": CASE_STAFF}


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_initial"),
        ("registry", "0002_protection"),
        ("foundation", "0002_protection"),
    ]

    operations = [
        *protect("desk_case", **CASES),
        *protect("desk_caseevent", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_caseevent", except_columns=("person_id",)),
        *protect("desk_draft", staff=(Role.STREET_CLERK,), write=(RESIDENT, Role.STREET_CLERK)),
        *protect("desk_handoff", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_handoff", except_columns=("person_id",)),
        *protect("desk_decision", **CASES),
        # A merge of two files of one person moves a decision; nothing else touches what was decided.
        history.immutable("desk_decision", except_columns=("person_id",), once="decided_at"),
        *protect("desk_doubt", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_doubt", except_columns=("person_id",), once="closed_at"),
        *protect("desk_evidence", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_evidence", except_columns=("person_id",)),
        *protect("desk_rating", staff=(*READERS, LEAD), write=()),
        history.immutable("desk_rating", except_columns=("person_id",)),
        *protect("desk_task", staff=(*READERS, *PAYMENT_STAFF, LEAD), write=(*CASE_STAFF, *PAYMENT_STAFF)),
        history.immutable("desk_task", except_columns=("person_id",), once="done_at"),
    ]
