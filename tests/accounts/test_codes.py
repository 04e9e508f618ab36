"""Check digits of municipality codes."""

import pytest

from dxportal.accounts.codes import check_digit, is_valid_code


@pytest.mark.parametrize("code", ["131121", "074071", "012084", "152048", "221309", "999997"])
def test_official_codes_are_valid(code: str) -> None:
    assert is_valid_code(code)
    assert check_digit(code[:5]) == code[5]


@pytest.mark.parametrize("code", ["131122", "12084", "", "1311210", "１３１１２１", "13112a"])
def test_other_text_is_not(code: str) -> None:
    assert not is_valid_code(code)
