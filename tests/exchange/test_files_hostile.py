"""Files that are damaged, enormous, mislabelled or meant to do harm: refused in words, and nothing else happens."""

import io
import struct
import zipfile

import pytest

from smartskill.exchange.services.files import archives, tables
from smartskill.exchange.services.files.archives import open_archive, read_member
from smartskill.exchange.services.files.reading import format_of, read_table
from smartskill.exchange.services.files.text import MAX_COLUMNS, decode, defused, read_csv, undefused
from smartskill.exchange.services.files.unreadable import FileUnreadable
from tests.exchange.files import archive, faults_of, levels_of, take_in, workbook
from tests.factories import make_skill, make_user

ROW = "E-Mail,Python\nada@example.com,4\n"


@pytest.fixture
def ada(app):
    make_skill("Python")
    return make_user(email="ada@example.com")


def read(content: bytes):
    kind, _ = format_of(content, "auto")
    return read_table(content, kind, {})


def refused(content: bytes) -> str:
    with pytest.raises(FileUnreadable) as caught:
        read(content)
    return caught.value.detail


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_usual_encoding_and_line_end_is_read(app, encoding, end):
    text = f'Name;Python{end}"Zoë;{end}Müller";4{end}'
    table = read_table(text.encode(encoding), "csv", {})
    assert table.header == ["Name", "Python"]
    [(number, cells)] = table.rows
    assert number == 2
    assert cells == [f"Zoë;{end}Müller", "4"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found_though_others_occur_in_the_cells(app, separator):
    text = f'Name{separator}Python{separator}Note\nAda{separator}4{separator}"a,b;c,d"\n'
    assert read_csv(text)[1] == separator


def test_excels_own_first_line_names_the_separator(app):
    rows, separator = read_csv("sep=;\nName;Python\nAda;4\n")
    assert (separator, rows) == (";", [(2, ["Name", "Python"]), (3, ["Ada", "4"])])


def test_the_content_says_what_a_file_is_and_not_its_name(ada):
    row = take_in(workbook([["E-Mail", "Python"], ["ada@example.com", 4]]), name="résumé.csv")
    assert (row.media_type, row.state) == ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "done")
    assert levels_of(ada) == {"Python": 4}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"Name,Py\0thon\nAda,4\n", "NUL"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\x81\x8d\x8f\x90\x9d" * 40, "no encoding"),
        (b"a," * 1_000_000 + b"\n", f"at most {MAX_COLUMNS}"),
        (b'Name,Python\n"' + b"x" * 200_000 + b'",4\n', "not CSV"),
        (archive({"readme.txt": "hello"}), "neither a workbook"),
    ],
)
def test_what_cannot_be_read_is_told_why(app, content, why):
    assert why in refused(content)


def test_too_many_rows_are_refused(app, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert "at most 3" in refused(b"Name,Python\n" + b"Ada,4\n" * 4)
    assert "more than 3 rows" in refused(workbook([["Name", "Python"]] + [["Ada", 4]] * 30))


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(app, monkeypatch):
    bomb = archive({"Positions.csv": b"0" * 5_000_000, "Profile.csv": b"0" * 5_000_000})
    assert len(bomb) < 50_000
    monkeypatch.setattr(archives, "MAX_UNPACKED", 9_000_000)
    assert "larger than 9000000 bytes" in refused(bomb)


def test_an_archive_that_lies_about_sizes_is_read_no_further_than_it_says(app):
    packed = bytearray(archive({"Positions.csv": b"0" * 5_000_000}))
    place = packed.rindex(b"PK\x01\x02")
    packed[place + 24 : place + 28] = struct.pack("<I", 10)
    with open_archive(bytes(packed)) as opened, pytest.raises(FileUnreadable, match="damaged"):
        read_member(opened, opened.infolist()[0])


@pytest.mark.parametrize(
    "name", ["../Positions.csv", "/etc/Positions.csv", "a/../../Positions.csv", "C:/Positions.csv"]
)
def test_names_that_lead_out_of_an_archive_are_refused(app, name):
    assert "lead out" in refused(archive({name: "Company Name\n"}))


def test_an_archive_of_very_many_files_is_refused(app):
    assert "at most" in refused(archive({f"{number}.csv": "" for number in range(2_001)}))


def test_a_workbook_that_names_a_cell_far_away_is_no_danger(app):
    content = workbook([["Name", "Python"], ["Ada", 4]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", far)
            new.writestr(member.filename, data)
    assert "columns" in refused(out.getvalue()) or "rows" in refused(out.getvalue())


def test_entities_in_a_workbook_are_refused(app):
    content = workbook([["Name", "Python"], ["Ada", 4]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = bomb + data.removeprefix(b"<?xml version='1.0' encoding='UTF-8'?>")
            new.writestr(member.filename, data)
    assert "damaged" in refused(out.getvalue())


def test_a_damaged_workbook_is_told_so(app):
    content = workbook([["Name", "Python"], ["Ada", 4]])
    assert "damaged" in refused(content[: len(content) // 2])
    assert refused(archive({"xl/workbook.xml": "<nothing/>"}))


def test_a_sheet_can_be_chosen_and_a_hidden_one_is_not(ada):
    from openpyxl import Workbook

    book = Workbook()
    hidden, shown = book.active, book.create_sheet("Now")
    for sheet, level in ((hidden, 1), (shown, 4), (book.create_sheet("Then"), 2)):
        sheet.append(["E-Mail", "Python"])
        sheet.append(["ada@example.com", level])
    hidden.title, hidden.sheet_state = "Draft", "hidden"
    out = io.BytesIO()
    book.save(out)
    row = take_in(out.getvalue())
    assert (row.preview["sheet"], row.preview["sheets"]) == ("Now", ["Draft", "Now", "Then"])
    assert levels_of(ada) == {"Python": 4}
    assert take_in(out.getvalue(), mapping={"sheet": "then"}).preview["sheet"] == "Then"
    assert "no sheet “Next”" in take_in(out.getvalue(), mapping={"sheet": "Next"}).reason


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|'x'!A0", "-x", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_be_a_formula_is_defused_and_comes_back_the_same(cell):
    assert defused(cell) == f"'{cell}"
    assert undefused(defused(cell)) == cell


@pytest.mark.parametrize("cell", ["4", "-5", "+3,5", "x=1", "", "'quoted'", "O'Neil"])
def test_other_cells_stay_as_they_are(cell):
    assert defused(cell) == cell
    assert undefused(cell) == cell


def test_a_mapping_of_what_is_not_there_is_told_so(ada):
    assert "“Foo”" in take_in(ROW, mapping={"columns": {"Foo": "email"}}).reason
    assert "row 9" in take_in(ROW, mapping={"header_row": 9}).reason
    assert "who it is about" in take_in(ROW, mapping={"columns": {"E-Mail": "ignore"}}).reason
    assert take_in(ROW, mapping={"columns": {"#1": "email"}}).state == "done"


def test_rows_of_any_shape_are_read_as_far_as_they_go(ada):
    row = take_in("E-Mail,Python\nada@example.com\nada@example.com,4,5,6\n,\n\n,3\n", skip_errors=True)
    assert levels_of(ada) == {"Python": 4}
    assert [place for place, _ in faults_of(row)] == ["row 6"]


def test_text_is_decoded_as_what_it_is():
    assert decode("é".encode())[1] == "utf-8"
    assert decode("Müller;Zoë".encode("cp1252"))[1] == "cp1252"
