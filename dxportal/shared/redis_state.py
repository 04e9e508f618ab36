"""Whether Redis answers; the product works without it, only slower."""

import redis
from django.conf import settings


def redis_is_up() -> bool | None:
    """True or False; None where no Redis is configured (embedded mode)."""
    if not settings.REDIS_URL:
        return None
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
