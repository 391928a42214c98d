"""Who acts in these tests."""

from django.contrib.auth.models import Permission, User

EVERYTHING = ("view_dead_letter", "comment_dead_letter", "assign_dead_letter", "manage_group", "share_view")


def person(name: str, *permissions: str) -> User:
    """Somebody who works here and may do these things, or all of them."""
    user = User.objects.create_user(name)
    wanted = permissions or EVERYTHING
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return User.objects.get(pk=user.pk)
