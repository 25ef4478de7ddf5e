"""A person as the register knows them. What nobody reported is null, never a guess."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.foundation.sealed import BlindIndexField, SealedField
from jiuye.registry.fields import SearchWordsField, SortKeyField


class Household(models.Model):
    """People who live and keep house together (家庭户)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_code = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["unit_code"])]


class Person(models.Model):
    """One natural person; the same document number is the same person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    name_key = SortKeyField(of="name", max_length=4000)
    search_words = SearchWordsField(of="name", max_length=4000)
    document_type = models.CharField(max_length=2)  # id_type (AAC058)
    document_number = SealedField("registry_person.document_number")
    document_index = BlindIndexField(of="document_number", unique=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1)  # GB/T 2261.1: 1 male, 2 female
    nationality = models.CharField(max_length=3, default="156")  # GB/T 2659
    hukou_code = models.CharField(max_length=6, null=True)  # GB/T 2260 place of household registration
    residence_code = models.CharField(max_length=6, null=True)  # GB/T 2260 place of usual residence
    unit_code = models.CharField(max_length=12)  # community or street of residence, else the city
    phone = SealedField("registry_person.phone", null=True)
    phone_index = BlindIndexField(of="phone", null=True)
    address = SealedField("registry_person.address", null=True)
    education = models.CharField(max_length=2, null=True)  # GB/T 4658
    retirement_category = models.CharField(max_length=3, null=True)  # M60, F55, F50 (by post)
    incapacitated_on = models.DateField(null=True)
    died_on = models.DateField(null=True)
    pension_kind = models.CharField(max_length=10, null=True)  # none, employee, resident
    pension_since = models.DateField(null=True)
    self_employed_since = models.DateField(null=True)  # holds a business licence
    household = models.ForeignKey(Household, null=True, on_delete=models.SET_NULL, related_name="members")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["unit_code", "name_key"]),
            models.Index(fields=["name", "birth_date"]),
            models.Index(fields=["phone_index"]),
            GinIndex(OpClass("search_words", name="gin_trgm_ops"), name="person_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["1", "2"]), name="person_sex"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(died_on__gte=F("birth_date")),
                name="person_dies_after_birth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PayeeAccount(models.Model):
    """The bank account a person is paid to. A correction is a new row; exactly one is current."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    unit_code = models.CharField(max_length=12)
    bank_name = models.CharField(max_length=100)
    holder_name = models.CharField(max_length=200)
    number = SealedField("registry_payeeaccount.number")
    number_index = BlindIndexField(of="number")
    created_at = models.DateTimeField(default=clock.now)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(replaced_at__isnull=True), name="account_one_current"
            )
        ]


class PersonEvent(models.Model):
    """Something in a life that ends or stops an entitlement: army, study, abroad, moved away, prison."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="events")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)  # code table life_event
    start = models.DateField()
    end = models.DateField(null=True)  # last day; null = goes on
    source = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="event_ends_after_start"
            ),
            ExclusionConstraint(
                name="event_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (Func(F("start"), F("end"), Value("[]"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
