from django.db import migrations
from django.db.migrations.operations import RunSQL

from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, PAYMENT_STAFF, STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR)
PAYERS = (*CASE_STAFF, *PAYMENT_STAFF, Role.AUDITOR)
AGENT, RESIDENT = Role.EMPLOYER_AGENT, Role.RESIDENT
EVERYBODY = (*STAFF, AGENT, RESIDENT)

# Dynamic, so that the planner knows the range of units and the pattern. Repeats the scope; the ids found are
# read through the policies again.
SEARCH = RunSQL(
    """
CREATE FUNCTION registry_search_people(pattern text, document bytea, telephone bytea, most integer)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $jiuye$
DECLARE
    role text := coalesce(current_setting('jiuye.role', true), '');
    prefix text := coalesce(current_setting('jiuye.prefix', true), '');
    scope text;
BEGIN
    IF coalesce(current_setting('jiuye.purpose', true), '') = '' OR (prefix = '' AND role <> 'system') THEN
        RETURN;
    END IF;
    scope := CASE WHEN role = 'system' THEN 'true' ELSE format('unit_code >= %L AND unit_code < %L',
        prefix, current_setting('jiuye.prefix_end', true)) END;
    RETURN QUERY EXECUTE format(
        'SELECT id FROM registry_person WHERE %s AND merged_into_id IS NULL'
        ' AND (search_words LIKE %L OR document_index = $1 OR phone_index = $2) ORDER BY name_key, id LIMIT $3',
        scope, pattern) USING document, telephone, most;
END $jiuye$;
""",
    "DROP FUNCTION registry_search_people",
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("foundation", "0002_protection")]

    operations = [
        *protect("registry_person", person="id", staff=PAYERS, write=CASE_STAFF),
        *protect("registry_household", person=None, staff=READERS, write=CASE_STAFF),
        # Employers are public by law; they are registered elsewhere and arrive through the system.
        *protect("registry_employer", person=None, unit=None, staff=EVERYBODY, write=()),
        *protect("registry_payeeaccount", staff=PAYERS, write=(*CASE_STAFF, RESIDENT)),
        *protect("registry_personevent", staff=READERS, write=CASE_STAFF),
        *protect(
            "registry_employmentspell", employer="employer_id", staff=READERS, write=(*CASE_STAFF, AGENT)
        ),
        *protect(
            "registry_contributionspell", employer="employer_id", staff=READERS, write=(*CASE_STAFF, AGENT)
        ),
        *protect("registry_registration", staff=READERS, write=CASE_STAFF),
        *protect("registry_statedfact", staff=READERS, write=(*CASE_STAFF, RESIDENT)),
        *protect("registry_benefitperiod", staff=PAYERS, write=()),
        *protect("registry_upload", person=None, unit=None, employer="employer_id", write=(AGENT,)),
        *protect("registry_uploadproblem", person=None, unit=None, employer="employer_id", write=(AGENT,)),
        *protect("registry_duplicateproposal", person=None, staff=READERS, write=CASE_STAFF),
        *protect("registry_merge", person=None, staff=READERS, write=CASE_STAFF, history=False),
        history.track("registry_merge", "kept_id", "unit_code"),
        SEARCH,
    ]
