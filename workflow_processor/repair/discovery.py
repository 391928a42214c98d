"""Finds the repair rules that the setting RULES names: modules with a `rule`, or packages of such modules."""

import pkgutil
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from consumers.repair import Rule

NAME = re.compile(r"[\w-]{1,60}", re.ASCII)


@cache
def rules() -> tuple[Rule, ...]:
    """The office's rules in the order in which they are tried. Raises ImproperlyConfigured."""
    return find(settings.RULES)


def find(names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of these modules and packages: as named, and within a package by file name."""
    found: dict[str, Rule] = {}
    for module in (module for name in names for module in _modules(name)):
        rule = _rule(module)
        if rule.name in found:
            raise ImproperlyConfigured(f"RULES: two rules are named {rule.name}; {module.__name__} has one.")
        found[rule.name] = rule
    return tuple(found.values())


def _modules(name: str) -> Iterator[ModuleType]:
    module = _imported(name)
    if not hasattr(module, "__path__"):
        yield module
        return
    for info in sorted(pkgutil.iter_modules(module.__path__), key=lambda info: info.name):
        if not info.name.startswith("_"):
            yield from _modules(f"{name}.{info.name}")


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:  # somebody else's module, which may do anything
        raise ImproperlyConfigured(f"RULES: {name} cannot be imported: {error!r}") from error


def _rule(module: ModuleType) -> Rule:
    rule: Any = getattr(module, "rule", None)
    if rule is None:
        raise ImproperlyConfigured(f"RULES: {module.__name__} has no `rule`.")
    if not (isinstance(getattr(rule, "name", None), str) and NAME.fullmatch(rule.name)):
        raise ImproperlyConfigured(
            f"RULES: {module.__name__}.rule needs a name of letters, digits, - and _; at most 60 of them."
        )
    if type(getattr(rule, "version", None)) is not int or rule.version < 1:
        raise ImproperlyConfigured(f"RULES: {module.__name__}.rule needs a version, a whole number from 1.")
    if not (callable(getattr(rule, "matches", None)) and callable(getattr(rule, "repair", None))):
        raise ImproperlyConfigured(f"RULES: {module.__name__}.rule needs the methods matches and repair.")
    found: Rule = rule
    return found
