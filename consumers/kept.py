"""A property that is reckoned once."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class kept(Generic[Value]):  # noqa: N801 - used as a decorator, as property is
    """What functools.cached_property is, without the lock that Python 3.11's takes: that costs as much as
    most of what is kept here. Two threads may both reckon it, and come to the same."""

    def __init__(self, reckon: Callable[[Any], Value]) -> None:
        self._reckon = reckon
        self.__doc__ = reckon.__doc__
        self.__isabstractmethod__ = getattr(reckon, "__isabstractmethod__", False)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Value:
        if instance is None:  # asked of the class
            return self  # type: ignore[return-value]
        value = instance.__dict__[self._name] = self._reckon(instance)
        return value
