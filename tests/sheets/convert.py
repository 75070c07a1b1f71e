"""Writes every exported sheet of a folder once more, as a workbook (openpyxl) and as CSV (Python's own writer), the way that
someone who opened and saved it would: numbers as numbers, yes and no as TRUE and FALSE.

`convert.py FOLDER`: for each `N.csv` there are `N.xlsx` and `N.again.csv` afterwards.
"""

import csv
import pathlib
import sys

from openpyxl import Workbook

SEPARATORS = [",", ";", "\t"]


def value(title: str, cell: str) -> object:
    if "ACW" in title and cell.isdigit():
        return int(cell)
    if "auto accept" in title and cell in ("yes", "no"):
        return cell == "yes"
    return cell or None


folder = pathlib.Path(sys.argv[1])
files = sorted(folder.glob("*.csv"))
for at, path in enumerate(files):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    titles = rows[0]
    book = Workbook()
    sheet = book.active
    sheet.append(titles)
    for row in rows[1:]:
        sheet.append([value(title, cell) for title, cell in zip(titles, row)])
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                # What looks like a formula is text here, as in a cell that is formatted as text.
                cell.data_type = "s"
    book.save(path.with_suffix(".xlsx"))
    with path.with_suffix(".again").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=SEPARATORS[at % 3], lineterminator="\n").writerows(rows)
print(f"{len(files)} sheets written again")
