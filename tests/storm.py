"""Many people who answer at once and try again until they are told that it was taken."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

TOKEN = "a" * 32


@dataclass
class Storm:
    """One wave, its people with their sessions, and what each of them was told.

    `answers` gives each person's choice. Who was led to the page of thanks is acknowledged; until
    then the same answers are posted again, also when the first posting had arrived after all.
    """

    port: int
    wave: int
    sessions: dict[int, str]
    answers: Mapping[int, str]
    a_second: float
    clients: int = 12
    patience: float = 120
    acknowledged: dict[int, str] = field(default_factory=dict)
    tries: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin; returns at once."""
        begun = time.monotonic()
        due = iter([(begun + n / self.a_second, who) for n, who in enumerate(self.answers)])

        def client() -> None:
            while True:
                with self._lock:
                    following = next(due, None)
                if following is None:
                    return
                time.sleep(max(0.0, following[0] - time.monotonic()))
                self._insist(following[1])

        self._threads = [threading.Thread(target=client) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until everybody was acknowledged, or their patience has ended."""
        for thread in self._threads:
            thread.join()

    def _insist(self, who: int) -> None:
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            if self._posted(who):
                with self._lock:
                    self.acknowledged[who] = self.answers[who]
                return
            time.sleep(0.3)

    def _posted(self, who: int) -> bool:
        """Post a whole ballot once; whether the answer says that it was taken."""
        fields = {
            "csrfmiddlewaretoken": TOKEN,
            "code": "Q1",
            "answer": self.answers[who],
            "action": "send",
        }
        headers = {
            "Cookie": f"sessionid={self.sessions[who]}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with self._lock:
            self.tries += 1
        try:
            connection.request("POST", f"/answer/{self.wave}/send/", urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.refusals[type(error).__name__] += 1
            return False
        finally:
            connection.close()
        thanks = f"/answer/{self.wave}/thanks/"
        if answer.status == 302 and answer.getheader("Location") == thanks:
            return True
        self.refusals[str(answer.status)] += 1
        return False


#: Sessions are made beside the sign-in page, whose password check is slow on purpose.
_SIGN_IN = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "dxportal.settings"
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cache import SessionStore
from dxportal.accounts.models import User
kept = {}
for user in User.objects.filter(pk__in=json.loads(sys.argv[1])):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "dxportal.accounts.backends.EmailBackend"
    session[HASH_SESSION_KEY] = session["draft_binding"] = user.get_session_auth_hash()
    session.save()
    kept[user.pk] = session.session_key
print(json.dumps(kept))
"""


def signed_in(stack: Any, people: list[int]) -> dict[int, str]:
    """A session in the running installation for each of these people."""
    import json

    output = stack.run_script(_SIGN_IN, json.dumps(people))
    return {int(pk): key for pk, key in json.loads(output.splitlines()[-1]).items()}
