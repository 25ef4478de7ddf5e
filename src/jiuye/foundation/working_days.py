"""Working days, as `jiuye.policy.working_days` counts them (the law's own time limits need the same days)."""

from jiuye.policy.working_days import CalendarError, Due, WorkingCalendar

__all__ = ["CalendarError", "Due", "WorkingCalendar"]
