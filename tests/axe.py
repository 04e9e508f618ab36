"""Accessibility rules (axe-core) on a page: put in once, and only complaints come back."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

#: Every rule that axe-core runs by itself.
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"]}
#: Handing over what was found sound takes longer than finding it.
RUN = "(options) => axe.run(options).then((found) => found.violations)"


def axe_complaints(page: Page, options: dict[str, Any] = EVERY_RULE) -> AxeResults:
    """What axe-core complains about on the page as it stands."""
    if not page.evaluate("typeof axe === 'object' && typeof axe.run === 'function'"):
        page.evaluate(AXE_SCRIPT)
    return AxeResults({"violations": page.evaluate(RUN, options)})
