//! What the configuration says of how objects are made: through which providers, how those are set up, and what is run beside.
//!
//! The plan has constants, and what an expression refers to, as it is written there
//! (<https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation>). Values are known of variables
//! alone: what a `local`, a data source or another object gives stands nowhere in the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::json::Json;
use crate::likely::is_secret_name;
use crate::sealed::{Sealed, Sealer};

/// What stands in place of an expression that is no constant.
const REFERENCES: &str = "(from)";

/// The configurations of the providers by their keys, and the variables by their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) providers: BTreeMap<String, Setup>,
    pub(crate) variables: BTreeMap<String, Setup>,
}

/// A provider's configuration, or a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    /// The provider; empty of a variable.
    pub(crate) of: String,
    pub(crate) values: Sealed,
    /// The addresses of the variables that it is made of.
    pub(crate) uses: Vec<String>,
}

/// What the configuration says of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// The keys of its provider's configurations.
    pub(crate) providers: Vec<String>,
    /// Its provisioners, in their order.
    pub(crate) provisioners: Option<Sealed>,
    /// The addresses of the variables that the provisioners are made of.
    pub(crate) uses: Vec<String>,
}

/// The configuration of a plan, to be looked up in.
#[derive(Debug)]
pub(super) struct Source<'a> {
    providers: &'a Json,
    values: Option<&'a Json>,
    /// By the path of the module's calls, such as `network.subnets`; that of the root module is empty.
    modules: BTreeMap<String, Module<'a>>,
    /// The blocks by module, mode, type and name.
    blocks: HashMap<(String, &'a str, &'a str, &'a str), &'a Json>,
}

/// A module, and the block that calls it.
#[derive(Debug)]
struct Module<'a> {
    json: &'a Json,
    call: Option<&'a Json>,
}

/// An expression as it is kept: its value, what is secret of it, and the variables it refers to.
struct Expression {
    value: Json,
    mask: Json,
    uses: BTreeSet<String>,
}

impl<'a> Source<'a> {
    /// What `plan` says.
    pub(super) fn of(plan: &'a Json) -> Self {
        let providers = plan.at(&["configuration", "provider_config"]).unwrap_or(&Json::Null);
        let mut source =
            Self { providers, values: plan.get("variables"), modules: BTreeMap::new(), blocks: HashMap::new() };
        if let Some(root) = plan.at(&["configuration", "root_module"]) {
            source.module(String::new(), Module { json: root, call: None });
        }
        source
    }

    fn module(&mut self, path: String, module: Module<'a>) {
        for block in module.json.get("resources").into_iter().flat_map(Json::items) {
            if let (Some(kind), Some(name)) = (block.text_of("type"), block.text_of("name")) {
                let mode = block.text_of("mode").unwrap_or("managed");
                self.blocks.insert((path.clone(), mode, kind, name), block);
            }
        }
        for (name, call) in module.json.get("module_calls").into_iter().flat_map(Json::entries) {
            if let Some(called) = call.get("module") {
                self.module(joined(&path, name), Module { json: called, call: Some(call) });
            }
        }
        self.modules.insert(path, module);
    }

    /// What is said of the object of an entry of `resource_changes`.
    pub(super) fn wiring(&self, entry: &'a Json, sealer: &mut Sealer) -> Wiring {
        let Some((path, block)) = self.block(entry) else { return Wiring::default() };
        // OpenTofu has several where each instance has its own.
        let one = block.text_of("provider_config_key");
        let several = block.get("provider_config_keys").into_iter().flat_map(Json::items).filter_map(Json::text);
        let providers = one.into_iter().chain(several).map(|key| sealer.key(key)).collect();
        let provisioners = block.get("provisioners").map(Json::items).unwrap_or_default();
        if provisioners.is_empty() {
            return Wiring { providers, ..Wiring::default() };
        }
        let each = provisioners.iter().map(|provisioner| {
            let kind = provisioner.get("type").cloned().unwrap_or(Json::Null);
            let mut settings = members(provisioner.get("expressions"), &path);
            (settings.value, settings.mask) = (
                map([("type", kind), ("settings", settings.value)]),
                map([("type", Json::Bool(false)), ("settings", settings.mask)]),
            );
            settings
        });
        let all = list(each);
        Wiring { providers, provisioners: all.seal(sealer), uses: sealed_keys(&all.uses, sealer) }
    }

    fn block(&self, entry: &'a Json) -> Option<(String, &'a Json)> {
        let path = calls(entry.text_of("module_address").unwrap_or_default())?;
        let mode = entry.text_of("mode").unwrap_or("managed");
        let key = (path, mode, entry.text_of("type")?, entry.text_of("name")?);
        let block = *self.blocks.get(&key)?;
        Some((key.0, block))
    }

    /// All providers' configurations, and all variables.
    pub(super) fn configuration(&self, sealer: &mut Sealer) -> Configuration {
        let mut providers = BTreeMap::new();
        for (key, provider) in self.providers.entries() {
            let path = calls(provider.text_of("module_address").unwrap_or_default()).unwrap_or_default();
            let settings = members(provider.get("expressions"), &path);
            let of = provider.text_of("full_name").or(provider.text_of("name")).unwrap_or_default();
            let of = sealer.text(of);
            providers.insert(sealer.key(key), settings.setup(of, sealer));
        }
        let mut variables = BTreeMap::new();
        for (path, module) in &self.modules {
            for (name, declared) in module.json.get("variables").into_iter().flat_map(Json::entries) {
                let expression = self.variable(path, module, name, declared);
                variables.insert(sealer.key(&variable(path, name)), expression.setup(String::new(), sealer));
            }
        }
        Configuration { providers, variables }
    }

    /// What a variable is given: by the plan in the root module, else by the call of its module.
    fn variable(&self, path: &str, module: &Module<'_>, name: &str, declared: &Json) -> Expression {
        let given = match module.call {
            None => self.values.and_then(|values| values.at(&[name, "value"])).map(|value| constant(value, name)),
            Some(call) => {
                let caller = path.rsplit_once('.').map_or("", |(caller, _)| caller);
                call.at(&["expressions", name]).map(|expression| read(expression, name, caller))
            }
        };
        let default = || declared.get("default").map(|value| constant(value, name));
        let nothing = Expression { value: Json::Null, mask: Json::Bool(false), uses: BTreeSet::new() };
        let expression = given.or_else(default).unwrap_or(nothing);
        let is_sensitive = declared.get("sensitive").is_some_and(|flag| *flag != Json::Bool(false));
        let mask = if is_sensitive { Json::Bool(true) } else { expression.mask };
        // A variable is no object: its value is a member of one.
        Expression { value: map([("value", expression.value)]), mask: map([("value", mask)]), ..expression }
    }
}

impl Expression {
    fn seal(&self, sealer: &mut Sealer) -> Option<Sealed> {
        sealer.value(Some(&self.value), None, Some(&self.mask))
    }

    fn setup(&self, of: String, sealer: &mut Sealer) -> Setup {
        let uses = sealed_keys(&self.uses, sealer);
        Setup { of, values: self.seal(sealer).unwrap_or(Sealed::Null), uses }
    }
}

/// An expression of the configuration: a constant, references, or a block with expressions in it.
fn read(expression: &Json, name: &str, path: &str) -> Expression {
    if let Some(value) = expression.get("constant_value") {
        return constant(value, name);
    }
    match expression {
        Json::List(items) => list(items.iter().map(|item| read(item, name, path))),
        Json::Map(entries) if !entries.is_empty() && !entries.contains_key("references") => {
            members(Some(expression), path)
        }
        other => references(other, path),
    }
}

fn references(expression: &Json, path: &str) -> Expression {
    let all = expression.get("references").into_iter().flat_map(Json::items).filter_map(Json::text);
    let all: BTreeSet<&str> = all.collect();
    let of_variable = |reference: &&str| {
        let name = reference.strip_prefix("var.")?.split(['.', '[']).next()?;
        Some(variable(path, name))
    };
    let uses = all.iter().filter_map(of_variable).collect();
    let names = all.into_iter().map(|reference| Json::Text(reference.to_owned())).collect();
    Expression { value: map([(REFERENCES, Json::List(names))]), mask: Json::Bool(false), uses }
}

fn constant(value: &Json, name: &str) -> Expression {
    Expression { value: value.clone(), mask: mask(value, name), uses: BTreeSet::new() }
}

/// What is hidden of a value, whatever else is: nobody marks a provider's password in its block, and names tell.
fn mask(value: &Json, name: &str) -> Json {
    if is_secret_name(name) {
        return Json::Bool(true);
    }
    match value {
        Json::List(items) => Json::List(items.iter().map(|item| mask(item, name)).collect()),
        Json::Map(entries) => Json::Map(entries.iter().map(|(key, item)| (key.clone(), mask(item, key))).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => Json::Bool(false),
    }
}

/// The expressions of a block, by their names.
fn members(block: Option<&Json>, path: &str) -> Expression {
    let mut all = Expression { value: map([]), mask: map([]), uses: BTreeSet::new() };
    for (name, expression) in block.into_iter().flat_map(Json::entries) {
        let Expression { value, mask, uses } = read(expression, name, path);
        for (members, member) in [(&mut all.value, value), (&mut all.mask, mask)] {
            if let Json::Map(members) = members {
                members.insert(name.into(), member);
            }
        }
        all.uses.extend(uses);
    }
    all
}

fn list(items: impl Iterator<Item = Expression>) -> Expression {
    let (mut values, mut masks, mut uses) = (Vec::new(), Vec::new(), BTreeSet::new());
    for item in items {
        values.push(item.value);
        masks.push(item.mask);
        uses.extend(item.uses);
    }
    Expression { value: Json::List(values), mask: Json::List(masks), uses }
}

fn map<const COUNT: usize>(entries: [(&str, Json); COUNT]) -> Json {
    Json::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn sealed_keys(names: &BTreeSet<String>, sealer: &mut Sealer) -> Vec<String> {
    names.iter().map(|name| sealer.key(name)).collect()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The address of a variable.
fn variable(path: &str, name: &str) -> String {
    let calls = path.split('.').filter(|call| !call.is_empty());
    let modules = calls.fold(String::new(), |modules, call| format!("{modules}module.{call}."));
    format!("{modules}var.{name}")
}

/// The calls in a module's address, without the keys of their instances: `a.b` of `module.a["x.y"].module.b[0]`.
fn calls(address: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut rest = address;
    while !rest.is_empty() {
        rest = rest.strip_prefix("module.")?;
        let (name, behind) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        names.push(name);
        rest = behind.get(key_length(behind)?..)?;
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    Some(names.join("."))
}

/// How long the key of an instance at the start of `text` is, with its brackets.
fn key_length(text: &str) -> Option<usize> {
    if !text.starts_with('[') {
        return Some(0);
    }
    if !text.starts_with("[\"") {
        return text.find(']').map(|end| end + 1);
    }
    let mut is_escaped = false;
    for (place, character) in text.char_indices().skip(2) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return text[place..].starts_with("\"]").then_some(place + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
