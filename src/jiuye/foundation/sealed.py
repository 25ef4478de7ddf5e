"""Model fields for sealed values: text in Python, SM4-GCM in the database, found by a blind index, masked on
screen.

    document_number = SealedField("registry_person.document_number")     # label: table.column
    document_index = BlindIndexField(of="document_number", unique=True)

A value is sealed to the row's primary key, so the key must be known before the row is saved (a UUID). It is
opened when the attribute is read, not when the row is. `update()`, `bulk_update()` and `values()` know no
row: the first two refuse plain text, the last gives sealed bytes (`open_value`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import pre_save

from jiuye.foundation import identifiers, names, sealing

M = TypeVar("M", bound=models.Model)
S = TypeVar("S")
G = TypeVar("G")

if TYPE_CHECKING:

    class TextBase(models.Field[S, G]):
        """For the type checker: str, or str | None with null=True."""

        _pyi_private_set_type: str
        _pyi_private_get_type: str

    class BytesBase(models.BinaryField[S, G]):
        """Likewise bytes."""
else:  # Django's fields take no type arguments when the program runs
    TextBase = {(S, G): models.Field}
    BytesBase = {(S, G): models.BinaryField}


class Sealed(bytes):
    """A sealed value as it stands in the database."""

    def __repr__(self) -> str:
        return f"Sealed({len(self)} bytes)"


class SealedAttribute(DeferredAttribute):
    """Opens on reading, remembers plain text until it is saved."""

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if not isinstance(value, Sealed):
            return value
        opened = instance.__dict__.get(_opened(self.field))
        if opened is None:
            opened = open_value(self.field.label, instance.pk, value)  # type: ignore[attr-defined]
            instance.__dict__[_opened(self.field)] = opened
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        if value is not None and not isinstance(value, str | Sealed):
            raise TypeError(f"{self.field.name} takes text, not {type(value).__name__}")
        held = instance.__dict__.get(self.field.attname)
        if isinstance(value, str) and isinstance(held, Sealed) and self.__get__(instance) == value:
            return  # the same text keeps its seal
        instance.__dict__.pop(_opened(self.field), None)
        instance.__dict__[self.field.attname] = value


class SealedField(TextBase[S, G]):
    """A text that PostgreSQL sees only sealed. `label` is table.column and never changes."""

    descriptor_class = SealedAttribute

    def __init__(self, label: str, **options: Any) -> None:
        self.label = label
        options.setdefault("editable", False)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("editable", None)
        return name, path, [self.label, *args], options

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        return value

    def pre_save(self, instance: models.Model, add: bool) -> Sealed | None:
        held = instance.__dict__.get(self.attname)
        if isinstance(held, str):
            instance.__dict__[self.attname] = sealed = seal_value(self.label, instance.pk, held)
            instance.__dict__[_opened(self)] = held
            return sealed
        if held is not None and add:
            getattr(instance, self.attname)  # a seal taken from another row doesn't open, so it isn't kept
        return held

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):
            raise TypeError(
                f"{self.label} is sealed to its row: save the object, and search with sealed.lookup"
            )
        return super().get_prep_value(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return value if value is None or hasattr(value, "resolve_expression") else bytes(value)


class BlindIndexField(BytesBase[S, G]):
    """16 bytes by which the sealed field `of` is found. Computed when the object is saved."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        options["max_length"] = sealing.BLIND_BYTES
        options["editable"] = False
        options["blank"] = True
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for given in ("max_length", "editable", "blank"):
            options.pop(given, None)
        return name, path, args, {**options, "of": self.of}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            pre_save.connect(self._both_are_saved, sender=cls, weak=False)

    def _both_are_saved(self, update_fields: Iterable[str] | None, **_: Any) -> None:
        fields = set(update_fields or ())
        if self.of in fields and self.name not in fields:
            raise ValueError(f"save {self.name} together with {self.of}")

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        source = _sealed_field(type(instance), self.of)
        held = instance.__dict__.get(source.attname)
        if held is None:
            found = None
        elif isinstance(held, Sealed) and _opened(source) not in instance.__dict__:
            return super().pre_save(instance, add)  # never looked at, so not changed
        else:
            found = blind(source.label, getattr(instance, source.attname))
        setattr(instance, self.attname, found)
        return found


def seal_value(label: str, pk: object, plain: str) -> Sealed:
    """Seal a text for the row `pk` of `label` (table.column)."""
    if pk is None:
        raise ValueError(f"{label}: the row has no primary key yet")
    return Sealed(sealing.seal(plain, sealing.aad_of(label, pk)))


def open_value(label: str, pk: object, blob: bytes | memoryview) -> str:
    """The text of sealed bytes, e.g. from `values()`. BrokenSealError when they are not that row's."""
    return sealing.open_sealed(blob, sealing.aad_of(label, pk))


def blind(label: str, value: str) -> bytes:
    """The blind index of a value: half-width, capitals, without blanks and dashes."""
    return sealing.blind(label, identifiers.normalise(value))


def lookup(model: type[M], field: str, value: str) -> models.QuerySet[M]:
    """The rows whose sealed `field` has this value."""
    source = _sealed_field(model, field)
    for index in model._meta.concrete_fields:
        if isinstance(index, BlindIndexField) and index.of == field:
            found = {index.name: blind(source.label, value)}
            return model._default_manager.filter(**found)
    raise LookupError(f"{model.__name__}.{field} has no blind index")


def fields_of(model: type[models.Model]) -> list[SealedField[Any, Any]]:
    """The sealed fields of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]


_HEAD: Final = 6  # of an address: district and street, no house number


def mask(kind: str, value: str | None) -> str:
    """What a screen shows. `kind`: phone, account, address, name, or a document type of `identifiers`."""
    if not value:
        return ""
    if kind == "phone":
        return value[:3] + "*" * max(len(value) - 7, 0) + value[-4:] if len(value) > 7 else "*" * len(value)
    if kind == "account":
        return "*" * max(len(value) - 4, 4) + value[-4:] if len(value) > 8 else "*" * len(value)
    if kind == "address":
        return value[:_HEAD] + "*" * max(len(value) - _HEAD, 0) if len(value) > _HEAD else "*" * len(value)
    if kind == "name":
        return names.mask_name(value)
    return identifiers.mask(kind, value)


def _opened(field: models.Field[Any, Any]) -> str:
    return f"_opened_{field.attname}"


def _sealed_field(model: type[models.Model], name: str) -> SealedField[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, SealedField):
        raise TypeError(f"{model.__name__}.{name} is not sealed")
    return field
