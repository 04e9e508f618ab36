"""Tries to sign in per account, never per address: a city hall shares one address; uses of keys."""

from __future__ import annotations

import hashlib
import logging

import redis
from django.conf import settings
from django.core.cache import cache

log = logging.getLogger("dxportal.accounts.throttle")


def count_try(email: str) -> int:
    """The number of this try within the window; 0 where the counter cannot be reached.

    Counted before the password is checked, so that tries at the same moment count too.
    """
    key = _key(email)
    try:
        cache.add(key, 0, settings.SIGN_IN_WINDOW_SECONDS)
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two
        return 1
    except redis.RedisError:
        log.warning("tries to sign in are not counted: the cache is away")
        return 0


def forget_tries(email: str) -> None:
    """Start anew after the right password."""
    try:
        cache.delete(_key(email))
    except redis.RedisError:
        log.warning("tries to sign in are not forgotten: the cache is away")


def _key(email: str) -> str:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"sign-in:{digest}"


def count_use(name: str, seconds: int) -> int:
    """The number of this use of a name within the window; 0 where the cache is away."""
    key = f"use:{hashlib.sha256(name.encode()).hexdigest()}"
    try:
        cache.add(key, 0, seconds)
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two
        return 1
    except redis.RedisError:
        log.warning("uses are not counted: the cache is away")
        return 0
