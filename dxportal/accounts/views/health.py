"""Is it up, is it ready, how is it doing: for the operator's monitor, without sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dxportal.shared.redis_state import redis_is_up

#: Waves past their deadline by ten minutes that are neither counted nor wait for two people, and
#: ended ones whose key is still there; a wave that two people release has no deadline of its own.
_LATE = (
    "(state = 'closing' OR (state = 'open' AND NOT two_person)"
    " OR (state IN ('published', 'cancelled', 'key_lost') AND key_destroyed_at IS NULL))"
    " AND closes_at < now() - interval '10 minutes' AND key_id <> ''"
)


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; Redis being away is "degraded", not ill (promise P23).

    So is a survey round that is not counted, or whose key is not destroyed, ten minutes late.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM surveys_wave WHERE {_LATE}")
            late = (cursor.fetchone() or (0,))[0]
    except DatabaseError:
        return JsonResponse({"status": "down", "database": False}, status=503)
    redis = redis_is_up()
    is_well = redis is not False and not late
    return JsonResponse(
        {
            "status": "ok" if is_well else "degraded",
            "database": True,
            "redis": redis,
            "waves_late": late,
        }
    )


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every migration is applied, so that a balancer may send people here."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "database"}, status=503)
    if waiting:
        return JsonResponse({"ready": False, "reason": "migrations"}, status=503)
    return JsonResponse({"ready": True})


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """A handful of gauges in Prometheus' text format; counts only, never names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM roadmap_dirtymark),"
            " (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)"
            "    FROM roadmap_dirtymark),"
            " (SELECT count(*) FROM accounts_outbox"
            "    WHERE channel = 'email' AND sent_at IS NULL),"
            " (SELECT count(*) FROM surveys_wave"
            "    WHERE state = 'published' AND key_destroyed_at IS NULL),"
            f" (SELECT count(*) FROM surveys_wave WHERE {_LATE})"
        )
        marks, oldest, mails, keys, late = cursor.fetchone() or (0, 0, 0, 0, 0)
    lines = [
        f"dxportal_marks_waiting {marks}",
        f"dxportal_oldest_mark_seconds {float(oldest):.0f}",
        f"dxportal_mails_waiting {mails}",
        f"dxportal_keys_to_destroy {keys}",
        f"dxportal_waves_late {late}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
