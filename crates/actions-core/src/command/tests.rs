use proptest::prelude::*;

use super::*;

#[test]
fn escapes_data_and_properties_as_the_toolkit_does() {
    let annotation = Annotation::warning("100 %\r\nnext").title("a:b,c").at(Location {
        file: "x,y.json".into(),
        line: Some(3),
        column: Some(7),
    });
    assert_eq!(annotation.command(), "::warning title=a%3Ab%2Cc,file=x%2Cy.json,line=3,col=7::100 %25%0D%0Anext");
}

#[test]
fn an_annotation_carries_no_terminal_sequence() {
    assert_eq!(Annotation::notice("a\u{1b}[31m\tb\nc").command(), "::notice::a\u{FFFD}[31m\tb%0Ac");
}

#[test]
fn a_quoted_command_is_not_a_command() {
    assert_eq!(inert_line("  ::error::pwned"), "|   ::error::pwned");
    assert_eq!(inert_line("x ##[error]pwned"), "x # #[error]pwned");
    assert_eq!(inert_line("a\u{1b}[31mred\u{202e}"), "a\u{FFFD}[31mred\u{FFFD}");
}

proptest! {
    #[test]
    fn a_command_is_one_line_whatever_it_says(text in any::<String>(), title in any::<String>()) {
        let command = Annotation::notice(text).title(title).command();
        prop_assert_eq!(command.lines().count(), 1);
        prop_assert!(!command.contains('\r'));
    }

    #[test]
    fn an_inert_line_never_starts_a_command(text in "[^\n]*") {
        let line = inert_line(&text);
        prop_assert!(!line.trim_start().starts_with("::"));
        prop_assert!(!line.contains("##["));
    }
}
