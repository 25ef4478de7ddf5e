from django.db import migrations

from jiuye.foundation.history import immutable
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, PAYMENT_STAFF, Role
from jiuye.funds import triggers

LEAD, AUDITOR, OFFICER = Role.CITY_LEAD, Role.AUDITOR, Role.PAYMENT_OFFICER
READERS = (*CASE_STAFF, *PAYMENT_STAFF, LEAD, AUDITOR)
PAYERS = (*PAYMENT_STAFF, LEAD, AUDITOR)
SIGNERS = (*PAYMENT_STAFF, LEAD)  # of a large run the lead signs third
PEOPLE = (*READERS, Role.RESIDENT)


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]

    operations = [
        *protect("funds_award", staff=READERS, write=()),
        *protect("funds_awardmonth", staff=READERS, write=(OFFICER,)),
        # A run names nobody; its day is told to whoever waits for the money.
        *protect("funds_paymentrun", person=None, unit=None, staff=PEOPLE, write=SIGNERS),
        *protect("funds_payment", staff=READERS, write=SIGNERS),
        *protect("funds_leftout", staff=READERS, write=(OFFICER,)),
        immutable("funds_leftout", ("person_id",)),
        *protect("funds_bankreturn", person=None, unit=None, staff=PAYERS, write=(OFFICER,)),
        immutable("funds_bankreturn"),
        # The ledger is a history of its own.
        *protect(
            "funds_ledgertransaction",
            person=None,
            unit=None,
            staff=PAYERS,
            write=PAYMENT_STAFF,
            history=False,
        ),
        *protect("funds_ledgerentry", staff=PAYERS, write=PAYMENT_STAFF, history=False),
        immutable("funds_ledgerentry"),
        *protect("funds_overpayment", staff=READERS, write=()),
        immutable(
            "funds_overpayment", ("state", "repaid_cents", "decision_id", "person_id"), once="decision_id"
        ),
        *protect("funds_repaymentplan", staff=READERS, write=()),
        immutable("funds_repaymentplan", ("letter_id", "person_id")),
        *protect("funds_instalment", staff=READERS, write=()),
        immutable("funds_instalment", ("paid_cents", "paid_at", "person_id")),
        *protect("funds_controlsample", person=None, staff=(AUDITOR, LEAD), write=()),
        immutable("funds_controlsample", ("state", "finding", "looked_by_id", "looked_at", "person_id")),
        *protect("funds_controlseed", person=None, unit=None, staff=(AUDITOR,), write=(), history=False),
        immutable("funds_controlseed"),
        *triggers.operations(),
    ]
