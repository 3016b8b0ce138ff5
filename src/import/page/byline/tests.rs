use super::*;

fn critic(text: &str) -> Option<String> {
    Byline::new(text).and_then(|byline| byline.critic().map(str::to_owned))
}

#[test]
fn a_byline_with_a_name_credits_a_critic() {
    for name in [
        "Ida Quist",
        "J. Staff",
        "Anonymous Bosch",
        "Ida Quist (Evening Post)",
        "Staffan Ek",
        "Ida [sic",
    ] {
        assert_eq!(critic(name).as_deref(), Some(name));
    }
}

#[test]
fn a_byline_with_a_bracketed_mark_credits_no_critic() {
    for byline in [
        "Desk [Not Credited]",
        "Desk (uncredited)",
        "[ NOT CREDITED ] Desk",
        "(a) [b] (Not Credited)",
        "[uncredited]",
    ] {
        assert_eq!(critic(byline), None, "{byline}");
    }
}

#[test]
fn a_byline_that_is_a_placeholder_credits_no_critic() {
    for byline in [
        "Staff",
        "STAFF",
        "uncredited",
        "Not  credited",
        "Anonymous",
        "unknown",
        "N/A",
        "(Staff)",
        "--",
        "?",
    ] {
        assert_eq!(critic(byline), None, "{byline}");
    }
}

#[test]
fn a_byline_only_has_its_white_space_normalized() {
    let byline = Byline::new("\u{a0} Ida \t\u{2007} Quist\u{202f}").expect("not blank");
    assert_eq!(byline.text(), "Ida Quist");
    assert_eq!(Byline::new(" \u{a0}\t"), None);
}
