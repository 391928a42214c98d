"""Writing a rule: the form, what is done to it, and saving it as a version."""

import json
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.parts.toasts import announce
from dashboard.queries.rules import suggestions
from dashboard.ruling import drafts, drawing
from dashboard.ruling.drafts import Draft
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may, person
from workflow_processor.models import DryRun, Group, Mode, RepairRule
from workflow_processor.rules import acts
from workflow_processor.rules.acts import SeenRule
from workflow_processor.rules.record import ChangedMeanwhile, Refused

SPANS = ((0, "Parked now"), (1, "The last day"), (7, "The last 7 days"), (30, "The last 30 days"))
"""What a dry run can be about, by its days."""
READINGS = (("json", "JSON"), ("lines", "Delimited lines"), ("text", "Plain text"))


@looks
@require_GET
def new_rule(request: HttpRequest) -> HttpResponse:
    """An empty form, or one with what a `dry-run` tried or with what tells the messages of a `group`."""
    _writes(request)
    return _form(request, drafts.of(_tried(request) or _of_group(request)), None)


@looks
@require_GET
def rule_edit(request: HttpRequest, id: int) -> HttpResponse:
    """The form with the rule as it is, or as a `dry-run` tried it."""
    rule = get_object_or_404(RepairRule, id=id)
    _writes(request, rule)
    now = json.loads(rule.versions.get(number=rule.number).definition)
    return _form(request, drafts.of(_tried(request) or now), rule)


@looks
@require_POST
def rule_versions(request: HttpRequest) -> HttpResponse:
    """Saves (`then` is save) a new rule, or a new version of `id`; or changes the steps, or looks."""
    draft, rule = drafts.sent(request.POST.dict()), rule_of(request)
    _writes(request, rule)
    if request.POST.get("then") != "save":
        return _form(request, draft, rule)
    if not draft.definition:
        return refused(request, draft, rule)
    try:
        saved = _save(request, draft, rule)
    except Refused as error:
        draft.problems[error.field] = str(error)
        return refused(request, draft, rule)
    except ChangedMeanwhile:
        return _form(request, draft, rule_of(request), status=409, stale=True)
    announce(request, f"Saved as version {saved.number} of {saved.name}.", level=messages.SUCCESS)
    return redirect("rule", saved.pk)


def refused(request: HttpRequest, draft: Draft, rule: RepairRule | None) -> HttpResponse:
    """The form once more, with what is wrong with it."""
    return _form(request, draft, rule, status=422)


def _save(request: HttpRequest, draft: Draft, rule: RepairRule | None) -> RepairRule:
    assert draft.definition  # noqa: S101 -- the view has looked
    who = person(request)
    if not rule:
        return acts.create(who, draft.name, draft.definition, mode=Mode(draft.mode), reason=draft.reason)
    seen = SeenRule(rule.pk, number(request.POST, "change"))
    return acts.change(who, seen, draft.definition, draft.reason)


def _form(
    request: HttpRequest, draft: Draft, rule: RepairRule | None, status: int = 200, **context: Any
) -> HttpResponse:
    stale = context.get("stale")
    asked = request.POST.get("then") in ("check", "save", "try")
    draft = draft if asked else replace(draft, problems={})
    return show(
        request,
        "rules/form.html",
        status=status,
        section="rules",
        rule=rule,
        change=rule.change if rule and (stale or request.method == "GET") else request.POST.get("change"),
        draft=draft,
        refused=status == 422,
        whole=draft.problems.get("") or "What you typed is kept. Each marked field says what is wrong.",
        conditions=drawing.conditions(draft),
        steps=drawing.steps(draft),
        offered=drawing.offered(draft),
        readings=READINGS,
        spans=SPANS,
        modes=list(Mode),
        suggestions=suggestions(),
        **context,
    )


def rule_of(request: HttpRequest) -> RepairRule | None:
    """The rule that the form is about; None for a new one."""
    id = number(request.POST, "id")
    return get_object_or_404(RepairRule, id=id) if id else None


def _tried(request: HttpRequest) -> Any:
    """The definition of the dry run that the address names, if it does."""
    run = DryRun.objects.filter(id=number(request.GET, "dry-run")).first()
    return json.loads(run.definition) if run else None


def _of_group(request: HttpRequest) -> dict[str, Any]:
    """What tells the messages of the group that the address names, if it does."""
    group = Group.objects.select_related("source").filter(id=number(request.GET, "group")).first()
    if not group:
        return {}
    told = {"queue": group.source.queue, "error_type": group.error_type, "handler": group.handler}
    return {"when": {name: value for name, value in told.items() if value}}


def _writes(request: HttpRequest, rule: RepairRule | None = None) -> None:
    if not may(request, acts.needed(rule) if rule else ("write_rules",)):
        raise PermissionDenied
