"""全国地方公共団体コード: six digits as text, the last of which checks the others."""

_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(first_five: str) -> str:
    """Last digit for prefecture and municipality: (11 − S mod 11) mod 10, S with weights 6 to 2."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_five, strict=True))
    return str((11 - total % 11) % 10)


def is_valid_code(text: str) -> bool:
    """Whether these are six ASCII digits with the right check digit."""
    well_formed = len(text) == 6 and text.isascii() and text.isdigit()
    return well_formed and check_digit(text[:5]) == text[5]
