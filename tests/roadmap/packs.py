"""Initiatives with everything that a pack can hold, and the way through its pages."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from roadmap.actions.blockers import BlockerFields, close_blocker, open_blocker
from roadmap.actions.indicators import IndicatorFields, add_indicator, measure
from roadmap.actions.milestones import add_milestone, mark_milestone_done
from roadmap.actions.published import publish_verdict
from roadmap.actions.updates import report
from roadmap.choices import Beneficiary, Cause, IndicatorKind, Phase, Progress, Verdict
from roadmap.models import Criterion, Initiative, Tag, Theme
from tests.roadmap.board import Town, signed_in
from tests.roadmap.test_initiative_list import made

START = dt.date(2025, 4, 1)
LIVE = dt.date(2025, 10, 1)
ASKED = dt.date(2026, 1, 5)
EXPORT, IMPORT = "/packs/export/", "/packs/import/"
SHARES = {
    "asked": 41,
    "n": 32,
    "weekly_or_more": {"percent": 60, "bound": "exact"},
    "easier": {"percent": 90, "bound": "at_least"},
    "harder": {"percent": 5, "bound": "exact"},
    "both_ways": {"percent": None, "bound": "none"},
}


def full(place: Town, title: str = "窓口の申請書を電子化", **more: Any) -> Initiative:
    """One with all parts of a pack, in operation and asked about; nothing in it stops it."""
    criteria = Criterion.objects.visible_to(place.office).order_by("order")
    values: dict[str, Any] = {
        "purpose": "窓口で書く手間をなくす\n待ち時間を減らす",
        "beneficiaries": (Beneficiary.STAFF.value, Beneficiary.RESIDENTS.value),
        "stops": "紙の申請書",
        "adds": "家から申請できる",
        "start_fy": 2025,
        "start_quarter": 1,
        "launched_on": LIVE,
        "budget": "初期費 1,200千円",
        "pitfalls": "帳票を先に減らすべきだった",
        "learners": "窓口の職員が入力のしかたを",
        "learn_minutes": 30,
        "old_way": "複写式の申請書",
        "themes": tuple(t.pk for t in Theme.objects.visible_to(place.office)[:2]),
        "criteria": tuple(sorted(c.pk for c in criteria[:2])),
        "tags": tuple(
            sorted(t.pk for t in Tag.objects.visible_to(place.office).order_by("pk")[:2])
        ),
        "may_introduce": True,
        **more,
    }
    found = made(place, title, **values)
    _parts(found, place)
    return found


def _parts(initiative: Initiative, place: Town) -> None:
    first = add_milestone(
        initiative, by=place.office, title="業者を決める", due_on=dt.date(2025, 6, 1)
    )
    mark_milestone_done(first, by=place.office, on=dt.date(2025, 6, 11))
    add_milestone(initiative, by=place.office, title="試行を始める", due_on=dt.date(2025, 8, 1))
    fields = IndicatorFields(
        name="電子申請の割合",
        kind=IndicatorKind.USE,
        unit="%",
        baseline=Decimal(0),
        targets=((2025, Decimal(30)), (2026, Decimal("62.5"))),
    )
    indicator = add_indicator(initiative, by=place.office, values=fields)
    measure(indicator, by=place.office, value=Decimal(41), on=dt.date(2026, 3, 31), note="内緒の注")
    blocker = open_blocker(
        initiative,
        fields=BlockerFields(Cause.LAW, "条例で書面と決まっていた", wanted="条例の改正"),
        by=place.head,
        on=dt.date(2025, 5, 1),
    )
    close_blocker(
        blocker, resolution="条例を改めた", version=1, by=place.head, on=dt.date(2025, 7, 1)
    )
    late = {
        "progress": Progress.LATE,
        "cause": Cause.VENDOR,
        "note": "内緒の備考",
        "next_step": "督促",
    }
    report(initiative, by=place.head, phase=Phase.BUILDING, on=dt.date(2025, 6, 1), **late)  # type: ignore[arg-type]
    report(initiative, by=place.head, phase=Phase.LIVE, progress=Progress.ON_TRACK, on=LIVE)
    initiative.refresh_from_db()
    publish_verdict(initiative, on=ASKED, verdict=Verdict.ESTABLISHED, figures=SHARES)


def sent(client: Client, *initiatives: Initiative, **typed: str) -> Any:
    """The answer to the form of the preview, with some texts typed over (key → text)."""
    page = client.get(EXPORT, {"i": [each.pk for each in initiatives]})
    assert page.status_code == 200, page.content.decode()[:500]
    preview = page.context["preview"]
    data: dict[str, Any] = {
        **preview.form.typed(),
        "i": [draft.initiative.pk for draft in preview.found],
        "fingerprint": preview.fingerprint,
        "licence": "CC BY 4.0",
        **typed,
    }
    return client.post(EXPORT, data)


def exported(place: Town, *initiatives: Initiative) -> dict[str, Any]:
    """The pack of these, as it was saved."""
    response = sent(signed_in(place.office), *initiatives)
    assert response.status_code == 200, response.content.decode()[:2000]
    pack: dict[str, Any] = json.loads(response.content)
    return pack


def upload(client: Client, content: Any, name: str = "隣.pack.json") -> Any:
    """The answer to a file."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, body)})


def taken(place: Town, pack: dict[str, Any], start: str = "2027-04-01") -> list[Initiative]:
    """What is made of a whole pack."""
    client = signed_in(place.office)
    before = set(Initiative.objects.values_list("pk", flat=True))
    page = upload(client, pack)
    assert page.status_code == 302, page.content.decode()[:2000]
    places = list(range(len(pack["initiatives"])))
    done = client.post(page["Location"], {"places": places, "start_on": start})
    assert done.status_code == 302, done.content.decode()[:2000]
    return list(Initiative.objects.exclude(pk__in=before).order_by("pk"))
