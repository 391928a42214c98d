"""A page with what its frame shows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from workflow_processor import figures


def show(request: HttpRequest, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page; a template that is only a part of one asks for no counts."""
    return render(request, template, {"counts": SimpleLazyObject(figures.counts), **context}, status=status)
