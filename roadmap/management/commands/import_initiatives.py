"""`manage.py import_initiatives FILE`: initiatives from a CSV or XLSX file."""

from dxportal.accounts.choices import ImportKind
from dxportal.accounts.management.import_command import ImportCommand


class Command(ImportCommand):
    """Prints created, changed, unchanged and rejected, then each rejected row."""

    help = "Import initiatives from CSV (UTF-8, UTF-8 with BOM, CP932) or XLSX."
    kind = ImportKind.INITIATIVES
