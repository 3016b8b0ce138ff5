use proptest::prelude::*;
use serde::Serialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Outer {
    name: String,
    inner: Option<Inner>,
    list: Vec<Inner>,
    choice: Choice,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Inner {
    number: i64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
enum Choice {
    Unit,
    Newtype(Inner),
    Tuple(i64, Inner),
    Struct { inner: Inner },
}

fn outer(inner: &str, list: &str, choice: &str) -> Result<Outer, Error> {
    from_str(&format!(
        r#"{{"name": "a", "inner": {inner}, "list": {list}, "choice": {choice}}}"#
    ))
}

#[test]
fn no_array_is_an_object_at_any_depth() {
    const CHOICE: &str = r#""Unit""#;
    assert!(outer(r#"{"number": 1}"#, "[]", CHOICE).is_ok());
    assert!(outer("null", r#"[{"number": 1}]"#, CHOICE).is_ok());
    for good in [
        r#"{"Newtype": {"number": 1}}"#,
        r#"{"Tuple": [1, {"number": 1}]}"#,
        r#"{"Struct": {"inner": {"number": 1}}}"#,
    ] {
        assert!(outer("null", "[]", good).is_ok(), "{good}");
    }
    let lists = [
        outer("[1]", "[]", CHOICE),
        outer("null", "[[1]]", CHOICE),
        outer("null", "[]", r#"{"Newtype": [1]}"#),
        outer("null", "[]", r#"{"Tuple": [1, [1]]}"#),
        outer("null", "[]", r#"{"Struct": [{"number": 1}]}"#),
        outer("null", "[]", r#"{"Struct": {"inner": [1]}}"#),
        from_str(r#"["a", {"number": 1}, [], "Unit"]"#),
        from_str("[]"),
    ];
    for list in lists {
        let error = list.unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence"), "{error}");
    }
    let value: Value = from_str("[1]").unwrap();
    assert!(from_borrowed::<Inner>(&value).is_err());
    assert!(from_value::<Inner>(value).is_err());
    assert!(from_slice::<Inner>(b"[1]").is_err());
}

#[test]
fn a_byte_order_mark_is_skipped_and_utf_16_named() {
    let json = r#"{"number": 1}"#;
    let marked = format!("{BOM}{json}");
    assert_eq!(from_str::<Inner>(&marked).unwrap(), Inner { number: 1 });
    let number = |bytes: &[u8]| from_slice::<Inner>(bytes).map(|inner| inner.number);
    assert_eq!(number(marked.as_bytes()).unwrap(), 1);
    assert!(number(format!("{BOM}{marked}").as_bytes()).is_err());
    let little: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = json.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide: Vec<u8> = json
        .chars()
        .flat_map(|c| u32::from(c).to_be_bytes())
        .collect();
    for bytes in [
        [&[0xff, 0xfe], &little[..]].concat(),
        [&[0xfe, 0xff], &big[..]].concat(),
        little,
        big,
        wide,
    ] {
        assert!(matches!(number(&bytes), Err(JsonError::Utf16)), "{bytes:?}");
    }
}

#[test]
fn text_after_the_value_is_an_error() {
    assert!(from_str::<Inner>(r#"{"number": 1} {}"#).is_err());
    assert!(from_slice::<Value>(b"1 x").is_err());
}

fn inner() -> impl Strategy<Value = Inner> {
    any::<i64>().prop_map(|number| Inner { number })
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        name: String,
        first in proptest::option::of(inner()),
        list in proptest::collection::vec(inner(), 0..3),
        choice in prop_oneof![
            Just(Choice::Unit),
            inner().prop_map(Choice::Newtype),
            inner().prop_map(|inner| Choice::Tuple(1, inner)),
            inner().prop_map(|inner| Choice::Struct { inner }),
        ],
    ) {
        let outer = Outer { name, inner: first, list, choice };
        let text = serde_json::to_string(&outer).unwrap();
        prop_assert_eq!(&from_str::<Outer>(&text).unwrap(), &outer);
        let value: Value = from_str(&text).unwrap();
        prop_assert_eq!(&value, &serde_json::to_value(&outer).unwrap());
        prop_assert_eq!(from_value::<Outer>(value).unwrap(), outer);
    }
}

#[test]
fn lists_of_python_are_read_and_nested_ones_have_a_limit() {
    assert_eq!(
        from_json5("['a', \"b\"]"),
        Some(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(
        from_json5::<Inner>("{number: 1}"),
        Some(Inner { number: 1 })
    );
    assert_eq!(from_json5::<Inner>("[1]"), None);
    assert_eq!(from_json5::<Value>("[1] 2"), None);
    assert!(from_json5::<Value>(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_some());
    assert_eq!(from_json5::<Value>(&"[".repeat(1_000_000)), None);
}
