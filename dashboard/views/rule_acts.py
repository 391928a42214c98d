"""What is done with a rule on its page: another mode, other limits, back to an earlier version."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.views.numbers import number
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor.models import Mode, RepairRule, RuleVersion
from workflow_processor.rules import acts
from workflow_processor.rules.acts import Limits, SeenRule
from workflow_processor.rules.record import ChangedMeanwhile, Refused

STALE = "Nothing was changed: the rule changed in the meantime. This is its current state."


@looks
@require_POST
def rule_modes(request: HttpRequest, id: int) -> HttpResponse:
    """Gives it a `mode`."""
    mode = request.POST.get("mode", "")
    if mode not in Mode:
        raise BadRequest("That is not a rule mode.")
    return _done(
        request,
        id,
        lambda seen: acts.set_mode(person(request), seen, Mode(mode), reason(request)),
        lambda rule: f"{rule.name} is now: {Mode(mode).label.lower()}.",
    )


@looks
@require_POST
def rule_limits(request: HttpRequest, id: int) -> HttpResponse:
    """Its turn and its brakes."""
    limits = Limits(*(number(request.POST, name) for name in ("priority", "per_minute", "come_back_percent")))
    return _done(
        request,
        id,
        lambda seen: acts.set_limits(person(request), seen, limits, reason(request)),
        lambda rule: f"Saved the limits of {rule.name}.",
    )


@looks
@require_POST
def rule_returns(request: HttpRequest, id: int) -> HttpResponse:
    """Back to what the version `number` said, as a new version."""
    version = number(request.POST, "number")
    return _done(
        request,
        id,
        lambda seen: acts.go_back(person(request), seen, version, reason(request)),
        lambda rule: f"Version {rule.number} of {rule.name} restores version {version}.",
    )


def _done(
    request: HttpRequest,
    id: int,
    act: Callable[[SeenRule], RepairRule],
    told: Callable[[RepairRule], str],
) -> HttpResponse:
    try:
        announce(request, told(act(SeenRule(id, number(request.POST, "change")))), level=messages.SUCCESS)
    except ChangedMeanwhile:
        announce(request, STALE, level=messages.WARNING)
    except Refused as error:
        announce(request, str(error), level=messages.ERROR)
    except (RepairRule.DoesNotExist, RuleVersion.DoesNotExist) as error:
        raise Http404 from error
    return redirect("rule", id)
