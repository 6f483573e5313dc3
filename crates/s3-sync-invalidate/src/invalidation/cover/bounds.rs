//! What the rest of a cover costs at least, wherever one stands in the tree.

use super::Limits;
use super::tree::{Node, Tree};

/// What a saved path is worth: so many paths that did not change for each so many that are saved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    innocents: i64,
    saved: i64,
}

impl Price {
    /// What it costs to take `innocents` along and to save `saved` paths.
    pub(super) fn of(self, innocents: usize, saved: usize) -> i64 {
        self.saved * signed(innocents) - self.innocents * signed(saved)
    }
}

/// The price of what cannot be done.
const NEVER: i64 = i64::MAX / 4;

/// How often the price is corrected; each is as good a bound as another, only not as narrow a one.
const CORRECTIONS: usize = 64;

/// The bounds at the price that makes them the narrowest.
pub(super) struct Bounds {
    /// How many wildcards there may be.
    pub(super) wildcards: usize,
    /// How many items a wildcard must have.
    pub(super) least: usize,
    /// How many paths must be saved.
    pub(super) saved: usize,
    /// The fewest paths that did not change of any cover.
    pub(super) fewest: usize,
    /// The price.
    pub(super) price: Price,
    /// For each node what all that lies outside of it costs at least, with at most so many wildcards there.
    pub(super) outside: Vec<Vec<i64>>,
    /// For each node the same without its elder siblings and what is loose beside them.
    pub(super) after: Vec<Vec<i64>>,
}

impl Bounds {
    /// The bounds for covers of at most as many paths as `limits` say, with wildcards over at least `least` items each;
    /// `None` where there is no such cover.
    pub(super) fn new(tree: &Tree<'_>, limits: Limits, least: usize) -> Option<Self> {
        let root = tree.nodes.last()?;
        let saved = signed(root.len().saturating_sub(limits.paths));
        let solve = |price| Ways::new(tree, limits.wildcards, least, price);
        let mut price = Price { innocents: 0, saved: 1 };
        let mut ways = solve(price);
        let (mut cost, gain) = ways.best()?;
        let mut narrow = (cost, gain);
        let mut wide = (signed(root.innocents), signed(root.len()) - 1);
        if gain < saved {
            if root.len() < least {
                return None;
            }
            for _ in 0..CORRECTIONS {
                price = Price { innocents: wide.0 - narrow.0, saved: wide.1 - narrow.1 };
                ways = solve(price);
                let (found, gain) = ways.best()?;
                cost = found;
                if found == price.saved * narrow.0 - price.innocents * narrow.1 {
                    break;
                }
                let point = ((found + price.innocents * gain) / price.saved, gain);
                if gain < saved { narrow = point } else { wide = point }
            }
        }
        let fewest = (cost + price.innocents * saved).max(0);
        let fewest = (fewest + price.saved - 1) / price.saved;
        let (outside, after) = ways.around(tree);
        let wildcards = limits.wildcards;
        let number = |number: i64| usize::try_from(number).unwrap_or(0);
        Some(Self { wildcards, least, saved: number(saved), fewest: number(fewest), price, outside, after })
    }

    /// What a cover costs at most that takes `innocents` along and has few enough paths.
    pub(super) fn most(&self, innocents: usize) -> i64 {
        self.price.of(innocents, self.saved)
    }
}

/// Numbers of paths are far from any limit.
fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(NEVER)
}

/// A cost, and the saved paths as a negative number: of two that cost the same the one that saves more comes first.
type Way = (i64, i64);

const NO_WAY: Way = (NEVER, 0);

/// For each node the cheapest way with exactly so many wildcards.
struct Ways {
    most: usize,
    rows: Vec<Vec<Way>>,
}

impl Ways {
    fn new(tree: &Tree<'_>, most: usize, least: usize, price: Price) -> Self {
        let mut ways = Self { most, rows: Vec::with_capacity(tree.nodes.len()) };
        for node in &tree.nodes {
            let row = ways.row(node, least, price);
            ways.rows.push(row);
        }
        ways
    }

    fn row(&self, node: &Node, least: usize, price: Price) -> Vec<Way> {
        let saved = node.len() - 1;
        let own = (price.of(node.innocents, saved), -signed(saved));
        if node.is_anything {
            return vec![NO_WAY, own];
        }
        let mut row = loose(node, self.most);
        for child in &node.children {
            row = merged(&row, &self.rows[*child], self.most);
        }
        if self.most > 0 && node.len() >= least {
            row.resize(row.len().max(2), NO_WAY);
            row[1] = row[1].min(own);
        }
        row
    }

    /// What the cheapest cover costs, and how many paths it saves.
    fn best(&self) -> Option<(i64, i64)> {
        let best = self.rows.last()?.iter().min().filter(|way| way.0 < NEVER)?;
        Some((best.0, -best.1))
    }

    /// What lies around each node, see [`Bounds`].
    fn around(&self, tree: &Tree<'_>) -> (Vec<Vec<i64>>, Vec<Vec<i64>>) {
        let mut outside = vec![Vec::new(); tree.nodes.len()];
        let mut after = vec![Vec::new(); tree.nodes.len()];
        if let Some(root) = outside.last_mut() {
            *root = vec![0; self.most + 1];
        }
        for (index, node) in tree.nodes.iter().enumerate().rev() {
            let mut rest = outside[index].clone();
            for child in node.children.iter().rev() {
                let next = self.beside(&rest, &self.rows[*child]);
                after[*child] = std::mem::replace(&mut rest, next);
            }
            let mut before = loose(node, self.most);
            for child in &node.children {
                outside[*child] = self.beside(&after[*child], &before);
                before = merged(&before, &self.rows[*child], self.most);
            }
        }
        (outside, after)
    }

    /// What is left for the rest once there is also a part.
    fn beside(&self, rest: &[i64], part: &[Way]) -> Vec<i64> {
        let cheapest = |count: usize| {
            let ways = part.iter().take(count + 1).enumerate();
            ways.map(|(own, way)| rest[count - own].saturating_add(way.0)).min().unwrap_or(NEVER).min(NEVER)
        };
        (0..=self.most).map(cheapest).collect()
    }
}

/// The way without any wildcard but those behind a query.
fn loose(node: &Node, most: usize) -> Vec<Way> {
    let mut row = vec![NO_WAY; node.queries.min(most + 1)];
    if node.queries <= most {
        row.push((0, 0));
    }
    row
}

/// The cheapest ways of two parts together, with at most `most` wildcards.
fn merged(one: &[Way], other: &[Way], most: usize) -> Vec<Way> {
    let mut row = vec![NO_WAY; (one.len() + other.len()).saturating_sub(1).min(most + 1)];
    for (a, x) in one.iter().enumerate().filter(|(_, x)| x.0 < NEVER) {
        for (b, y) in other.iter().enumerate().take((most + 1).saturating_sub(a)).filter(|(_, y)| y.0 < NEVER) {
            row[a + b] = row[a + b].min((x.0 + y.0, x.1 + y.1));
        }
    }
    row
}
