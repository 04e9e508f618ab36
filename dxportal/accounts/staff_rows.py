"""People as a file lists them, with their department found among those that exist. No database."""

import datetime as dt
import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import Parsed, Reading, Record
from dxportal.shared.tables import Table

from .choices import Employment, Role
from .department_rows import LEVEL_FIELDS, LEVELS, ORIGIN, Path

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STAFF_FIELDS: dict[str, Sequence[str]] = {
    "email": ("メールアドレス", "電子メール", "メール", "eメール", "email", "mail", "e-mail"),
    "name": ("氏名", "職員氏名", "職員名", "名前", "name", "full_name"),
    "department_code": ("所属コード", "部署コード", "組織コード", "department_code"),
    "department": ("所属", "所属名", "部署", "部署名", "配属先", "担当課", "department"),
    "post_title": ("職名", "役職", "役職名", "職位", "職", "post", "post_title", "title"),
    "is_head": ("所属長", "所属長フラグ", "所属長区分", "is_head", "head"),
    "role": ("役割", "権限", "ロール", "role"),
    "employment": ("任用形態", "雇用形態", "職員区分", "雇用区分", "employment"),
    "origin": ORIGIN,
    **LEVEL_FIELDS,
}
_ROLES = {
    Role.EMPLOYEE: ("職員", "一般職員", "一般", "employee", "staff"),
    Role.PROMOTER: ("推進員", "dx推進員", "推進リーダー", "dx推進リーダー", "promoter"),
    Role.HEAD: ("所属長", "head"),
    Role.DX_OFFICE: ("事務局", "dx事務局", "dx推進室", "dx_office", "dx"),
    Role.CDO: ("cdo",),
    Role.AUDITOR: ("閲覧", "閲覧者", "監査", "auditor"),
    Role.ADMIN: ("管理者", "システム管理者", "admin"),
}
_EMPLOYMENT = {
    Employment.REGULAR: ("正規", "正規職員", "常勤", "常勤職員", "一般職", "正職員", "regular"),
    Employment.FISCAL_YEAR: ("会計年度任用職員", "会計年度任用", "会計年度", "fiscal_year"),
    Employment.OTHER: (
        *("再任用", "再任用職員", "定年前再任用短時間", "任期付", "任期付職員", "派遣", "出向"),
        *("臨時", "臨時的任用", "非常勤", "特別職", "その他", "other"),
    ),
}
_YES = frozenset(("1", "○", "〇", "◯", "●", "◎", "✓", "レ", "yes", "y", "true", "はい", "所属長"))
_NO = frozenset(("", "0", "×", "x", "-", "－", "no", "n", "false", "いいえ", "ー", "なし"))
_HEAD_TITLE = re.compile(r"(?:部|局|課|室|所|館|園|署|センター|事務局|会計)長$")
_NOT_HEAD = re.compile(r"副|次長|代理|補佐|係長")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SEPARATORS = re.compile(r"[/／>＞|｜\\\s]+")


@dataclass(frozen=True)
class KnownDepartment:
    """A department that people may belong to; ``path`` holds the names from the top."""

    path: Path
    code: str | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class StaffRow:
    """One person; ``department`` is one of the known ones, or None where the cell is empty."""

    row: int
    email: str
    name: str
    department: KnownDepartment | None
    post_title: str = ""
    is_head: bool = False
    role: Role = Role.EMPLOYEE
    employment: Employment = Employment.REGULAR
    origin: str = ""


class Directory:
    """Departments by code, by path and by name."""

    def __init__(self, departments: Iterable[KnownDepartment]) -> None:
        self.by_code: dict[str, KnownDepartment] = {}
        self.by_end: dict[str, list[KnownDepartment]] = defaultdict(list)
        self.names: list[str] = []
        for department in departments:
            if department.code:
                self.by_code[department.code] = department
            for start in range(len(department.path)):
                self.by_end[_path_key(department.path[start:])].append(department)
            self.names.append(department.path[-1])

    def find(self, text: str) -> list[KnownDepartment]:
        """By code, else every department whose path ends in these names."""
        by_code = self.by_code.get(text)
        return [by_code] if by_code else self.by_end.get(_path_key(_SEPARATORS.split(text)), [])

    def near(self, text: str) -> list[str]:
        """Names written nearly like this."""
        last = _SEPARATORS.split(text)[-1]
        return list(dict.fromkeys(difflib.get_close_matches(last, self.names, n=3, cutoff=0.6)))


def _path_key(names: Iterable[str]) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold() for name in names)


def parse_staff(
    table: Table,
    departments: Iterable[KnownDepartment],
    mapping: Mapping[str, str] | None = None,
    *,
    as_of: dt.date | None = None,
) -> Parsed[StaffRow]:
    """People with their departments. ``as_of``: departments that ended before it take nobody."""
    return _Staff(Reading(table, STAFF_FIELDS, mapping), Directory(departments), as_of).parse()


class _Staff:
    def __init__(
        self, reading: Reading[StaffRow], directory: Directory, as_of: dt.date | None
    ) -> None:
        self.reading, self.directory, self.as_of = reading, directory, as_of
        self.parsed = reading.parsed
        self.first: dict[str, int] = {}
        self.guessed_heads = 0

    def parse(self) -> Parsed[StaffRow]:
        needs_email = _("Choose the column with the e-mail addresses.")
        needs_name = _("Choose the column with the names of the people.")
        found = [
            self.reading.require("email", needs_email),
            self.reading.require("name", needs_name),
        ]
        if not all(found):
            return self.parsed
        self.reading.note_unread()
        for record in self.reading.records():
            row = self._row(record)
            if row is not None:
                self.parsed.rows.append(row)
        if self.guessed_heads:
            self.parsed.note(
                None,
                self.reading.heading("post_title"),
                "",
                _("%(count)s people were taken for heads because of their post titles."),
                count=self.guessed_heads,
            )
        return self.parsed

    def _row(self, record: Record) -> StaffRow | None:
        """The person, or None after reporting everything that is wrong with the row."""
        before = len(self.parsed.problems)
        email = self._email(record)
        if not record["name"]:
            text = _("Row %(row)s, column “%(column)s”: the name is missing.")
            self._reject(record, "name", text, _("Enter the name."))
        department = self._department(record)
        role = self._role(record)
        is_head = self._is_head(record)
        if len(self.parsed.problems) > before:
            return None
        return StaffRow(
            row=record.number,
            email=email,
            name=record["name"],
            department=department,
            post_title=record["post_title"],
            is_head=is_head or role == Role.HEAD,
            role=role,
            employment=self._employment(record),
            origin=record["origin"],
        )

    def _reject(
        self,
        record: Record,
        name: str,
        text: "str | _StrPromise",
        remedy: "str | _StrPromise",
        **more: object,
    ) -> None:
        heading = self.reading.heading(name)
        self.parsed.reject(record.number, heading, record[name], text, remedy, **more)

    def _email(self, record: Record) -> str:
        email = unicodedata.normalize("NFKC", record["email"]).strip().lower()
        if not _EMAIL.fullmatch(email):
            self._reject(
                record,
                "email",
                _("Row %(row)s, column “%(column)s”: “%(value)s” is no e-mail address.")
                if email
                else _("Row %(row)s, column “%(column)s”: the e-mail address is missing."),
                _("Enter an address such as taro.yamada@city.example.lg.jp."),
            )
            return ""
        earlier = self.first.setdefault(email, record.number)
        if earlier != record.number:
            self._reject(
                record,
                "email",
                _("Row %(row)s, column “%(column)s”: “%(value)s” already stands in row %(first)s."),
                _("Delete one of the two rows, or give each person their own address."),
                first=earlier,
            )
        return email

    def _department(self, record: Record) -> KnownDepartment | None:
        """By code, else by path or name; ambiguous, unknown and ended ones are reported."""
        levels = [record[level] for level in LEVELS if record[level]]
        name = "department_code" if record["department_code"] else "department"
        text = record[name] or "／".join(levels)
        if not text:
            return None
        found = self.directory.find(text)
        open_now = [d for d in found if not self._ended(d)]
        if len(open_now) == 1:
            return open_now[0]
        if not record[name]:
            name = next(level for level in reversed(LEVELS) if record[level])
        if len(open_now) > 1:
            self._ambiguous(record, name, text, open_now)
        elif found:
            self._reject_department(
                record,
                name,
                text,
                _("Row %(row)s, column “%(column)s”: “%(value)s” ended on %(day)s."),
                _("Enter the department that took its place."),
                day=max(d.valid_to for d in found if d.valid_to).isoformat(),
            )
        else:
            self._unknown(record, name, text)
        return None

    def _ended(self, department: KnownDepartment) -> bool:
        last = department.valid_to
        return last is not None and self.as_of is not None and last < self.as_of

    def _ambiguous(
        self, record: Record, name: str, text: str, found: Sequence[KnownDepartment]
    ) -> None:
        self._reject_department(
            record,
            name,
            text,
            _("Row %(row)s, column “%(column)s”: several departments are called “%(value)s”."),
            _("Enter one of these: %(candidates)s."),
            candidates="、".join("／".join(department.path) for department in found[:5]),
        )

    def _unknown(self, record: Record, name: str, text: str) -> None:
        near = self.directory.near(text)
        self._reject_department(
            record,
            name,
            text,
            _("Row %(row)s, column “%(column)s”: there is no department “%(value)s”."),
            _("Did you mean %(candidates)s? Otherwise import the departments first.")
            if near
            else _("Import the departments first, or correct the name."),
            candidates="、".join(near),
        )

    def _reject_department(
        self,
        record: Record,
        name: str,
        text: str,
        message: "str | _StrPromise",
        remedy: "str | _StrPromise",
        **more: object,
    ) -> None:
        heading = self.reading.heading(name)
        self.parsed.reject(record.number, heading, text, message, remedy, **more)

    def _role(self, record: Record) -> Role:
        word = _word(record["role"])
        if not word:
            return Role.EMPLOYEE
        role = next((role for role, words in _ROLES.items() if word in words), None)
        if role is None:
            self._reject(
                record,
                "role",
                _("Row %(row)s, column “%(column)s”: “%(value)s” is no role."),
                _("Enter one of these: %(candidates)s. An empty cell means 職員."),
                candidates="、".join(words[0] for words in _ROLES.values()),
            )
        return role or Role.EMPLOYEE

    def _is_head(self, record: Record) -> bool:
        if "is_head" not in self.reading.columns:
            title = record["post_title"]
            guessed = bool(_HEAD_TITLE.search(title)) and not _NOT_HEAD.search(title)
            self.guessed_heads += guessed
            return guessed
        word = _word(record["is_head"])
        if word not in _YES and word not in _NO:
            self._reject(
                record,
                "is_head",
                _("Row %(row)s, column “%(column)s”: “%(value)s” is neither yes nor no."),
                _("Enter ○ for heads of department and leave the others empty."),
            )
        return word in _YES

    def _employment(self, record: Record) -> Employment:
        word = _word(record["employment"])
        kind = next((kind for kind, words in _EMPLOYMENT.items() if word in words), None)
        if kind is None and word:
            self.parsed.note(
                record.number,
                self.reading.heading("employment"),
                record["employment"],
                _("Row %(row)s, column “%(column)s”: “%(value)s” was read as another employment."),
            )
        return kind or (Employment.OTHER if word else Employment.REGULAR)


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
