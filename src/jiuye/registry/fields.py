"""Columns that follow from a name: how it sorts and under which words it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from jiuye.foundation import names

if TYPE_CHECKING:
    Base = models.CharField[str, str]
else:
    Base = models.CharField


class _OfName(Base):
    """Computed from the name field `of` whenever the object is saved."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        options["editable"] = False
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("editable", None)
        return name, path, args, {**options, "of": self.of}

    def derive(self, name: str) -> str:
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.derive(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value


class SortKeyField(_OfName):
    """Sorts as a Chinese reader expects: `names.pinyin_key`."""

    def derive(self, name: str) -> str:
        return names.pinyin_key(name)[: self.max_length]


class SearchWordsField(_OfName):
    """Words under which the name is found, each after a blank: ' wangxiuying wxy 王秀英'."""

    def derive(self, name: str) -> str:
        return search_words(name)[: self.max_length]


def search_words(name: str) -> str:
    """The name, its parts, pinyin and initials; a search for '% word%' finds whoever has such a beginning."""
    return "".join(f" {word}" for word in names.search_tokens(name))
