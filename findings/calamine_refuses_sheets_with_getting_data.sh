#!/usr/bin/env bash
# calamine, the reader of spreadsheets, reads no cell of a sheet of XLSX in which one cell has the error `#GETTING_DATA`. ECMA-376 lists that error
# beside `#N/A` and `#REF!`, a workbook has it when it was saved while a connection to data was loading, and calamine reads the error in
# the binary form of workbooks. One would expect a cell with that error, as openpyxl gives it, or at least the other cells.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check openpyxl==3.1.5
cat >write.py <<'PYTHON'
import sys
import zipfile

PARTS = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
</Relationships>""",
    "xl/worksheets/sheet1.xml": """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>ERROR</v></c></row></sheetData></worksheet>""",
}
for error, name in [("#N/A", "known.xlsx"), ("#GETTING_DATA", "loading.xlsx")]:
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in PARTS.items():
            archive.writestr(part, text.replace("ERROR", error))
PYTHON
python/bin/python write.py
python/bin/python - <<'PYTHON'
import openpyxl

sheet = openpyxl.load_workbook("loading.xlsx")["List"]
cells = [(cell.coordinate, cell.data_type, cell.value) for cell in sheet[1]]
print(f"openpyxl {openpyxl.__version__}: {cells}")
assert cells == [("A1", "n", 1), ("B1", "e", "#GETTING_DATA")]
PYTHON
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "errors"
version = "0.0.0"
edition = "2024"

[dependencies]
calamine = "=0.38.0"
TOML
cat >src/main.rs <<'RUST'
use calamine::{Data, Reader, Xlsx, open_workbook};

fn main() {
    for (file, is_read) in [("known.xlsx", true), ("loading.xlsx", false)] {
        let mut workbook: Xlsx<_> = open_workbook(file).unwrap();
        let range = workbook.worksheet_range("List");
        let cells: Result<Vec<Data>, String> =
            range.map(|range| range.cells().map(|(_, _, cell)| cell.clone()).collect()).map_err(|error| error.to_string());
        println!("calamine 0.38.0, {file}: {cells:?}");
        assert_eq!(cells.is_ok(), is_read);
    }
}
RUST
cargo run --quiet
