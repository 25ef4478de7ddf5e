from django.db import migrations

from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import Role

OFFICER = Role.LEGAL_OFFICER
PARENT = ("drafting_proposal", "proposal_id")


class Migration(migrations.Migration):
    dependencies = [("drafting", "0001_initial"), ("foundation", "0004_legal_officer")]

    operations = [
        *protect("drafting_proposal", person=None, staff=(OFFICER, Role.AUDITOR), write=(OFFICER,)),
        history.immutable("drafting_proposal", once="closed_at"),
        # the text is kept by the row itself; its digest shows in the history that it changed
        *protect(
            "drafting_proposalfile",
            person=None,
            unit=None,
            through=PARENT,
            write=(OFFICER,),
            exclude=("text",),
        ),
        *protect(
            "drafting_trial",
            person=None,
            unit=None,
            through=PARENT,
            write=(OFFICER,),
            exclude=("step", "done", "total", "result", "details"),
        ),
    ]
