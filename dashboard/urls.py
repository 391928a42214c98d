"""Every address of the office. What is looked at is a GET; what people do is a POST to a noun."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path

from dashboard.style_guide import style_guide
from dashboard.views import (
    audit,
    discards,
    edits,
    group,
    groups,
    health,
    held,
    message,
    messages,
    operation,
    operations,
    overview,
    queues,
    requeues,
    restores,
    undos,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("overview/groups/", overview.worst_groups, name="overview-groups"),
    path("overview/health/", overview.health_of_parts, name="overview-health"),
    path("overview/connected/", overview.connected, name="connected"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:id>/", group.group, name="group"),
    path("messages/", messages.messages, name="messages"),
    path("messages/new/", messages.new_messages, name="new-messages"),
    path("messages/<uuid:id>/", message.message, name="message"),
    path("messages/<uuid:id>/status/", message.status, name="message-status"),
    path("messages/<uuid:id>/edit/", edits.new_edit, name="new-edit"),
    path("messages/<uuid:id>/differences/", message.revision_differences, name="differences"),
    path("messages/<uuid:id>/revisions/<int:number>/body/", message.body, name="body"),
    path("messages/<uuid:id>/held/releases/", held.releases, name="held-releases"),
    path("messages/<uuid:id>/held/discards/", held.discards, name="held-discards"),
    path("requeues/", requeues.requeues, name="requeues"),
    path("undos/", undos.undos, name="undos"),
    path("edits/", edits.edits, name="edits"),
    path("discards/", discards.discards, name="discards"),
    path("restores/", restores.restores, name="restores"),
    path("operations/", operations.operations, name="operations"),
    path("operations/new/", operations.new_operation, name="new-operation"),
    path("operations/<int:id>/", operation.operation, name="operation"),
    path("operations/<int:id>/outcomes.csv", operation.outcomes, name="operation-outcomes"),
    path("operations/<int:id>/pauses/", operation.pauses, name="operation-pauses"),
    path("operations/<int:id>/resumptions/", operation.resumptions, name="operation-resumptions"),
    path("operations/<int:id>/cancellations/", operation.cancellations, name="operation-cancellations"),
    path("operations/<int:id>/undos/", operation.undos, name="operation-undos"),
    path("operations/<int:id>/retries/", operation.retries, name="operation-retries"),
    path("queues/", queues.queues, name="queues"),
    path("audit/", audit.audit, name="audit"),
    path("audit/<int:id>/", audit.act, name="act"),
    path("sign-in/", LoginView.as_view(redirect_authenticated_user=True), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("healthz", health.healthz, name="health"),
]
if settings.DEBUG:
    urlpatterns.append(path("style/", style_guide))
