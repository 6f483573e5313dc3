//! Which operation of the document a request belongs to.

use percent_encoding::percent_decode_str;
use serde_json::Value;

#[derive(Debug)]
pub(super) struct Operation {
    method: String,
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Parameter,
    /// A Git ref or a path: the rest of the address, slashes included.
    Rest,
}

impl Operation {
    /// Returns the JSON pointer to the operation.
    pub(super) fn pointer(&self) -> String {
        let template = self.template.replace('~', "~0").replace('/', "~1");
        format!("/paths/{template}/{}", self.method)
    }

    /// Returns the path template and the method.
    pub(super) fn names(&self) -> (&str, &str) {
        (&self.template, &self.method)
    }

    /// Tells how many parts are literally the same; `None` when the path is another.
    fn matches(&self, path: &[String]) -> Option<usize> {
        let mut literals = 0;
        for (at, part) in self.parts.iter().enumerate() {
            let given = path.get(at)?;
            match part {
                Part::Rest => return Some(literals),
                Part::Literal(literal) if literal == given => literals += 1,
                Part::Literal(_) => return None,
                Part::Parameter => {}
            }
        }
        (path.len() == self.parts.len()).then_some(literals)
    }
}

pub(super) fn all(root: &Value) -> Vec<Operation> {
    let paths = root["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(template, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(|(method, _)| Operation {
                method: method.clone(),
                template: template.clone(),
                parts: parts(template),
            })
        })
        .collect()
}

fn parts(template: &str) -> Vec<Part> {
    let names: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
    let last = names.len().saturating_sub(1);
    names
        .iter()
        .enumerate()
        .map(|(at, name)| match *name {
            "{ref}" | "{path}" if at == last => Part::Rest,
            name if name.starts_with('{') => Part::Parameter,
            name => Part::Literal(name.to_owned()),
        })
        .collect()
}

/// Finds the operation with the most literal parts, as GitHub's own router does.
pub(super) fn find<'a>(operations: &'a [Operation], method: &str, path: &str) -> Option<&'a Operation> {
    let path: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    operations
        .iter()
        .filter(|operation| operation.method.eq_ignore_ascii_case(method))
        .filter_map(|operation| Some((operation.matches(&path)?, operation)))
        .max_by_key(|(literals, _)| *literals)
        .map(|(_, operation)| operation)
}
