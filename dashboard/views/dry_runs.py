"""Trying a rule on the messages that there are, without any effect on them."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.parts.toasts import announce
from dashboard.queries.dry_runs import previews
from dashboard.ruling import drafts
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may, person
from dashboard.views.rule_forms import refused, rule_of
from dashboard.views.selection import reason
from workflow_processor.models import DryRun, DryRunItem, Mode, Operation
from workflow_processor.operations import acts as operations
from workflow_processor.operations.acts import NothingToDo, Order
from workflow_processor.repair.definition import parse
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.wording import in_words
from workflow_processor.rules import acts as rules
from workflow_processor.rules import dry_runs as acts
from workflow_processor.rules.record import Refused

Outcome = DryRunItem.Outcome
LOOKS = {Outcome.REPAIRED: "would repair"}
"""Of outcomes whose own name is the look of what has happened."""


@looks
@require_POST
def dry_runs(request: HttpRequest) -> HttpResponse:
    """Begins one: of a `definition`, of the form of a rule, or of the rule `id` as it is."""
    rule, days = rule_of(request), number(request.POST, "days")
    draft = drafts.sent(request.POST.dict())
    try:
        if "definition" in request.POST:
            definition = parse(request.POST["definition"])
        elif draft.form.steps or not rule:
            if not draft.definition:
                return refused(request, draft, rule)
            definition = draft.definition
        else:
            definition = parse(rule.versions.get(number=rule.number).definition)
    except DefinitionError as error:
        raise BadRequest(str(error)) from error
    run = acts.start(person(request), definition, rule=rule, days=days)
    return redirect("dry-run", run.pk)


@looks
@require_GET
def dry_run(request: HttpRequest, id: int) -> HttpResponse:
    """How far it is, and what would become of each message of one `outcome`."""
    return _page(request, id, {}, {})


@looks
@require_POST
def dry_run_rules(request: HttpRequest, id: int) -> HttpResponse:
    """Saves what was tried as a rule; with `parked`, triage decides again about what it would repair."""
    run = get_object_or_404(DryRun, id=id)
    mode = request.POST.get("mode", Mode.OFF)
    if mode not in Mode:
        raise BadRequest("That is not a rule mode.")
    try:
        with transaction.atomic():
            rule = rules.create(
                person(request),
                request.POST.get("name", ""),
                parse(run.definition),
                mode=Mode(mode),
                reason=reason(request),
            )
            if "parked" in request.POST and mode != Mode.OFF:
                _plan(request, run, "reconsider", f"Rule {rule.name} was created.")
    except Refused as error:
        return _page(request, id, request.POST.dict(), {error.field: str(error)})
    announce(request, f"Saved {rule.name}.", level=messages.SUCCESS)
    return redirect("rule", rule.pk)


@looks
@require_POST
def dry_run_repairs(request: HttpRequest, id: int) -> HttpResponse:
    """Repairs what it would repair, once; where it is of a rule that is on, that rule does it."""
    run = get_object_or_404(DryRun.objects.select_related("rule"), id=id)
    operation = _plan(request, run, "reconsider" if _is_on(run) else "apply rule", reason(request))
    if not operation:
        announce(request, "Nothing was repaired: nothing is left to repair.", level=messages.WARNING)
        return redirect("dry-run", id)
    return redirect("operation", operation.pk)


@looks
@require_POST
def dry_run_cancellations(request: HttpRequest, id: int) -> HttpResponse:
    """Stops it where it is."""
    if not acts.cancel(person(request), id):
        announce(request, "The dry run had already ended.", level=messages.INFO)
    return redirect("dry-run", id)


def _is_on(run: DryRun) -> bool:
    """Whether it is of a rule as that is now, and triage asks it."""
    return bool(run.rule and run.version == run.rule.number and run.rule.mode != Mode.OFF)


def _plan(request: HttpRequest, run: DryRun, kind: str, why: str) -> Operation | None:
    """An operation over what it would repair; none where that is nothing any more."""
    parameters = {"definition": run.definition} if kind == "apply rule" else {}
    order = Order(kind, Operation.Selection.DRY_RUN, reason=why, parameters=parameters)
    try:
        return operations.plan(person(request), order, acts.repaired(run))
    except NothingToDo:
        return None


def _page(
    request: HttpRequest, id: int, fields: Mapping[str, str], problems: Mapping[str, str]
) -> HttpResponse:
    run = get_object_or_404(DryRun.objects.select_related("person", "rule"), id=id)
    outcome, after = request.GET.get("outcome", Outcome.REPAIRED), number(request.GET, "after")
    if outcome not in Outcome:
        raise BadRequest("That is not an outcome of a dry run.")
    page = previews(run, outcome, after)
    return show(
        request,
        "dry_runs/dry_run.html",
        status=422 if problems else 200,
        section="rules",
        run=run,
        going_on=run.state in (DryRun.State.WAITING, DryRun.State.RUNNING),
        is_on=_is_on(run),
        changeable=may(request, rules.needed(run.rule) if run.rule else ("write_rules",)),
        words=in_words(parse(run.definition)),
        outcome=outcome,
        outcomes=[(one, LOOKS.get(one, one), getattr(run, one)) for one in Outcome],
        previews=page.shown,
        reasons=sorted(run.reasons.items(), key=lambda reason: -reason[1]),
        modes=list(Mode),
        fields=fields,
        problems=problems,
        newer_url=address("dry-run", id, outcome=outcome) if after else "",
        older_url=address("dry-run", id, outcome=outcome, after=page.after) if page.after else "",
    )
