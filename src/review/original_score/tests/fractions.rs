//! Fractions such as 3 out of 4, and percentages.

use super::*;

#[test]
fn a_fraction_is_read_in_every_spelling() {
    let cases = [
        ("3/4", 75),
        ("0/5", 0),
        ("5/5", 100),
        ("1/2", 50),
        ("3/6", 50),
        ("36/100", 36),
        ("15.5/20", 78),
        ("3 / 4", 75),
        ("7.5/ 10", 75),
        ("7.5 /10", 75),
        ("4 of 5", 80),
        ("4.5 of 5", 90),
        ("4 out of 5", 80),
        ("4 OUT OF 5", 80),
        ("4  out\u{a0}of\t5", 80),
        ("4 (out of 5)", 80),
        ("4 (of 5)", 80),
        ("3⁄4", 75),
        ("3∕4", 75),
        ("'3/4'", 75),
        ("\"3/4\"", 75),
        ("‘3/4’", 75),
        ("“3/4”", 75),
        ("\u{a0}' 3/4 '\u{2003}", 75),
        ("\u{feff}3/4\u{200b}", 75),
        ("3/5 ", 60),
        ("'2.5/4'", 63),
    ];
    assert_read(ScoreRule::Fraction, DefaultScales::default(), &cases);
}

#[test]
fn the_numbers_of_a_fraction_may_have_decimals() {
    let cases = [
        (".5/4", 13),
        ("0.5/4", 13),
        ("2.5/4.0", 63),
        ("4.0/4.0", 100),
        ("3.5/5.0", 70),
        ("4./5", 80),
        ("4/5.", 80),
        ("3,5/5", 70),
        ("0.125/1", 13),
        ("3,5 / 5,0", 70),
        ("4.25/5", 85),
        ("2.8/5", 56),
        ("7.04/10", 70),
        ("4.00484/10", 40),
        ("8.71245284/10", 87),
        ("8.5788222/10", 86),
        ("007/010", 70),
        ("0.4999/100", 0),
        ("0.5/100", 1),
        ("99.49/100", 99),
        ("99.5/100", 100),
        ("12345678/1234567890", 1),
    ];
    assert_read(ScoreRule::Fraction, DefaultScales::default(), &cases);
}

#[test]
fn the_upper_number_may_be_mixed() {
    let cases = [
        ("3 1/2 out of 5", 70),
        ("3 1/2 of 5", 70),
        ("3 1/2/5", 70),
        ("3 1/2 / 5", 70),
        ("3-1/2 out of 5", 70),
        ("3½/5", 70),
        ("3 ½ / 5", 70),
        ("3½ of 5", 70),
        ("3¼/5", 65),
        ("2 2/3 out of 4", 67),
        ("2⅓/4", 58),
        ("½/5", 10),
        ("½ out of 4", 13),
    ];
    assert_read(ScoreRule::Fraction, DefaultScales::default(), &cases);
}

#[test]
fn a_percentage_is_read_with_its_sign_or_its_word() {
    let cases = [
        ("85%", 85),
        ("85 %", 85),
        ("85.5%", 86),
        ("85,4%", 85),
        ("85½%", 86),
        ("85 percent", 85),
        ("85 Percent", 85),
        ("85 per cent", 85),
        ("0%", 0),
        ("100%", 100),
        ("'85%'", 85),
    ];
    assert_read(ScoreRule::Percent, DefaultScales::default(), &cases);
}

#[test]
fn an_amount_above_its_scale_is_rejected() {
    let texts = [
        "5/4",
        "2.1/2",
        "10/5",
        "4.001/4",
        "6 of 5",
        "11 out of 10",
        "5½/5",
        "101%",
        "100.01%",
        "500 percent",
    ];
    assert_unread(UnreadReason::AboveScale, DefaultScales::default(), &texts);
}

#[test]
fn a_string_that_only_resembles_a_fraction_is_malformed() {
    let texts = [
        "3/0",
        "0/0",
        "0/0.0",
        "10/10/2005",
        "3.5.5",
        "1/2/4",
        "1-5",
        "1 - 5",
        "3/",
        "/5",
        "3//5",
        "3/4/",
        "3/5)",
        "(3/5)",
        "3 (/5)",
        "3 (out of 5",
        "3/4½",
        "3 4/5",
        "3 2/4 out of 5",
        "3 4/5 out of 5",
        "3,5,5",
        "3.5 1/2/5",
        "3/5!",
        "~3/5",
        "3/5 stars!",
        "x/5",
        "3/x",
        "3 out 5",
        "3 out of",
        "4 in 5",
        "four/5",
        "three and 1/2 out of 5",
        "''3/4''",
        "'3/4",
        "3/4’",
        "3/5, 4/5",
        "0 of 0-4",
        "0x3/5",
        "1e1/10",
        "٣/٥",
        "3²/10",
        "３/５",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}

#[test]
fn a_string_that_only_resembles_a_percentage_is_malformed() {
    let texts = ["4/5%", "85%%", "%85", "½%", "85%/100", "85 per"];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}

#[test]
fn a_fraction_with_two_readings_is_malformed() {
    let texts = [
        "1,000/10",
        "0,125/1",
        "500/1,000",
        "1/2 out of 4",
        "½ of 4",
        "½/½",
        "2-3/4 out of 5",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}
