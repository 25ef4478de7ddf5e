"""What may go wrong with a use case, told to the person who tried it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _


class UserError(Exception):
    """The person can put this right: `message` in plain words, `field` of the form, `code` for programs."""

    def __init__(self, message: object, field: str | None = None, code: str = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code

    def __str__(self) -> str:
        return str(self.message)


class UserErrors(UserError):
    """Several at once, in the order of the form."""

    def __init__(self, errors: Iterable[UserError]) -> None:
        self.errors = list(errors)
        if not self.errors:
            raise ValueError("at least one error expected")
        first = self.errors[0]
        super().__init__(first.message, first.field, first.code)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Forbidden(Exception):
    """This role may not do this at all."""

    def __init__(self, message: object = _("您没有办理这项业务的权限")) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class SelfApproval(Forbidden):
    """Nobody approves what they prepared, or acts on their own file."""

    def __init__(self, message: object = _("经办和复核必须由不同的人完成")) -> None:
        super().__init__(message)


class IncompatibleDuty(Forbidden):
    """One person holds two duties that must be apart (cities/<city>/duties.yaml)."""

    def __init__(self, message: object = _("您已承担与此不相容的职责，请由其他人办理")) -> None:
        super().__init__(message)


class NotFound(Exception):
    """No such thing, or not within one's scope; the two can't be told apart."""


class Conflict(Exception):
    """Somebody else was faster, or the page was stale."""

    def __init__(self, message: object = _("内容已被其他人更新，请刷新后再试")) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
