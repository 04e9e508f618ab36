"""A picture of the staircases that the office shares with the neighbours."""

from __future__ import annotations

import datetime as dt

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.sharing.picture import compose, default_title
from dxportal.shared.fiscal import month_start
from roadmap.actions.shared_pictures import publish_picture


def share_picture(town: Town, as_of: dt.date) -> None:
    """After the last count: what the CDO shows at the meeting of neighbouring municipalities."""
    period = month_start(as_of)
    title = default_title(town.municipality, period)
    content = compose(town.dx, title=title, period=period, today=as_of)
    if content is not None:
        publish_picture(town.municipality, content=content, by=town.dx)
