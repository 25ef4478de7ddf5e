from django.db import migrations
from django.db.migrations.operations import RunSQL

from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR, Role.CITY_LEAD)
POLICIES = ("owner_all", "audit_read", "app_select", "app_insert", "app_update", "app_delete")


def anew(table: str, write: tuple[Role, ...]) -> list[RunSQL]:
    """The policies of before, and an employer's own rows."""
    before = protect(
        table, staff=READERS, write=tuple(r for r in write if r is not Role.EMPLOYER_AGENT), history=False
    )
    drop = ";\n".join(f"DROP POLICY {name} ON {table}" for name in POLICIES)
    back = f"{drop};\n{before[0].sql}"
    return [
        RunSQL(drop, migrations.RunSQL.noop),
        *(
            RunSQL(one.sql, back)
            for one in protect(table, employer="employer_id", staff=READERS, write=write, history=False)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("desk", "0007_outreach_employers")]

    operations = [
        *anew("desk_outreach", ()),
        # Nobody but oneself, and an employer's authorised people, says yes or no to being told.
        *anew("desk_pushchoice", (Role.RESIDENT, Role.EMPLOYER_AGENT)),
    ]
