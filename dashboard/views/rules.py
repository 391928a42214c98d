"""Repair rules: all of them, and one with its versions."""

from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dashboard.queries import rules as asked
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may
from dashboard.views.rule_forms import SPANS
from workflow_processor.models import AuditEntry, DryRun, Mode, RepairRule, RuleVersion
from workflow_processor.repair.definition import parse
from workflow_processor.repair.wording import Change, difference, in_words
from workflow_processor.rules.acts import needed

ACTS = 10
VERSIONS = 20


class Version(NamedTuple):
    """A version with what differs from the one before."""

    version: RuleVersion
    changes: list[Change] | None
    """None for the first."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.version, name)


@looks
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """All of them, in the order of triage."""
    return show(request, "rules/rules.html", list=asked.rules())


@looks
@require_GET
def rule(request: HttpRequest, id: int) -> HttpResponse:
    """What it does, what it did, and who made it so; of its versions those `older` than one, else the
    latest."""
    found = get_object_or_404(RepairRule, id=id)
    older = number(request.GET, "older")
    versions = _versions(found, older)
    last = versions[-1].number if versions else 1
    on_record = AuditEntry.objects.filter(subject=f"rule {found.name}")
    return show(
        request,
        "rules/rule.html",
        section="rules",
        rule=found,
        changeable=may(request, needed(found)),
        words=in_words(parse(found.versions.get(number=found.number).definition)),
        versions=versions,
        newer_url=address("rule", id) if older else "",
        older_url=address("rule", id, older=last) if last > 1 else "",
        did=asked.did([found.name])[found.name],
        suggested=asked.suggested(found).count(),
        first_suggested=asked.suggested(found)[:ACTS],
        modes=list(Mode),
        spans=SPANS,
        dry_runs=DryRun.objects.filter(rule=found).order_by("-id")[:ACTS],
        acts=on_record.select_related("person").order_by("-id")[:ACTS],
    )


def _versions(rule: RepairRule, older: int) -> list[Version]:
    """The latest first, so many of them, each with what differs from the one before it."""
    found = rule.versions.order_by("-number")
    versions = list((found.filter(number__lt=older) if older else found)[: VERSIONS + 1])
    definitions = [parse(version.definition) for version in versions]
    changes = [difference(before, after) for after, before in pairwise(definitions)]
    return [Version(*pair) for pair in zip_longest(versions, changes)][:VERSIONS]
