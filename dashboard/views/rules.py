"""Repair rules: all of them, and one with its versions."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dashboard.queries import rules as asked
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may
from dashboard.views.rule_forms import SPANS
from dashboard.views.versions import versions_page
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
    """What it does, what it did, and who made it so; of its versions those `older` than one, else the
    latest."""
    found = get_object_or_404(RepairRule, id=id)
    page = versions_page(request, "rule", id, found.versions.all())
    on_record = AuditEntry.objects.filter(subject=f"rule {found.name}")
    return show(
        request,
        "rules/rule.html",
        section="rules",
        rule=found,
        changeable=may(request, needed(found)),
        words=in_words(parse(found.versions.get(number=found.number).definition)),
        versions=_with_changes(page.with_before)[: len(page.shown)],
        newer_url=page.newer_url,
        older_url=page.older_url,
        did=asked.did([found.name])[found.name],
        suggested=asked.suggested(found).count(),
        first_suggested=asked.suggested(found)[:ACTS],
        modes=list(Mode),
        spans=SPANS,
        dry_runs=DryRun.objects.filter(rule=found).order_by("-id")[:ACTS],
        acts=on_record.select_related("person").order_by("-id")[:ACTS],
    )


def _with_changes(versions: Sequence[Any]) -> list[Version]:
    """Each with what differs from the one before it, which follows it."""
    definitions = [parse(version.definition) for version in versions]
    changes = [difference(before, after) for after, before in pairwise(definitions)]
    return [Version(*pair) for pair in zip_longest(versions, changes)]
