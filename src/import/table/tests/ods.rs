//! `OpenDocument` spreadsheets.

use super::{cells, error, faults, open, rows, zip};
use crate::import::table::Tables;

const NAMESPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"";

/// Returns a document with the given tables.
fn document(tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content {NAMESPACES}><office:body>\
         <office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
    ])
}

fn sheet(name: &str, rows: &str) -> String {
    format!("<table:table table:name=\"{name}\"><table:table-column/>{rows}</table:table>")
}

fn row(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

fn string(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

fn typed(kind: &str, attribute: &str, value: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"{kind}\" office:{attribute}=\"{value}\"><text:p>shown</text:p></table:table-cell>"
    )
}

fn opened(tables: &str) -> Tables {
    open("list.ods", &document(tables)).expect("tables")
}

fn refusal(tables: &str) -> String {
    error("list.ods", &document(tables))
}

#[test]
fn values_are_those_that_the_cells_state() {
    let names = ["a", "b", "c", "d", "e", "f", "g"].map(string).concat();
    let values = [
        typed("float", "value", "101"),
        typed("float", "value", "8.699999999999999"),
        typed("percentage", "value", "0.67"),
        typed("date", "date-value", "2021-03-06"),
        typed("date", "date-value", "2021-03-06T18:30:00"),
        typed("time", "time-value", "PT18H30M00S"),
        typed("boolean", "boolean-value", "true"),
    ];
    let rows = row(&names) + &row(&values.concat());
    let tables = opened(&sheet("Films", &rows));
    assert_eq!(tables.tables[0].form().to_string(), "OpenDocument sheet");
    assert_eq!(
        cells(&tables.tables[0]),
        [[
            "101",
            "8.7",
            "67%",
            "2021-03-06",
            "2021-03-06T18:30:00",
            "18:30:00",
            "true"
        ]]
    );
}

#[test]
fn texts_have_their_paragraphs_and_spaces_but_no_comments() {
    let cell = "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>a comment</text:p>\
                </office:annotation><text:p>Counts <text:span>what</text:span><text:s text:c=\"2\"/>matters &amp;\
                <text:tab/>&#x2019;s.</text:p><text:p>Twice<text:line-break/>over.</text:p></table:table-cell>";
    let tables = opened(&sheet("Films", &(row(&string("text")) + &row(cell))));
    assert_eq!(
        cells(&tables.tables[0]),
        [["Counts what  matters &\t’s.\nTwice\nover."]]
    );
}

#[test]
fn repeated_rows_and_cells_are_expanded_and_trailing_blank_ones_are_not() {
    let blank_cells = "<table:table-cell table:number-columns-repeated=\"16382\"/>";
    let blank_rows = format!(
        "<table:table-row table:number-rows-repeated=\"3\">{blank_cells}</table:table-row>"
    );
    let twice = "<table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"string\">\
                 <text:p>x</text:p></table:table-cell>";
    let rows_repeated = format!(
        "<table:table-row table:number-rows-repeated=\"2\">{twice}{blank_cells}</table:table-row>"
    );
    let end = "<table:table-row table:number-rows-repeated=\"1048560\"><table:table-cell/></table:table-row>";
    let text =
        blank_rows + &row(&(string("a") + &string("b") + blank_cells)) + &rows_repeated + end;
    let tables = opened(&sheet("Films", &text));
    assert_eq!(tables.tables[0].header(), ["a", "b"]);
    let expected = vec!["x".to_owned(), "x".to_owned()];
    assert_eq!(
        rows(&tables.tables[0]),
        [(5, expected.clone()), (6, expected)]
    );
}

#[test]
fn rows_in_groups_and_header_rows_are_read() {
    let text = format!(
        "<table:table-header-rows>{}</table:table-header-rows><table:table-row-group>{}</table:table-row-group>",
        row(&string("film")),
        row(&string("A"))
    );
    assert_eq!(cells(&opened(&sheet("Films", &text)).tables[0]), [["A"]]);
}

#[test]
fn empty_sheets_are_named() {
    let tables = opened(
        &(sheet("Leer", "") + &sheet("Films", &(row(&string("film")) + &row(&string("A"))))),
    );
    assert_eq!(tables.tables.len(), 1);
    assert!(
        tables.skipped[0]
            .to_string()
            .ends_with("list.ods/Leer is not read, because it is empty")
    );
    assert!(refusal(&sheet("Leer", "")).contains("no sheet has a row"));
}

#[test]
fn repeats_do_not_expand_without_bound() {
    let wide = "<table:table-cell table:number-columns-repeated=\"999999999\" office:value-type=\"string\">\
                <text:p>x</text:p></table:table-cell>";
    assert!(refusal(&sheet("Films", &row(wide))).contains("more than 16,384 columns"));
    let full = wide.replace("999999999", "16384");
    let tall =
        format!("<table:table-row table:number-rows-repeated=\"1048576\">{full}</table:table-row>");
    assert!(refusal(&sheet("Films", &tall)).contains("more than 250 times the space of the file"));
    let rows = row(&string("film"))
        + "<table:table-row table:number-rows-repeated=\"99999999\"><table:table-cell/></table:table-row>"
        + &row(&string("A"));
    assert!(refusal(&sheet("Films", &rows)).contains("more than 1,048,576 rows"));
    let long = "<table:table-cell office:value-type=\"string\"><text:p><text:s text:c=\"99999999999\"/>x</text:p></table:table-cell>";
    assert!(refusal(&sheet("Films", &row(long))).contains("a row of more than 1 MiB"));
}

#[test]
fn damaged_documents_are_refused() {
    assert!(refusal("<table:table table:name=\"Films\">").contains("it ends too early"));
    assert!(refusal(&sheet("Films", &row(&string("&unknown;")))).contains("unknown entity"));
    let bytes = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", b"<x/>"),
    ]);
    assert!(error("list.odt", &bytes).contains("no spreadsheet"));
}

#[test]
fn cells_with_the_error_of_a_formula_have_no_value() {
    let error = "<table:table-cell table:formula=\"of:=NA()\" office:value-type=\"string\" \
                 calcext:value-type=\"error\"><text:p>#N/A</text:p></table:table-cell>";
    let open_formula = "<table:table-cell table:formula=\"of:=[.A1]&amp;1\"/>";
    let rows = row(&["Title", "Year", "Rating"].map(string).concat())
        + &row(&format!("{}{open_formula}{error}", string("A")));
    let tables = opened(&sheet("Films", &rows));
    assert_eq!(
        faults(&tables.tables[0]),
        [
            "the cell B2 has the formula =[.A1]&1 without a value: open the file in a spreadsheet program, and save it there",
            "the cell C2 has the error #N/A: correct its formula, or clear the cell if there is no value"
        ]
    );
}

#[test]
fn the_names_of_columns_stand_below_a_title() {
    let table = |names: [&str; 3]| {
        let rows = row(&string("Reviews of 2021"))
            + &row(&names.map(string).concat())
            + &row(&["A", "2021", "Ann"].map(string).concat());
        let mut tables = opened(&sheet("Films", &rows)).tables;
        tables.remove(0)
    };
    let known = table(["Title", "Year", "Critic"]);
    assert_eq!(known.header(), ["Title", "Year", "Critic"]);
    assert_eq!(known.form().header_line(), Some(2));
    assert_eq!(cells(&known), [["A", "2021", "Ann"]]);
    let unknown = table(["Naslov", "Godina", "Kritika"]);
    assert_eq!(unknown.header()[0], "Reviews of 2021");
    assert_eq!(unknown.form().header_line(), None);
}
