"""What other apps want to hear from this one, which may not know them."""

from collections.abc import Callable

#: Called with the municipality's id, inside the transaction that changed its departments.
organisation_changed: list[Callable[[int], None]] = []


def tell_organisation_changed(municipality_id: int) -> None:
    """Tell everybody who asked, in their order; an error undoes the change."""
    for listener in organisation_changed:
        listener(municipality_id)
