"""The web process: pages over HTTP, live figures over WebSockets."""

import os
from concurrent.futures import ThreadPoolExecutor

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
# Requests come in many threads, so only a pool can keep their connections. The other processes need none.
os.environ.setdefault("DATABASE_POOL", "8")
pages = get_asgi_application()

# Django has to be set up before what follows is imported.
from django.conf import settings  # noqa: E402

from dashboard.live.routing import websocket_urlpatterns  # noqa: E402
from workflow_processor import durability  # noqa: E402

# In a thread: uvicorn imports this in its event loop, where Django refuses to use the database.
with ThreadPoolExecutor(1) as thread:
    thread.submit(durability.ask_now).result()

live = OriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), settings.ORIGINS)
application = ProtocolTypeRouter({"http": pages, "websocket": live})
