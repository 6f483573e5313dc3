//! What a builder's configuration becomes when this program answers for its passwords: names of registries and of their helper, where
//! passwords were.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::helper::{HELPER, Passwords};
use super::{AuthFile, host, login};

/// What of an entry the helper answers. A `registrytoken` is no login that it could give: it stays, as `HttpHeaders` and `proxies` do.
const SECRET_FIELDS: [&str; 4] = ["auth", "identitytoken", "username", "password"];

/// Docker's configuration: everything else stays. Adds the logins that it loses to `passwords`.
pub(super) fn for_docker(file: AuthFile, passwords: &mut Passwords) -> Value {
    let AuthFile { mut auths, mut helpers, mut rest } = file;
    for name in passwords.names() {
        helpers.insert(name.clone(), json!(HELPER));
    }
    // Where all logins are a store's, Docker takes none from here.
    let has_store = rest.get("credsStore").and_then(Value::as_str).is_some_and(|store| !store.is_empty());
    // An entry under the host's own name counts more than one under an address.
    let mut names: Vec<String> = auths.keys().cloned().collect();
    names.sort_by_key(|name| address(name) != name);
    for name in names {
        let Some(entry) = auths.get_mut(&name) else { continue };
        let found = login(entry).filter(|_| !has_store);
        if let Value::Object(fields) = entry {
            fields.retain(|field, _| !SECRET_FIELDS.contains(&field.as_str()));
        } else {
            *entry = json!({});
        }
        let Some(found) = found else { continue };
        for asked in [name.as_str(), address(&name)] {
            if !helpers.contains_key(asked) {
                helpers.insert(asked.to_owned(), json!(HELPER));
                passwords.add_login(asked, &found);
            }
        }
    }
    for (name, section) in [("auths", auths), ("credHelpers", helpers)] {
        if !section.is_empty() {
            rest.insert(name.to_owned(), Value::Object(section));
        }
    }
    Value::Object(rest)
}

/// The host of an address, as Docker compares it with that of an image
/// (<https://github.com/docker/cli/blob/master/cli/config/credentials/file_store.go>).
fn address(name: &str) -> &str {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    name.split('/').next().unwrap_or(name)
}

/// One file of buildah's for all that it searches: of each registry the first one's word counts. Adds the logins that are the helper's to
/// answer to `passwords`.
///
/// A helper is asked about whole registries. So the entries of one of which parts have logins of their own (`quay.io/team`) stay as they are.
pub(super) fn for_containers(files: Vec<AuthFile>, passwords: &mut Passwords) -> Value {
    let mut settled: BTreeSet<String> = passwords.names().cloned().collect();
    let mut helpers: Map<String, Value> = settled.iter().map(|name| (name.clone(), json!(HELPER))).collect();
    let (mut auths, mut divided) = (Map::new(), BTreeSet::new());
    for file in files {
        let own: Vec<_> = file.helpers.into_iter().filter(|(name, _)| !settled.contains(name)).collect();
        settled.extend(own.iter().map(|(name, _)| name.clone()));
        helpers.extend(own);
        let mut open: Vec<_> = file.auths.into_iter().filter(|(name, _)| !settled.contains(host(name))).collect();
        // An entry under the registry's own name counts more than one under an address.
        open.sort_by_key(|(name, _)| host(name) != name);
        divided.extend(open.iter().filter(|(name, _)| is_part(name)).map(|(name, _)| host(name).to_owned()));
        for (name, entry) in open {
            let registry = host(&name).to_owned();
            let Some(found) = login(&entry) else { continue };
            let is_whole = !is_part(&name);
            if divided.contains(&registry) {
                auths.entry(name).or_insert(entry);
            } else if !settled.contains(&registry) {
                helpers.insert(registry.clone(), json!(HELPER));
                passwords.add_login(&registry, &found);
            }
            if is_whole {
                settled.insert(registry);
            }
        }
    }
    json!({ "auths": auths, "credHelpers": helpers })
}

/// Whether an entry is about a part of a registry.
fn is_part(name: &str) -> bool {
    !name.contains("://") && name.contains('/')
}

#[cfg(test)]
mod tests;
