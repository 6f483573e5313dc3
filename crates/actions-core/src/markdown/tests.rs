use proptest::prelude::*;

use super::*;

#[test]
fn hostile_text_stays_text() {
    assert_eq!(
        escape("</details>\n`$(touch x)` @all *b*"),
        "&lt;/details&gt; \\`\\$\\(touch x\\)\\` @<!-- -->all \\*b\\*"
    );
    assert_eq!(escape("1. item"), "1\\. item");
    assert_eq!(escape("1.0.0"), "1.0.0");
    assert_eq!(escape("- item"), "\\- item");
    assert_eq!(escape("1."), "1\\.");
    assert_eq!(escape(" - item"), " \\- item");
    assert_eq!(escape("     code"), " code");
}

#[test]
fn bare_addresses_and_references_are_no_links() {
    assert_eq!(escape("http://x.example"), "http&#58;//x.example");
    assert_eq!(escape("WWW.x.example"), "WWW&#46;x.example");
    assert_eq!(escape("see #12, GH-12"), "see \\#<!-- -->12, GH-<!-- -->12");
    assert_eq!(html_text("@me #1 '"), "@<!-- -->me #<!-- -->1 &#39;");
}

#[test]
fn prose_keeps_its_code_and_escapes_the_rest() {
    assert_eq!(prose("service `web` is *gone*"), "service `web` is \\*gone\\*");
    assert_eq!(prose("an odd ` tick <b>"), "an odd \\` tick &lt;b&gt;");
    assert_eq!(prose("`<b>` @all"), "`<b>` @<!-- -->all");
}

#[test]
fn code_spans_outgrow_their_backticks() {
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(code("`x"), "`` `x ``");
    assert_eq!(code("a\nb"), "`a b`");
}

#[test]
fn tables_keep_their_columns() {
    let rows = vec![vec![Cell::text("a|b"), Cell::code("c|d"), Cell::Markdown("e\\|f|g".into())]];
    assert_eq!(table(&["x", "y", "z"], &rows), "| x | y | z |\n| --- | --- | --- |\n| a\\|b | `c\\|d` | e\\|f\\|g |\n");
    assert_eq!(table(&["x"], &[]), "");
}

#[test]
fn details_escape_their_summary() {
    assert_eq!(details("<b>", "body\n"), "<details><summary>&lt;b&gt;</summary>\n\nbody\n\n</details>\n");
}

proptest! {
    #[test]
    fn a_fence_is_closed_only_by_itself(text in "[`~a\n ]*") {
        let block = fence("diff", &text);
        let ticks: String = block.chars().take_while(|c| *c == '`').collect();
        let closers = block.lines().skip(1).filter(|line| line.trim() == ticks).count();
        prop_assert_eq!(closers, 1);
    }

    #[test]
    fn escaped_text_has_no_markup(text in any::<String>()) {
        let escaped = escape(&text);
        prop_assert!(!escaped.contains('\n'));
        prop_assert!(!escaped.replace("<!-- -->", "").contains('<'));
    }
}
