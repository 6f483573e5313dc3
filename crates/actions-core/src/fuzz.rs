//! Laws of inputs, arguments, workflow commands, the event and Markdown, on any text.
#![allow(clippy::items_after_statements, reason = "a share stands where it is noted")]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use testkit::budget::{Share, Work, cases};
use testkit::page::Page;

use crate::markdown::{Cell, code, details, escape, fence, html_text, plain, prose, table};
use crate::{Annotation, Context, Environment, InputErrors, Location, boolean, duration, lines, lines_or_commas};

/// Text that tries to be more than text.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z0-9_. ]{0,8}",
        1 => any::<String>(),
        6 => prop::sample::select(vec![
            "\n", "\r", "\n\n", "    ", "\t", "`", "```", "~~~", "|", "\\", "</details>", "<script>", "<!--", "-->", "<a href=x>",
            "@acme/ops", "@", "#12", "# h", "> q", "- l", "+ l", "1. n", "2) n", "***", "___", "---", "===", "[a](http://x.example)",
            "![i](x)", "http://evil.example/a", "https://evil.example", "www.evil.example", "a@evil.example", "mailto:a@b.example",
            "xmpp:a@b.example", "ftp://evil.example", "&lt;", "&#64;me", "&amp", "::error::", "##[error]", "\u{202E}", "\0", "\u{85}",
            "\u{2028}", "[^1]", "[^1]: x", "[ ] t", "[x]: http://y.example", "<http://z.example>", "$x$", "~~s~~", "_", "*", "://", ":",
            "[!NOTE]", "\u{61C}", "\u{7f}", "\u{1b}[31m",
        ]).prop_map(str::to_owned),
    ];
    vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

/// Whether `page` holds nothing but text, code and what `expect` says.
fn only(markdown: &str, expect: &[(&'static str, usize)], ours: &[&str]) -> Result<(), TestCaseError> {
    let page = Page::parse(markdown);
    prop_assert!(page.links.is_empty(), "links {:?} in {markdown:?}", page.links);
    prop_assert_eq!(page.foreign_html(ours), Vec::<&str>::new(), "{:?}", markdown);
    prop_assert!(page.mentions.is_empty(), "{:?} in {markdown:?}", page.mentions);
    prop_assert!(page.fences_are_closed, "{markdown:?}");
    let expected: std::collections::BTreeMap<_, _> = expect.iter().copied().filter(|(_, count)| *count > 0).collect();
    prop_assert_eq!(&page.blocks, &expected, "{:?}", markdown);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_escaped_text_is_only_text(text in hostile()) {
        only(&escape(&text), &[], &[])?;
        only(&format!("before {} after\n", escape(&text)), &[], &[])?;
        only(&prose(&text), &[], &[])?;
        only(&format!("- {}\n", escape(&text)), &[("list", 1)], &[])?;
    }

    #[test]
    fn fuzz_code_and_fences_hold_their_text(text in hostile()) {
        only(&code(&text), &[], &[])?;
        let block = fence("diff", &text);
        only(&block, &[("code", 1)], &[])?;
        let shown = Page::parse(&block).code.concat();
        let expected: String = text.chars().map(|c| if c == '\n' { c } else { crate::command::visible(c) }).collect();
        prop_assert_eq!(shown.trim_end_matches('\n'), expected.trim_end_matches('\n').replace('\0', "\u{FFFD}"));
    }

    #[test]
    fn fuzz_a_table_has_the_cells_it_was_given(rows in vec((hostile(), hostile(), hostile()), 1..4)) {
        let cells = rows.iter().map(|(a, b, c)| vec![Cell::text(a), Cell::code(b), Cell::Markdown(prose(c))]).collect::<Vec<_>>();
        let expect = [("table", 1), ("row", rows.len() + 1), ("cell", 3 * (rows.len() + 1))];
        only(&table(&["A", "B", "C"], &cells), &expect, &[])?;
    }

    #[test]
    fn fuzz_folded_text_stays_folded(summary in hostile(), body in hostile()) {
        let folded = details(&summary, &fence("", &body));
        let first = format!("<details><summary>{}</summary>", html_text(&summary));
        only(&folded, &[("code", 1)], &[first.trim(), "</details>"])?;
        prop_assert!(!plain(&folded).contains("<details>") || summary.contains("<details>") || body.contains("<details>"));
    }

    #[test]
    fn fuzz_an_annotation_is_one_line_that_means_itself(message in hostile(), title in hostile(), file in hostile()) {
        let location = Location { file: file.clone(), line: Some(3), column: None };
        let command = Annotation::warning(&message).title(&title).at(location).command();
        prop_assert!(!command.contains(['\n', '\r']), "{command:?}");
        let (head, data) = command.strip_prefix("::").unwrap().split_once("::").unwrap();
        let properties: Vec<&str> = head.split_once(' ').unwrap().1.split(',').collect();
        prop_assert_eq!(properties.len(), 3, "{}", head);
        let unescape = |text: &str| text.replace("%0A", "\n").replace("%0D", "\r").replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        let shown = |text: &str| -> String {
            text.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { crate::command::visible(c) }).collect()
        };
        prop_assert_eq!(unescape(properties[0].strip_prefix("title=").unwrap()), shown(&title));
        prop_assert_eq!(unescape(properties[1].strip_prefix("file=").unwrap()), shown(&file));
        prop_assert!(data.chars().all(|c| !c.is_control() || c == '\t'), "{data:?}");
    }

    #[test]
    fn fuzz_durations_are_exact_or_refused(parts in vec((0_u64..5000, prop::sample::select(vec!["s", "m", "h"])), 0..4), any in "[0-9smhd. -]{0,24}|\\PC{0,9}") {
        let text = parts.iter().map(|(number, unit)| format!("{number}{unit}")).collect::<Vec<_>>().concat();
        let seconds: u64 = parts.iter().map(|(number, unit)| number * match *unit { "s" => 1, "m" => 60, _ => 3600 }).sum();
        prop_assert_eq!(duration(&text).ok().map(|duration| duration.as_secs()), (!parts.is_empty()).then_some(seconds));
        if let Ok(taken) = duration(&any) {
            prop_assert!(any.chars().all(|c| c.is_ascii_digit() || "smh".contains(c)) && any.ends_with(['s', 'm', 'h']));
            prop_assert!(std::time::Instant::now().checked_add(taken).is_some(), "{any} is too long to wait for");
        }
    }

    #[test]
    fn fuzz_booleans_and_lists(text in hostile()) {
        prop_assert_eq!(boolean(&text).is_ok(), ["true", "True", "TRUE", "false", "False", "FALSE"].contains(&text.as_str()));
        let values = [text.clone()];
        for item in lines(&values).iter().chain(&lines_or_commas(&values)) {
            prop_assert!(!item.is_empty() && item.trim() == item && !item.contains('\n') && text.contains(item.as_str()));
        }
        let again = lines(&values);
        prop_assert_eq!(lines(&[again.join("\n")]), again);
    }

    #[test]
    fn fuzz_bad_inputs_are_named_in_one_short_line(name in "[a-z-]{1,12}", value in "\\PC{0,300}|(a\n`b|\u{202E}){0,300}") {
        let mut bad = InputErrors::new();
        bad.optional::<(), _>(&name, Some(&value), |_| Err("no"));
        bad.list::<(), _>("list", &[value.clone(), value.clone()], |_| Err("no"));
        for input in bad.iter() {
            prop_assert!(input.problem.chars().count() < 400, "{}", input.problem);
            prop_assert!(!input.problem.chars().any(char::is_control), "{:?}", input.problem);
        }
        only(&prose(&bad.to_string()), &[], &[])?;
    }

    #[test]
    fn fuzz_an_event_is_read_or_refused_with_its_file(edits in vec(any::<testkit::Edit>(), 0..4), number in any::<i128>()) {
        let event = json!({ "pull_request": { "number": 7, "head": { "sha": "beef", "repo": { "full_name": "a/b" } } }, "issue": { "number": 8, "pull_request": {} } });
        let event = event.to_string().replace('7', &number.to_string());
        let file = tempfile::NamedTempFile::new().unwrap();
        let is_json = edits.len() % 2 == 1;
        let text = serde_json::from_str(&event).ok().filter(|_| is_json).map(|event| testkit::mutate_json(&event, &edits).into_bytes());
        std::fs::write(file.path(), text.unwrap_or_else(|| testkit::mutate(event.as_bytes(), &edits))).unwrap();
        let path = file.path().to_str().unwrap();
        let context = Context::new(&[("GITHUB_EVENT_PATH", path)].into_iter().collect::<Environment>());
        static SHARE: Share = Share::new();
        let read = context.pull_request();
        SHARE.note(read.is_ok());
        match read {
            Ok(_) => {}
            Err(error) => prop_assert!(error.to_string().contains(path), "{error}"),
        }
    }

    #[test]
    fn fuzz_the_context_takes_any_variable(text in hostile()) {
        let names = ["GITHUB_REF", "GITHUB_HEAD_REF", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SERVER_URL", "GITHUB_API_URL"];
        let context = Context::new(&names.into_iter().map(|name| (name, text.as_str())).collect());
        let _ = (context.branch(), context.run_url(), context.pull_request());
    }
}

#[test]
fn bombs_are_refused_or_shown_in_no_time() {
    let work = Work::start();
    let many = 20_000;
    let file = tempfile::NamedTempFile::new().unwrap();
    for text in ["[".repeat(many), "{\"pull_request\":".repeat(many)] {
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().to_str().unwrap();
        let context = Context::new(&[("GITHUB_EVENT_PATH", path)].into_iter().collect::<Environment>());
        assert!(context.pull_request().is_err());
    }
    for piece in ["`", "<", "[", "*", "\n", "&#", "> ", "@a", "|", "\\", "\u{202E}", "</details>"] {
        let text = piece.repeat(many);
        let shown = [
            escape(&text),
            prose(&text),
            code(&text),
            fence("", &text),
            table(&["a"], &[vec![Cell::text(&text)]]),
            details(&text, &text),
        ];
        assert!(shown.iter().all(|shown| shown.len() < 60 * text.len() + 1000));
        let _ = plain(&shown.concat());
    }
    work.assert_below(20);
}
