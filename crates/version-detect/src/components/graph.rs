//! The order in which components are built: what others are built with comes first.

use std::collections::BTreeSet;

use super::Component;

/// Components that depend on each other, by name; the first one is the last one, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<String>);

/// The places of the components in their order; those that may come in any are in the order of their names.
pub(crate) fn order(components: &[Component]) -> Result<Vec<usize>, Cycle> {
    let mut waits_for: Vec<usize> = components.iter().map(|component| component.depends_on.len()).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); components.len()];
    for (place, component) in components.iter().enumerate() {
        for dependency in &component.depends_on {
            dependants[*dependency].push(place);
        }
    }
    let named = |place: usize| (components[place].name.as_str(), place);
    let mut ready: BTreeSet<(&str, usize)> =
        (0..components.len()).filter(|place| waits_for[*place] == 0).map(named).collect();
    let mut order = Vec::with_capacity(components.len());
    while let Some((_, place)) = ready.pop_first() {
        order.push(place);
        for dependant in &dependants[place] {
            waits_for[*dependant] -= 1;
            if waits_for[*dependant] == 0 {
                ready.insert(named(*dependant));
            }
        }
    }
    if order.len() == components.len() { Ok(order) } else { Err(cycle(components, &waits_for)) }
}

/// The same, where `discovered` are dependencies that the manifests have beside those that are declared, by component. Manifests
/// may depend on each other in circles (a test of one needs the other): there any order will do, and it is no error.
pub(crate) fn order_with(components: &[Component], discovered: &[Vec<usize>]) -> Result<Vec<usize>, Cycle> {
    order(components)?;
    let all = |place: usize| components[place].depends_on.iter().chain(&discovered[place]).copied();
    let circles = circles(components.len(), &all);
    let ordered = components.iter().zip(discovered).enumerate().map(|(place, (component, discovered))| {
        let mut depends_on = component.depends_on.clone();
        depends_on.extend(discovered.iter().copied().filter(|other| circles[*other] != circles[place]));
        depends_on.sort_unstable();
        depends_on.dedup();
        Component { depends_on, ..component.clone() }
    });
    order(&ordered.collect::<Vec<_>>())
}

/// A number for each component that all of its circle have and no other (Kosaraju's strongly connected components).
fn circles<I: Iterator<Item = usize>>(count: usize, next: &impl Fn(usize) -> I) -> Vec<usize> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut finished = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    for start in 0..count {
        let mut open = vec![(start, false)];
        while let Some((place, is_done)) = open.pop() {
            if is_done {
                finished.push(place);
            } else if !std::mem::replace(&mut seen[place], true) {
                open.push((place, true));
                for other in next(place) {
                    before[other].push(place);
                    open.push((other, false));
                }
            }
        }
    }
    let mut circles = vec![usize::MAX; count];
    for start in finished.into_iter().rev() {
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            if circles[place] == usize::MAX {
                circles[place] = start;
                open.extend(before[place].iter().filter(|other| circles[**other] == usize::MAX));
            }
        }
    }
    circles
}

/// One cycle among the components that still wait.
fn cycle(components: &[Component], waits_for: &[usize]) -> Cycle {
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..components.len()).find(|place| waits_for[*place] > 0);
    while let Some(place) = next {
        let seen = path.iter().position(|known| *known == place);
        path.push(place);
        if let Some(begin) = seen {
            path.drain(..begin);
            break;
        }
        next = components[place].depends_on.iter().copied().find(|dependency| waits_for[*dependency] > 0);
    }
    Cycle(path.into_iter().map(|place| components[place].name.clone()).collect())
}
