"""`{% load searching %}`: how to search, beside the field and where a query cannot be read."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.queries import keys

register = template.Library()


@register.simple_tag
@cache
def language() -> SafeString:
    """The whole filter language; drawn once, for it is the same for everybody."""
    return render_to_string("messages/_language.html", {"keys": keys.language()})
