"""The addresses of the office and, beside them, a page that anybody would write: the frame of every page,
and 50 rows of one table in six columns."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_GET

from dashboard.urls import urlpatterns as office
from workflow_processor.models import DeadLetter

PAGE = """{% extends "base.html" %}{% block content %}<table>{% for letter in letters %}
<tr><td>{{ letter.id }}</td><td>{{ letter.state }}</td><td>{{ letter.error_type }}</td>
<td>{{ letter.error_text }}</td><td>{{ letter.handler }}</td><td>{{ letter.received_at }}</td></tr>
{% endfor %}</table>{% endblock %}"""


@require_GET
def trivial(request: HttpRequest) -> HttpResponse:
    letters = DeadLetter.objects.order_by("-id")[:50]
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"letters": letters}, request))


urlpatterns = [*office, path("trivial/", trivial)]
