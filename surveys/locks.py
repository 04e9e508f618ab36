"""The lock between saving a ballot and closing its wave.

PostgreSQL keeps two-integer advisory locks apart from those of one big integer (roll-ups use the
latter). Here the first integer says "wave", the second is the wave's id. Both locks end with the
transaction. Take the lock first and read the wave's state afterwards, in a statement of its own:
under READ COMMITTED that statement sees whatever the other side has committed.
"""

from django.db import connection

#: "WAVE" in ASCII: the first integer of every lock of this module.
WAVE_SPACE = 0x57415645


def share_wave(wave_id: int) -> None:
    """Wait for a close that runs, then keep closing out; any number of ballots share this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [WAVE_SPACE, wave_id])


def hold_wave(wave_id: int) -> None:
    """Wait until nobody is saving, then keep every ballot out: for closing and cancelling."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [WAVE_SPACE, wave_id])
