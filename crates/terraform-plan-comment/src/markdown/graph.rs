//! The changed resources by module, as a Mermaid graph that GitHub draws
//! (<https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams>).

use std::collections::BTreeMap;

use actions_core::markdown::fence;

use super::groups::Group;
use super::overview::like_it;
use super::sections::{Content, Section};
use crate::document::several::prefix;
use crate::review::Verb;

/// A graph of fewer resources says no more than the table.
const FEWEST: usize = 3;

/// A graph of more is not readable.
const MOST: usize = 40;

/// A longer label is cut, in characters.
const LONGEST_LABEL: usize = 60;

/// Colors that can be told apart on light and on dark ground.
const CLASSES: &str = "  classDef destroy fill:#b3261e,color:#fff,stroke:#b3261e\n  classDef replace fill:#bf5b00,color:#fff,stroke:#bf5b00\n  \
                       classDef update fill:#bf8700,color:#000,stroke:#bf8700\n  classDef create fill:#116329,color:#fff,stroke:#116329\n  \
                       classDef other fill:#59636e,color:#fff,stroke:#59636e\n";

/// The graph, where several modules change and it stays readable.
pub(super) fn section<'a>(groups: &[Group<'_>]) -> Option<Section<'a>> {
    let mut modules: BTreeMap<&str, Vec<&Group<'_>>> = BTreeMap::new();
    for group in groups {
        modules.entry(split(&group.first.address).0).or_default().push(group);
    }
    if modules.len() < 2 || !(FEWEST..=MOST).contains(&groups.len()) {
        return None;
    }
    let mut graph = String::from("flowchart LR\n");
    let mut number = 0;
    for (at, (module, members)) in modules.iter().enumerate() {
        let title = if module.is_empty() { "root module".to_owned() } else { label(module) };
        graph.push_str(&format!("  subgraph m{at}[\"{title}\"]\n"));
        for group in members {
            let name = format!("{}{}", label(split(&group.first.address).1), label(&like_it(group)));
            graph.push_str(&format!("    r{number}[\"{name}\"]:::{}\n", class(&group.first.verb)));
            number += 1;
        }
        graph.push_str("  end\n");
    }
    graph.push_str(CLASSES);
    let markdown = format!(
        "<details><summary>What changes in which module</summary>\n\n{}\n\n</details>\n",
        fence("mermaid", &graph).trim_end()
    );
    Some(Section { chapter: "Changes", kind: "graph", rank: 9, content: Content::Written(markdown) })
}

/// The module that an address is in, and the rest of it. Each module takes two words, and maybe a key.
fn split(address: &str) -> (&str, &str) {
    let mut end = prefix(address).len();
    while let Some(rest) = address[end..].strip_prefix("module.") {
        let mut is_in_key = false;
        let mut quoted = false;
        let found = rest.char_indices().find(|(_, character)| {
            match character {
                '"' => quoted = !quoted,
                '[' if !quoted => is_in_key = true,
                ']' if !quoted => is_in_key = false,
                _ => {}
            }
            *character == '.' && !is_in_key && !quoted
        });
        let Some((place, _)) = found else { break };
        end += "module.".len() + place + 1;
    }
    (address[..end].trim_end_matches(['.', ':', ' ']), &address[end..])
}

/// A text as a label: what is not a plain character is written as its code point, so that no text ends its label
/// (<https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>).
fn label(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_LABEL).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    let one = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | ' ' => character.to_string(),
        other => format!("#{};", u32::from(other)),
    };
    short.chars().map(one).collect::<String>() + more
}

fn class(verb: &Verb) -> &'static str {
    match verb {
        Verb::Delete => "destroy",
        Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget | Verb::Unknown(_) => "replace",
        Verb::Update => "update",
        Verb::Create => "create",
        Verb::Forget | Verb::Nothing | Verb::Read | Verb::Open => "other",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Document;
    use crate::guard::Guard;
    use crate::markdown::groups::groups;
    use crate::review::Review;

    fn graph(addresses: &[&str]) -> Option<String> {
        let change = |address: &&str| {
            json!({ "address": address, "mode": "managed", "type": "t", "change": { "actions": ["update"], "before": { "a": address },
                "after": { "a": 1 }, "before_sensitive": {}, "after_sensitive": {} } })
        };
        let changes: Vec<Value> = addresses.iter().map(change).collect();
        let plan = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
        let document = Document::of(&plan, &Guard::default()).unwrap();
        section(&groups(&Review::of(&document))).map(|section| match section.content {
            Content::Written(markdown) => markdown,
            Content::Change(..) => panic!("{section:?}"),
        })
    }

    #[test]
    fn modules_hold_their_resources() {
        let graph = graph(&["a.b", "module.x.a.c", "module.x.module.y[\"p.q\"].a.d"]).unwrap();
        for line in [
            "```mermaid\nflowchart LR\n  subgraph m0[\"root module\"]\n    r0[\"a.b\"]:::update\n  end\n",
            "  subgraph m1[\"module.x\"]\n    r1[\"a.c\"]:::update\n  end\n",
            "  subgraph m2[\"module.x.module.y#91;#34;p.q#34;#93;\"]\n    r2[\"a.d\"]:::update\n  end\n",
        ] {
            assert!(graph.contains(line), "{graph}");
        }
    }

    #[test]
    fn what_is_not_readable_or_says_nothing_is_not_drawn() {
        assert_eq!(graph(&["a.b", "a.c", "a.d"]), None, "one module");
        assert_eq!(graph(&["a.b", "module.x.a.c"]), None, "two resources");
        let many: Vec<String> = (0..41).map(|n| format!("module.m{n}.a.b")).collect();
        assert_eq!(graph(&many.iter().map(String::as_str).collect::<Vec<_>>()), None);
    }

    #[test]
    fn a_hostile_name_stays_in_its_label() {
        let graph =
            graph(&["a.b[\"x\"] --> y\n  click r0 \"javascript:alert(1)\"", "module.x.a.c", "module.```.a.d"]).unwrap();
        let drawn = graph.split("```mermaid\n").nth(1).unwrap();
        assert!(
            !drawn.contains("-->") && !drawn.contains("javascript:") && drawn.matches("```").count() == 1,
            "{graph}"
        );
        assert!(
            drawn.lines().filter(|line| line.trim_start().starts_with('r')).all(|line| line.ends_with("\"]:::update")),
            "{graph}"
        );
    }
}
