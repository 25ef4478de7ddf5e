"""What the database refuses in matters of money, whoever asks. SQLSTATE JY003: unbalanced; JY002: frozen;
JY004: a move
that isn't allowed or a sum that isn't right. JY005: two benefits for a month that exclude each other.

The functions belong to the owner of the tables (SECURITY DEFINER), so that no policy hides a row from a
check. The
owner may switch the moves and freezes off for a bulk load (foundation.history.maintenance); balance is always
checked.
"""

from __future__ import annotations

from typing import Final

from django.db.migrations.operations import RunSQL

_HEAD: Final = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"

LEDGER: Final = """
-- a transaction remembers the database transaction that made it: entries can't be added later
CREATE FUNCTION funds_ledger_begun() RETURNS trigger HEAD
BEGIN
    NEW.debit_cents := 0; NEW.credit_cents := 0;
    NEW.booked_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_begun BEFORE INSERT ON funds_ledgertransaction
    FOR EACH ROW EXECUTE FUNCTION funds_ledger_begun();

-- totals by statement, so that a booking of a million entries is checked once and not a million times
CREATE FUNCTION funds_ledger_totals() RETURNS trigger HEAD
BEGIN
    IF EXISTS (SELECT FROM fresh f JOIN funds_ledgertransaction t ON t.id = f.transaction_id
               WHERE t.booked_in <> pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'a booking is closed: entries come with their transaction' USING ERRCODE = 'JY002';
    END IF;
    UPDATE funds_ledgertransaction t
        SET debit_cents = t.debit_cents + s.debit, credit_cents = t.credit_cents + s.credit
        FROM (SELECT transaction_id, sum(debit_cents) AS debit, sum(credit_cents) AS credit
              FROM fresh GROUP BY transaction_id) s
        WHERE t.id = s.transaction_id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_totals AFTER INSERT ON funds_ledgerentry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION funds_ledger_totals();

CREATE FUNCTION funds_ledger_balanced() RETURNS trigger HEAD
DECLARE debit bigint; credit bigint;
BEGIN
    SELECT debit_cents, credit_cents INTO debit, credit FROM funds_ledgertransaction WHERE id = NEW.id;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF debit <> credit OR debit = 0 THEN
        RAISE EXCEPTION 'booking % does not balance: % debit, % credit', NEW.key, debit, credit
            USING ERRCODE = 'JY003';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT OR UPDATE ON funds_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funds_ledger_balanced();

CREATE FUNCTION funds_ledger_frozen() RETURNS trigger HEAD
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
       AND to_jsonb(OLD) - '{debit_cents,credit_cents}'::text[] = to_jsonb(NEW) -
       '{debit_cents,credit_cents}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a booking is never changed: book the opposite' USING ERRCODE = 'JY002';
END $$;
"""
LEDGER_UNDO: Final = """
DROP TRIGGER ledger_begun ON funds_ledgertransaction; DROP FUNCTION funds_ledger_begun();
DROP TRIGGER ledger_totals ON funds_ledgerentry; DROP FUNCTION funds_ledger_totals();
DROP TRIGGER ledger_balanced ON funds_ledgertransaction; DROP FUNCTION funds_ledger_balanced();
DROP FUNCTION funds_ledger_frozen();
"""

RUNS: Final = """
-- two files of one person that are made one: the only reason why a payment gets another person
CREATE FUNCTION funds_merging() RETURNS text[] LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_setting('jiuye.action', true) IN ('registry.merge_people', 'registry.undo_merge')
        THEN '{person_id}'::text[] ELSE '{}'::text[] END
$$;

CREATE FUNCTION funds_run_moves() RETURNS trigger HEAD
DECLARE frozen_count bigint; frozen_cents bigint; actor bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a run is never deleted' USING ERRCODE = 'JY002';
    END IF;
    IF (NEW.id, NEW.number, NEW.benefit, NEW.month, NEW.sequence, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.number, OLD.benefit, OLD.month, OLD.sequence, OLD.created_at)
       OR (OLD.prepared_by_id IS NOT NULL AND NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id)
       OR (OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id)
       OR (OLD.bank_file_id IS NOT NULL AND NEW.bank_file_id IS DISTINCT FROM OLD.bank_file_id)
       OR (OLD.list_file_id IS NOT NULL AND NEW.list_file_id IS DISTINCT FROM OLD.list_file_id) THEN
        RAISE EXCEPTION 'this of a run is frozen' USING ERRCODE = 'JY002';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (('open', 'locked'), ('locked', 'approved'),
        ('locked', 'discarded'), ('approved', 'released'), ('released', 'sent'), ('sent', 'reconciled')) THEN
        RAISE EXCEPTION 'a run does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'JY004';
    END IF;
    actor := nullif(current_setting('jiuye.user', true), '')::bigint;
    IF NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id AND NEW.prepared_by_id IS DISTINCT FROM actor
       OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id AND NEW.approved_by_id IS DISTINCT FROM actor
       OR NEW.second_approved_by_id IS DISTINCT FROM OLD.second_approved_by_id
          AND NEW.second_approved_by_id IS DISTINCT FROM actor THEN
        RAISE EXCEPTION 'nobody signs for somebody else' USING ERRCODE = 'JY004';
    END IF;
    IF (NEW.count, NEW.total_cents) IS DISTINCT FROM (OLD.count, OLD.total_cents) OR NEW.state <> OLD.state
       AND NEW.state IN ('locked', 'approved', 'released') THEN
        IF NEW.state NOT IN ('locked', 'approved', 'released', 'discarded') THEN
            RAISE EXCEPTION 'the sum of a run is frozen' USING ERRCODE = 'JY002';
        END IF;
        SELECT count(*), coalesce(sum(amount_cents), 0) INTO frozen_count, frozen_cents
            FROM funds_payment WHERE run_id = NEW.id AND state = 'frozen';
        IF (NEW.count, NEW.total_cents) IS DISTINCT FROM (frozen_count::int, frozen_cents) THEN
            RAISE EXCEPTION 'run %: the sum is not that of its payments', NEW.number USING ERRCODE = 'JY004';
        END IF;
    END IF;
    IF NEW.state = 'reconciled' AND EXISTS (SELECT FROM funds_payment WHERE run_id = NEW.id AND state =
    'sent') THEN
        RAISE EXCEPTION 'run %: the bank has not answered for all', NEW.number USING ERRCODE = 'JY004';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION funds_payment_moves() RETURNS trigger HEAD
DECLARE run_state text; due record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a payment is never deleted' USING ERRCODE = 'JY002';
    END IF;
    SELECT state INTO run_state FROM funds_paymentrun WHERE id = NEW.run_id;
    IF TG_OP = 'INSERT' THEN
        SELECT m.state, m.amount_cents, m.person_id, m.month, a.stopped_from INTO due
            FROM funds_awardmonth m JOIN funds_award a ON a.id = m.award_id WHERE m.id = NEW.award_month_id;
        IF run_state <> 'open' OR NEW.state <> 'frozen' THEN
            RAISE EXCEPTION 'a locked run takes no further payment' USING ERRCODE = 'JY004';
        END IF;
        IF due.state <> 'due' OR due.amount_cents <> NEW.amount_cents OR due.person_id <> NEW.person_id
           OR due.stopped_from <= due.month THEN
            RAISE EXCEPTION 'a payment is one due month: its person, its amount' USING ERRCODE = 'JY004';
        END IF;
        RETURN NEW;
    END IF;
    -- The file a payment belongs to may be merged into another; payee and amount never change.
    IF to_jsonb(OLD) - '{state,failure,settled_on}'::text[] - funds_merging()
       <> to_jsonb(NEW) - '{state,failure,settled_on}'::text[] - funds_merging() THEN
        RAISE EXCEPTION 'payee and amount of a payment are frozen' USING ERRCODE = 'JY002';
    END IF;
    IF NEW.state = OLD.state AND to_jsonb(OLD) - funds_merging() <> to_jsonb(NEW) - funds_merging()
       OR NEW.state <> OLD.state AND NOT (
        (OLD.state, NEW.state) = ('frozen', 'sent') AND run_state = 'released'
        OR (OLD.state, NEW.state) = ('frozen', 'void') AND run_state IN ('locked', 'approved')
        OR (OLD.state, NEW.state) IN (('sent', 'paid'), ('sent', 'failed'), ('paid', 'failed'))
           AND run_state IN ('sent', 'reconciled')) THEN
        RAISE EXCEPTION 'a payment does not go from % to % while its run is %', OLD.state, NEW.state,
        run_state
            USING ERRCODE = 'JY004';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION funds_month_moves() RETURNS trigger HEAD
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a month of an award is never deleted' USING ERRCODE = 'JY002';
    END IF;
    IF to_jsonb(OLD) - '{state,amount_cents,overpayment_id}'::text[] - funds_merging()
       <> to_jsonb(NEW) - '{state,amount_cents,overpayment_id}'::text[] - funds_merging() THEN
        RAISE EXCEPTION 'this of an award month is frozen' USING ERRCODE = 'JY002';
    END IF;
    IF NEW.amount_cents <> OLD.amount_cents AND (OLD.state <> 'due' OR EXISTS (
        SELECT FROM funds_payment WHERE award_month_id = OLD.id AND state IN ('frozen', 'sent', 'paid'))) THEN
        RAISE EXCEPTION 'the amount is frozen: a payment is under way' USING ERRCODE = 'JY002';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state, NEW.state) = ('due', 'paid') AND EXISTS (
            SELECT FROM funds_payment WHERE award_month_id = OLD.id AND state = 'paid')
        OR (OLD.state, NEW.state) IN (('due', 'cancelled'), ('paid', 'due')) AND NOT EXISTS (
            SELECT FROM funds_payment WHERE award_month_id = OLD.id AND state IN ('frozen', 'sent', 'paid')))
            THEN
        RAISE EXCEPTION 'an award month does not go from % to % now', OLD.state, NEW.state USING ERRCODE =
        'JY004';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION funds_plan_complete() RETURNS trigger HEAD
DECLARE planned bigint; owed bigint;
BEGIN
    SELECT coalesce(sum(amount_cents), 0) INTO planned FROM funds_instalment WHERE plan_id = NEW.id;
    SELECT amount_cents INTO owed FROM funds_overpayment WHERE id = NEW.overpayment_id;
    IF planned IS DISTINCT FROM owed THEN
        RAISE EXCEPTION 'the instalments make % cents, not %', planned, owed USING ERRCODE = 'JY004';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plan_complete AFTER INSERT ON funds_repaymentplan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funds_plan_complete();
"""
RUNS_UNDO: Final = """
DROP FUNCTION funds_merging();
DROP FUNCTION funds_run_moves(); DROP FUNCTION funds_payment_moves(); DROP FUNCTION funds_month_moves();
DROP TRIGGER plan_complete ON funds_repaymentplan; DROP FUNCTION funds_plan_complete();
"""

EXCLUSION: Final = """
-- one month of one person at a time, so that of two awards made at once the second sees the first
CREATE FUNCTION funds_month_excluded() RETURNS trigger HEAD
DECLARE other text;
BEGIN
    IF NEW.state = 'cancelled' THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.person_id::text || NEW.month::text, 5));
    SELECT m.benefit INTO other FROM funds_awardmonth m
        WHERE m.person_id = NEW.person_id AND m.month = NEW.month AND m.state <> 'cancelled'
          AND m.id <> NEW.id AND (m.benefit = ANY (NEW.excludes) OR NEW.benefit = ANY (m.excludes)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is not had beside % in %', NEW.benefit, other, to_char(NEW.month, 'YYYY-MM')
            USING ERRCODE = 'JY005';
    END IF;
    RETURN NEW;
END $$;
"""
EXCLUSION_UNDO: Final = "DROP FUNCTION funds_month_excluded();"
EXCLUSION_EVENTS: Final = "INSERT OR UPDATE OF person_id, month, benefit, excludes"

GUARDS: Final = (
    ("funds_ledgertransaction", "UPDATE OR DELETE", "funds_ledger_frozen"),
    ("funds_paymentrun", "UPDATE OR DELETE", "funds_run_moves"),
    ("funds_payment", "INSERT OR UPDATE OR DELETE", "funds_payment_moves"),
    ("funds_awardmonth", "UPDATE OR DELETE", "funds_month_moves"),
)


def guard(table: str, events: str, function: str, name: str = "keep_moves") -> RunSQL:
    """A trigger that the owner of the tables may pass while loading in bulk; nobody else."""
    statement = (
        f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW"
        " WHEN (coalesce(current_setting(''jiuye.maintenance'', true), '''') <> ''on''"
        " OR current_user <> %1$L)"
        f" EXECUTE FUNCTION {function}()"
    )
    return RunSQL(
        f"DO $jiuye$ BEGIN EXECUTE format('{statement}', current_user); END $jiuye$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )


def operations() -> list[RunSQL]:
    """Everything, for the migration."""
    return [
        RunSQL(LEDGER.replace(" HEAD\n", f" {_HEAD}\n"), LEDGER_UNDO),
        RunSQL(RUNS.replace(" HEAD\n", f" {_HEAD}\n"), RUNS_UNDO),
        *(guard(*item) for item in GUARDS),
    ]


def exclusion() -> list[RunSQL]:
    """Benefits that exclude each other, for a migration."""
    return [
        RunSQL(EXCLUSION.replace(" HEAD\n", f" {_HEAD}\n"), EXCLUSION_UNDO),
        guard("funds_awardmonth", EXCLUSION_EVENTS, "funds_month_excluded", "keep_apart"),
    ]
