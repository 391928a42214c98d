"""Repair rules: all of them, and one with its versions."""

from itertools import pairwise
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dashboard.queries import rules as asked
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may
from dashboard.views.rule_forms import SPANS
from workflow_processor.models import AuditEntry, DryRun, Mode, RepairRule, RuleVersion
from workflow_processor.repair.definition import parse
from workflow_processor.repair.wording import Change, difference, in_words
from workflow_processor.rules.acts import needed

ACTS = 10


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
    """What it does, what it did, and who made it so."""
    found = get_object_or_404(RepairRule, id=id)
    versions = list(found.versions.order_by("number"))
    definitions = [parse(version.definition) for version in versions]
    changes = [None, *(difference(*pair) for pair in pairwise(definitions))]
    listed = [Version(*pair) for pair in zip(versions, changes, strict=True)]
    on_record = AuditEntry.objects.filter(subject=f"rule {found.name}")
    return show(
        request,
        "rules/rule.html",
        section="rules",
        rule=found,
        changeable=may(request, needed(found)),
        words=in_words(definitions[-1]),
        versions=listed[::-1],
        did=asked.did([found.name])[found.name],
        suggested=asked.suggested(found).count(),
        first_suggested=asked.suggested(found)[:ACTS],
        modes=list(Mode),
        spans=SPANS,
        dry_runs=DryRun.objects.filter(rule=found).order_by("-id")[:ACTS],
        acts=on_record.select_related("person").order_by("-id")[:ACTS],
    )
