"""Rights of the database roles on every table; after each migration, as the tables' owner.

jiuye_app reads and writes, but only adds to the trails and never touches the organisation or the migrations.
jiuye_audit reads, except passwords and sessions.
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

#: What the application may do where that isn't everything.
APP: Final = {
    "foundation_history": "SELECT",
    "foundation_readlogentry": "SELECT, INSERT",
    "foundation_storedfile": "SELECT, INSERT",
    "foundation_duty": "SELECT, INSERT",
    "foundation_orgunit": "SELECT",
    "desk_itemversion": "SELECT, INSERT, UPDATE",
    "django_migrations": "SELECT",
    "django_content_type": "SELECT",
}
NOT_FOR_AUDIT: Final = ("django_session", "foundation_loginattempt", "foundation_user")
USER_COLUMNS: Final = "id, username, display_name, is_demo, is_active, created_at, last_login"


def apply() -> None:
    """Grant. Repeating it changes nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        )
        tables = sorted(row[0] for row in cursor.fetchall())
        statements = [
            "GRANT USAGE ON SCHEMA public TO jiuye_app, jiuye_audit",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM jiuye_app, jiuye_audit",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO jiuye_app",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO jiuye_app",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO jiuye_audit",
        ]
        for table, rights in APP.items():
            if table in tables:
                statements.append(f"REVOKE ALL ON {table} FROM jiuye_app")
                statements.append(f"GRANT {rights} ON {table} TO jiuye_app")
        for table in NOT_FOR_AUDIT:
            if table in tables:
                statements.append(f"REVOKE ALL ON {table} FROM jiuye_audit")
        if "foundation_user" in tables:
            statements.append(f"GRANT SELECT ({USER_COLUMNS}) ON foundation_user TO jiuye_audit")
        cursor.execute(";\n".join(statements))
