use proptest::prelude::*;

use super::*;

#[test]
fn a_text_without_html_is_borrowed() {
    for text in ["", " a\n\nb ", "“Count it again.”", "5 > 4"] {
        assert!(matches!(html_to_text(text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn tags_go_and_paragraphs_stay() {
    for (html, text) in [
        (
            "A <i>patient</i> film &amp; a good one.",
            "A patient film & a good one.",
        ),
        (
            "A <i>patient</i> film & a good one.",
            "A patient film & a good one.",
        ),
        (
            "<blockquote>“Count it.”</blockquote>\n\nPatient.",
            "“Count it.”\n\nPatient.",
        ),
        ("<p>One.</p><p>Two,<br>three.</p>", "One.\n\nTwo,\nthree."),
        ("<p>One.</p>\n<p>Two.</p>", "One.\n\nTwo."),
        ("One.<br/><br />Two.", "One.\n\nTwo."),
        ("One.\n\n\n<b>Two</b>.", "One.\n\n\nTwo."),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("a<script>if (1 < 2) alert('<p>')</script>b", "ab"),
        ("a<style>p { x }</style>b<!-- no -->c", "abc"),
        ("<a href=\"https://a.example/?a=1&copy=2\">here</a>", "here"),
        (
            "1 < 2 & 3 &lt; 4 &#8212; &nbsp;&eacute;",
            "1 < 2 & 3 < 4 — \u{a0}é",
        ),
        ("<i>open", "open"),
        ("<", "<"),
    ] {
        assert_eq!(html_to_text(html), text, "{html}");
    }
}

proptest! {
    #[test]
    fn escaped_text_is_read_as_it_was(text in "[a-z<>&\"'é;# ]{0,30}") {
        let escaped = htmlize::escape_text(&text);
        let read = html_to_text(&escaped);
        prop_assert_eq!(read.trim(), text.trim());
    }

    #[test]
    fn any_text_is_read(html in "(<p>|</p>|<br>|<script>|</script>|<!--|-->|&amp;|&|<|>|a|\n| |\"|é){0,20}") {
        let text = html_to_text(&html);
        prop_assert!(text.len() <= html.len() + html.matches('<').count() * 2, "{:?}", text);
    }
}
