"""Where sockets are served."""

from django.urls import URLPattern, path

from dashboard.live.socket import LiveSocket

websocket_urlpatterns: list[URLPattern] = [path("live/", LiveSocket.as_asgi())]
