"""All settings, read from the environment; unsafe production values stop the start."""

import secrets
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from dxportal.shared import embedded, file_broker

django_stubs_ext.monkeypatch()
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where things are -------------------------------------------------------------------------------
VAR_DIR = Path(env.str("DXPORTAL_VAR_DIR", default=str(BASE_DIR / "var")))
#: Wave keys: outside the database and outside every backup (survey-anonymity).
KEY_DIR = Path(env.str("DXPORTAL_KEY_DIR", default=str(VAR_DIR / "wave-keys")))
#: What the operator says of that folder; `check --deploy` asks for it.
KEYS_NOT_IN_SNAPSHOTS = env.bool("DXPORTAL_KEYS_NOT_IN_SNAPSHOTS", default=False)

#: production: DATABASE_URL is given. embedded: one person tries the product. test: the test run.
MODE = env.str("DXPORTAL_ENV", default="production" if env.str("DATABASE_URL", "") else "embedded")
PRODUCTION = MODE == "production"

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
#: A closed network without TLS must be chosen aloud.
PLAIN_HTTP = env.bool("DXPORTAL_PLAIN_HTTP", default=not PRODUCTION)


def _secret_key() -> str:
    """SECRET_KEY, SECRET_KEY_FILE, or (never in production) a key that lives in VAR_DIR."""
    if key := str(env.str("SECRET_KEY", default="")):
        return key
    path = Path(env.str("SECRET_KEY_FILE", default=str(VAR_DIR / "secret-key")))
    if path.is_file():
        return path.read_text(encoding="ascii").strip()
    if PRODUCTION:
        raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE (50 characters or more).")
    return secrets.token_urlsafe(50)


SECRET_KEY = _secret_key()

if PRODUCTION:
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure"):
        raise ImproperlyConfigured("SECRET_KEY is too weak: use 50 random characters or more.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names of this site, without '*'.")
    if not env.str("DXPORTAL_KEY_DIR", default=""):
        raise ImproperlyConfigured(
            "Set DXPORTAL_KEY_DIR to a folder outside the database and outside every backup."
        )
    if not env.str("REDIS_URL", default=""):
        raise ImproperlyConfigured("Set REDIS_URL (broker, cache and sessions).")

# Applications -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "dxportal.shared",
    "dxportal.accounts",
    "roadmap",
    "surveys",
    "dxportal.dashboards",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dxportal.shared.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dxportal.accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dxportal.accounts.middleware.MunicipalityMiddleware",
]

ROOT_URLCONF = "dxportal.urls"
WSGI_APPLICATION = "dxportal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "dxportal.accounts.context.portal",
            ],
        },
    },
]

#: Without any database (lint, checks) the address leads nowhere and says why.
_NOWHERE = "postgres://no-database-url-set@127.0.0.1:9/none"


# Database: the owner migrates, the application role owns nothing and runs web, worker and tests ---
def _database(url: str) -> dict[str, object]:
    """One database alias; psycopg's pool in front of PostgreSQL except in tests."""
    config: dict[str, object] = {**env.db_url_config(url), "CONN_MAX_AGE": 0}
    #: A connection that a restart of the database broke is replaced before it is used.
    config["CONN_HEALTH_CHECKS"] = True
    #: The embedded server is reached through a socket: its folder is a query in the address.
    options: dict[str, object] = {"connect_timeout": 3, **env.db_url_config(url).get("OPTIONS", {})}
    if MODE != "test" and url != _NOWHERE:
        options["pool"] = {
            "min_size": 1,
            "max_size": env.int("DXPORTAL_DB_POOL", default=8),
            "timeout": 10,
        }
    config["OPTIONS"] = options
    config["ENGINE"] = "django.db.backends.postgresql"
    return config


_embedded = None if env.str("DATABASE_URL", "") else embedded.read_urls(VAR_DIR / "pg")
_app_url = env.str("DATABASE_URL", default=_embedded.app if _embedded else _NOWHERE)
_owner_url = env.str("DATABASE_OWNER_URL", default=_embedded.owner if _embedded else _app_url)
DATABASES = {"default": _database(_app_url), "owner": _database(_owner_url)}
DATABASES["owner"]["OPTIONS"].pop("pool", None)  # type: ignore[attr-defined]
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache and sessions (never in the database: a touched session row would re-link a ballot) --------
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES: dict[str, dict[str, object]] = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# People and sign-in -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["dxportal.accounts.backends.EmailBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if MODE == "test":  # speed only; production never reads this branch
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
#: Wrong passwords for one account within the window before it has to wait (promise P16).
SIGN_IN_ATTEMPTS = 10
SIGN_IN_WINDOW_SECONDS = 15 * 60
CSRF_FAILURE_VIEW = "dxportal.accounts.views.sign_in.csrf_failed"

# Language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "dxportal" / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# Static files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("DXPORTAL_STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "files"

#: Stands in files that other installations read; the same as in pyproject.toml.
PRODUCT_VERSION = "0.1.0"

# Limits -----------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
#: Bytes of an uploaded table; larger files are refused with a sentence.
UPLOAD_MAX_BYTES = 50 * 1024 * 1024

# Headers ----------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if not PLAIN_HTTP:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("DXPORTAL_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Mail: optional; without EMAIL_URL messages stay in the product ----------------------------------
_email = env.str("EMAIL_URL", default="")
MAIL_ENABLED = bool(_email)
if _email:
    globals().update(env.email_url_config(_email))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="dxportal@localhost")
EMAIL_TIMEOUT = 5
#: The address that links in mails begin with.
SITE_URL = env.str("DXPORTAL_SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

#: Whether a webhook may lead to this machine, its network card or a cloud's metadata service.
WEBHOOK_MAY_BE_LOCAL = env.bool("DXPORTAL_WEBHOOK_MAY_BE_LOCAL", default=not PRODUCTION)

#: Where everybody who uses the pages gets the source of what runs here (AGPL-3.0, section 13).
SOURCE_URL = env.str("SOURCE_URL", default="")
if SOURCE_URL and not SOURCE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("SOURCE_URL must begin with https:// or http://.")

# Celery (see docs/decisions for each value that is not a default) --------------------------------
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or f"{file_broker.SCHEME}://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1000
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE

# Logs: what happened, never who answered ----------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "dxportal": {"level": env.str("LOG_LEVEL", default="INFO")},
        "django.request": {"level": "ERROR"},
    },
}
