"""Django's settings, made from the environment by `dashboard.environment`. What runs under Django asks these.

Before Django is there, `dashboard.one_machine` completes the environment of `make run` and its programs,
`dashboard.asgi` sets how many connections web keeps, and `prepare` takes the first administrator's password.
Consumers run without Django: `python -m consumers` reads BROKER_URL and DATABASE_URL itself.
"""

from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from dashboard import databases, environment, logs

ENVIRONMENT = environment.read()

# What the office itself asks for
BROKER_URL = ENVIRONMENT.broker_url
EXAMPLE = ENVIRONMENT.example
RULES = [*ENVIRONMENT.rules, *(["consumers.trading.repair_rules"] if EXAMPLE else [])]
SCHEMAS = ENVIRONMENT.schemas
UNDO_SECONDS = ENVIRONMENT.undo_seconds
RETENTION_DAYS = ENVIRONMENT.retention_days
ALLOW_UNSAFE_DATABASE = ENVIRONMENT.allow_unsafe_database
ORIGINS = ENVIRONMENT.origins

# Django
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key.get_secret_value()
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts or [urlsplit(origin).hostname or "" for origin in ORIGINS]
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": databases.django(ENVIRONMENT.database_url, pool=ENVIRONMENT.database_pool)}
LOGGING = logs.configure(ENVIRONMENT.log_format, ENVIRONMENT.log_level)

INSTALLED_APPS = [
    "workflow_processor",
    "dashboard",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.signing_in.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.live.drawing.count_news",
    "dashboard.signing_in.tell_no_page",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Time and language
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone
LANGUAGE_CODE = "en"
USE_I18N = False

# Sign-in
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# Static files: their names carry a hash, so browsers keep them for good
STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.data_dir / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# Safety in the browser
HTTPS = all(origin.startswith("https://") for origin in ORIGINS)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
# Browsers' preload lists are for the owner of the whole domain to enter, not for one service of it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_NAME = "office_session"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "office_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = ORIGINS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# An edited body travels in a form: as large as brokers commonly take, with its encoding.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

CHANNEL_URL = databases.redis(ENVIRONMENT.channel_url)
# Live pages. With redis-py 8 the defaults drop idle sockets after 5 s and run out of connections.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": CHANNEL_URL,
                    "socket_timeout": 30,
                    "max_connections": 2000,
                }
            ],
            "prefix": "office",
        },
    }
}

# Celery: tasks carry ids; a task whose worker died runs again, so the broker must keep it until it is done
CELERY_BROKER_URL = databases.redis(ENVIRONMENT.celery_broker_url)
# Celery would take the variable of that name over the setting; these two it takes from here.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_DEFAULT_QUEUE = "office"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3.0
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, bool | int]
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
else:
    # Longer than the hard time limit: Valkey gives a task to somebody else after this many seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * CELERY_TASK_TIME_LIMIT}
