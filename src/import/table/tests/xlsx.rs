//! Excel workbooks.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::ZipArchive;

use super::{cells, error, open, rows, table, zip};

fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("a workbook")
}

/// Replaces texts in the parts of a workbook.
fn changed(workbook: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(std::io::Cursor::new(workbook)).expect("an archive");
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        std::io::copy(&mut file, &mut bytes).expect("read");
        if name == part {
            bytes = change(String::from_utf8(bytes).expect("UTF-8")).into_bytes();
        }
        parts.push((name, bytes));
    }
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    zip(&parts)
}

#[test]
fn values_are_read_as_a_reader_of_the_sheet_sees_them() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let names = [
        "text", "number", "half", "yes", "day", "moment", "time", "percent", "error", "formula",
    ];
    sheet.write_row(0, 0, names).expect("written");
    let day = ExcelDateTime::parse_from_str("2021-03-06").expect("a day");
    let moment = ExcelDateTime::parse_from_str("2021-03-06T18:30:15").expect("a moment");
    let time = ExcelDateTime::parse_from_str("18:30").expect("a time");
    sheet
        .write(1, 0, " Counts <what> matters.\nTwice. ")
        .expect("written");
    sheet.write(1, 1, 101).expect("written");
    sheet.write(1, 2, 4.5).expect("written");
    sheet.write(1, 3, true).expect("written");
    let format = |code: &str| Format::new().set_num_format(code);
    sheet
        .write_with_format(1, 4, &day, &format("d mmm yyyy"))
        .expect("written");
    sheet
        .write_with_format(1, 5, &moment, &format("dd.mm.yyyy hh:mm"))
        .expect("written");
    sheet
        .write_with_format(1, 6, &time, &format("hh:mm"))
        .expect("written");
    sheet
        .write_with_format(1, 7, 0.67, &format("0%"))
        .expect("written");
    sheet
        .write(1, 8, Formula::new("NA()").set_result("#N/A"))
        .expect("written");
    sheet
        .write(1, 9, Formula::new("2+2").set_result("4"))
        .expect("written");
    let table = table("list.xlsx", &saved(workbook));
    assert_eq!(table.form().to_string(), "Excel sheet");
    assert!(
        table.name().ends_with("list.xlsx/Sheet1"),
        "{}",
        table.name()
    );
    assert_eq!(table.header(), names);
    assert_eq!(
        cells(&table),
        [[
            " Counts <what> matters.\nTwice. ",
            "101",
            "4.5",
            "true",
            "2021-03-06",
            "2021-03-06T18:30:15",
            "18:30:00",
            "67%",
            "#N/A",
            "4"
        ]]
    );
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "day").expect("written");
    let format = Format::new().set_num_format("yyyy-mm-dd");
    sheet
        .write_with_format(1, 0, 42_800, &format)
        .expect("written");
    let bytes = saved(workbook);
    assert_eq!(cells(&table("list.xlsx", &bytes)), [["2017-03-06"]]);
    let bytes = changed(&bytes, "xl/workbook.xml", |xml| {
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    assert_eq!(cells(&table("list.xlsx", &bytes)), [["2021-03-07"]]);
}

#[test]
fn each_sheet_is_a_table_and_others_are_named() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Films").expect("a name");
    sheet.write_row(3, 1, ["film", "year"]).expect("written");
    sheet.write_row(5, 1, ["A", ""]).expect("written");
    sheet.write(5, 2, 2021).expect("written");
    sheet.write(5, 4, "a note").expect("written");
    workbook.add_worksheet().set_name("Leer").expect("a name");
    let hidden = workbook
        .add_worksheet()
        .set_name("Lookup")
        .expect("a name")
        .set_hidden(true);
    hidden.write(0, 0, "film").expect("written");
    let opened = open("list.xlsx", &saved(workbook)).expect("tables");
    assert_eq!(opened.tables.len(), 1);
    let table = &opened.tables[0];
    assert_eq!(table.header(), ["", "film", "year", "column_4", "column_5"]);
    let row = ["", "A", "2021", "", "a note"].map(str::to_owned).to_vec();
    assert_eq!(rows(table), [(6, row)]);
    let skipped: Vec<String> = opened.skipped.iter().map(ToString::to_string).collect();
    assert!(
        skipped[0].ends_with("list.xlsx/Leer is not read, because it is empty"),
        "{skipped:?}"
    );
    assert!(
        skipped[1].ends_with("list.xlsx/Lookup is not read, because it is hidden"),
        "{skipped:?}"
    );
}

#[test]
fn a_workbook_without_rows_is_refused() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet();
    let text = error("list.xlsx", &saved(workbook));
    assert!(
        text.contains("no sheet has a row") && text.contains("Sheet1"),
        "{text}"
    );
}

#[test]
fn a_sheet_without_a_header_is_refused_with_its_row() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(2, 0, "The Amber Tide").expect("written");
    sheet.write(2, 1, 2021).expect("written");
    let text = error("list.xlsx", &saved(workbook));
    assert!(
        text.contains("line 3 has no names of columns, but data (2021)"),
        "{text}"
    );
}

/// A workbook with a few texts.
fn small() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["film", "critic"]).expect("written");
    sheet
        .write_row(1, 0, ["The Amber Tide", "Nora Merrow"])
        .expect("written");
    saved(workbook)
}

#[test]
fn an_absurd_number_of_shared_strings_allocates_nothing() {
    let bytes = changed(&small(), "xl/sharedStrings.xml", |xml| {
        xml.replace("uniqueCount=\"4\"", "uniqueCount=\"99999999999\"")
    });
    let text = error("list.xlsx", &bytes);
    assert!(
        text.contains("more than 256 MiB of different texts"),
        "{text}"
    );
}

#[test]
fn bombs_in_the_parts_of_a_workbook_are_stopped() {
    let long = "x".repeat(3 << 20);
    let bytes = changed(&small(), "xl/sharedStrings.xml", |xml| {
        xml.replace("Nora Merrow", &long)
    });
    assert!(error("list.xlsx", &bytes).contains("a text of more than 1 MiB"));
    let styles = "<xf/>".repeat(2 << 20);
    let bytes = changed(&small(), "xl/styles.xml", |xml| {
        xml.replace("</cellXfs>", &format!("{styles}</cellXfs>"))
    });
    assert!(error("list.xlsx", &bytes).contains("more than 8 MiB beside its sheets"));
}

#[test]
fn cells_that_share_a_long_text_do_not_fill_the_disk() {
    let text = "x".repeat(30_000);
    let mut row = String::new();
    for number in 3..20_000 {
        let cell = format!("<c r=\"A{number}\" t=\"s\"><v>2</v></c>");
        row.extend(["<row r=\"", &number.to_string(), "\">", &cell, "</row>"]);
    }
    let bytes = changed(&small(), "xl/sharedStrings.xml", |xml| {
        xml.replace("The Amber Tide", &text)
    });
    let bytes = changed(&bytes, "xl/worksheets/sheet1.xml", |xml| {
        xml.replace("</sheetData>", &format!("{row}</sheetData>"))
    });
    assert!(error("list.xlsx", &bytes).contains("more than 250 times the space of the file"));
}

#[test]
fn other_documents_are_refused() {
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<document/>"),
    ]);
    assert!(error("list.docx", &bytes).contains("neither XLSX nor ODS"));
}

#[test]
fn an_error_of_a_cell_that_hides_its_sheet_is_named_with_a_way_out() {
    let bytes = changed(&small(), "xl/worksheets/sheet1.xml", |xml| {
        let cell = "<row r=\"3\"><c r=\"A3\" t=\"e\"><v>#GETTING_DATA</v></c></row>";
        xml.replace("</sheetData>", &format!("{cell}</sheetData>"))
    });
    let text = error("list.xlsx", &bytes);
    assert!(
        text.contains("a cell has the error #GETTING_DATA"),
        "{text}"
    );
    assert!(text.contains("save it again or as CSV"), "{text}");
}
