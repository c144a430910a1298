"""Random bytes and damaged files: a clear problem or every row counted once, never a crash."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from engine.data.importing.sheets import encoding, open_file
from engine.data.importing.sheets.detect import detect
from engine.plans.errors import BadInput
from tests.importing.sheets.counting import content, nothing_known

TEXT = "商品,日期,数量\n" + "".join(f'"货品{row}, 大",2026-11-{row % 30 + 1:02d},{row}\n' for row in range(60))
PAGE = "<html><table><tr><th>商品<th>数量</tr>" + "<tr><td rowspan=2>货</td><td>1</td></tr>" * 20 + "</table></html>"
SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
XML = (
    f'<?xml version="1.0"?><Workbook xmlns="{SPREADSHEET}" xmlns:ss="{SPREADSHEET}"><Worksheet ss:Name="a"><Table>'
    + '<Row><Cell ss:Index="2"><Data ss:Type="String">货</Data></Cell><Cell><Data>1</Data></Cell></Row>' * 9
    + "</Table></Worksheet></Workbook>"
)
NASTY = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\x80",
    b'""',
    b"\xef\xbb\xbf",
    b"\t",
    b"9" * 300,
    b"\xe5",
    b"<td>",
    b"=",
]


def seeds() -> list[bytes]:
    workbook, table = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(workbook) as book:
        book.set_properties({"created": datetime.datetime(2026, 1, 1)})
        for name in ("a", "b"):
            sheet = book.add_worksheet(name)
            for row in range(20):
                sheet.write_row(row, 0, ["商品", row, row / 7])
            sheet.merge_range(1, 4, 5, 4, "并")
    pq.write_table(pa.table({"sku": ["a", None] * 50, "units": list(range(100))}), table)
    texts = [TEXT.encode(codec) for codec in ("utf-8", "gb18030", "utf-16")]
    return [
        *texts,
        TEXT.replace(",", "\t").encode(),
        PAGE.encode(),
        XML.encode(),
        workbook.getvalue(),
        table.getvalue(),
    ]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, cut out, put in, doubled, or cut off."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(400))
    if kind == 1:
        return bytes(chance.choice(b'",\n\r\t;|a1\xb0\xa1\x00=') for _ in range(chance.randrange(300)))
    if kind > 2 and data.startswith(b"PK"):
        return repacked(data, chance)
    return changed_in_places(data[: chance.randrange(len(data))] if kind == 2 else data, chance)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """A workbook that is a whole archive but has damage inside one of its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, changed_in_places(inside, chance) if name == chosen else inside)
    return buffer.getvalue()


def changed_in_places(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        place = chance.randrange(len(changed) + 1)
        span = chance.choice([0, 1, 1, 5, 60])
        put = chance.choice([*NASTY, chance.randbytes(3), bytes(changed[place : place + span]) * 2])
        changed[place : place + span] = put
    return bytes(changed)


def read(path: Path) -> None:
    book = open_file(path, path.name, nothing_known)
    assert book.sheets or book.problems
    for problem in book.problems:
        assert problem.message and problem.remedy
    for sheet in book.sheets:
        try:
            found = content(sheet)
        except BadInput as error:
            assert error.problems[0].remedy
            continue
        if detect(path) == "text":
            shown = [*found.cells.values(), *(entry.cells for entry in (*found.dropped, *found.broken))]
            head = [sheet.names, *sheet.preamble] if sheet.header_row else []
            assert letters(cell for row in (*shown, *head) for cell in row) == letters(as_text(path))


def as_text(path: Path) -> list[str]:
    return [b"".join(encoding.pieces(path, encoding.detect_encoding(path))).decode()]


def letters(texts: Iterable[str]) -> Counter[str]:
    """Letters and digits: whatever happens to a row, they must be somewhere."""
    return Counter(char for text in texts for char in text if char.isalnum())


def failures(folder: Path, cases: range) -> list[str]:
    """The cases in which reading a damaged file went wrong, a row being lost among them."""
    files, failed = seeds(), []
    for case in cases:
        chance = random.Random(case)
        path = folder / "fuzz.bin"
        path.write_bytes(damaged(files[case % len(files)], chance))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(encoding, "PIECE", chance.choice([16, 200, 2**20]))
            patch.setattr(encoding, "FIRST_PIECE", chance.choice([16, 200, 2**20]))
            try:
                read(path)
            except BaseException as error:
                failed.append(f"case {case}: {error!r}")
    return failed


def test_damaged_files_never_crash_nor_lose_a_row(tmp_path: Path) -> None:
    assert failures(tmp_path, range(400)) == []


@pytest.mark.slow
def test_ten_thousand_damaged_files(tmp_path: Path) -> None:
    assert failures(tmp_path, range(400, 10_400)) == []
