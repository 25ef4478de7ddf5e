from django.db import migrations
from django.db.migrations.operations import RunSQL

from jiuye.foundation import history, protection
from jiuye.foundation.protection import setting
from jiuye.foundation.roles import CASE_STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR)
SEQUENCES = [RunSQL("CREATE SEQUENCE foundation_number", "DROP SEQUENCE foundation_number")]
# Nobody writes in another's name.
OWN_READS = RunSQL(
    "CREATE POLICY app_own_read ON foundation_readlogentry FOR INSERT TO jiuye_app"
    f" WITH CHECK (user_id = (SELECT nullif(current_setting('jiuye.user', true), '')::bigint)"
    f" AND role = {setting('role')} AND purpose = {setting('purpose')})",
    "DROP POLICY app_own_read ON foundation_readlogentry",
)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        RunSQL(history.FUNCTIONS, history.DROP_FUNCTIONS),
        *SEQUENCES,
        *protection.protect("foundation_history", staff=READERS, write=(), history=False),
        history.immutable("foundation_history"),
        *protection.protect(
            "foundation_readlogentry", user="user_id", staff=(Role.AUDITOR,), write=(), history=False
        ),
        OWN_READS,
        history.immutable("foundation_readlogentry"),
        *protection.protect("foundation_grant", user="user_id", unit=None, write=()),
        *protection.protect("foundation_duty", person=None, unit=None, write=(), history=False),
        *protection.protect("foundation_outboxevent", person=None, unit=None, write=(), history=False),
        *protection.protect("foundation_outboxdelivery", person=None, unit=None, write=(), history=False),
        *protection.protect(
            "foundation_message",
            employer="employer_id",
            user="user_id",
            staff=READERS,
            write=(Role.RESIDENT, Role.EMPLOYER_AGENT),
        ),
        *protection.protect(
            "foundation_storedfile",
            employer="employer_id",
            staff=(*CASE_STAFF, Role.PAYMENT_OFFICER, Role.PAYMENT_APPROVER, Role.AUDITOR),
            write=(),
            exclude=("content",),
        ),
        history.immutable("foundation_storedfile"),
    ]
