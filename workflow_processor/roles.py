"""What people are here, and what each may do. A role is a group of Django's; `manage.py prepare` makes them
so."""

from django.apps import apps
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import Permission
from django.db import transaction

VIEWER = ("view_dead_letter",)
CLERK = (
    *VIEWER,
    "comment_dead_letter",
    "assign_dead_letter",
    "edit_dead_letter",
    "requeue_dead_letter",
    "discard_dead_letter",
)
ENGINEER = (
    *CLERK,
    "decide_held_messages",
    "manage_group",
    "manage_source",
    "share_view",
    "switch_rules",
    "write_rules",
)
ROLES = {"viewer": VIEWER, "clerk": CLERK, "engineer": ENGINEER, "administrator": None}
"""Codenames of permissions, each role with those before it. None: all of them."""


def permissions() -> dict[str, str]:
    """What can be allowed here: codenames, and each in words."""
    models = apps.get_app_config("workflow_processor").get_models()
    return {codename: words for model in models for codename, words in model._meta.permissions}


def establish() -> None:
    """Makes the roles what this file says. Who has which stays as it is."""
    ours = Permission.objects.filter(content_type__app_label="workflow_processor")
    with transaction.atomic():
        for name, codenames in ROLES.items():
            role, _ = Role.objects.get_or_create(name=name)
            role.permissions.set(ours.filter(codename__in=codenames or permissions()))
