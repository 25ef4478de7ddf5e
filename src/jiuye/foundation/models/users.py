"""Who logs in, and what each may act as."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from jiuye.foundation import clock
from jiuye.foundation.models.org import OrgUnit
from jiuye.foundation.roles import STAFF, Role


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)

    def create_user(
        self, username: str, display_name: str, password: str | None = None, **fields: object
    ) -> User:
        """A user without a password can't log in with one (another way, e.g. the social security card)."""
        user = self.model(username=username, display_name=display_name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A login. Rights come from grants alone; there is no superuser."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="zh-hans")
    elder_mode = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name


class GrantQuerySet(models.QuerySet["Grant"]):
    def active(self, on: date) -> GrantQuerySet:
        """In force on a day, of users who may log in."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=on), valid_from__lte=on, user__is_active=True
        )


class Grant(models.Model):
    """One role of one user: staff for a unit, a resident for themselves, an agent for one employer."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20)  # roles.Role
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="grants")
    person_id = models.UUIDField(null=True)
    employer_id = models.UUIDField(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # last day

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in STAFF], unit__isnull=False)
                | Q(role=Role.RESIDENT.value, person_id__isnull=False, unit__isnull=True)
                | Q(role=Role.EMPLOYER_AGENT.value, employer_id__isnull=False, unit__isnull=True),
                name="grant_has_what_its_role_needs",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="grant_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["person_id"]), models.Index(fields=["employer_id"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id or self.person_id or self.employer_id}"


class LoginAttempt(models.Model):
    """A failed login, so that guessing is slow on every process. `key` is a hash of who and from where."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]
