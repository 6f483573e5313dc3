//! A comparison that goes through the text once: at each character it holds every place of the pattern it may be at.

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// One character.
    One(Class),
    /// One character or none: `a?`.
    Maybe(Class),
    /// Any number of characters, none included.
    Many(Class),
    /// One character or more: `a+`.
    Some(Class),
    /// `**/`: folders, or nothing.
    Folders,
}

/// Which characters a piece is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    /// This one.
    Character(char),
    /// Those in one of the ranges, ends included.
    Ranges(Vec<(char, char)>),
    /// Those of a name: all but `/`.
    Name,
    /// All.
    Any,
}

impl Class {
    fn holds(&self, character: char) -> bool {
        match self {
            Self::Character(own) => *own == character,
            Self::Ranges(ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&character)),
            Self::Name => character != '/',
            Self::Any => true,
        }
    }
}

impl Piece {
    /// The character it stands for, where it is one.
    pub(super) fn literal(&self) -> Option<char> {
        match self {
            Self::One(Class::Character(character)) => Some(*character),
            _ => None,
        }
    }

    /// The piece, or nothing.
    pub(super) fn maybe(self) -> Self {
        match self {
            Self::One(class) | Self::Maybe(class) => Self::Maybe(class),
            Self::Some(class) | Self::Many(class) => Self::Many(class),
            Self::Folders => Self::Folders,
        }
    }

    /// The piece, once or more.
    pub(super) fn repeated(self) -> Self {
        match self {
            Self::One(class) | Self::Some(class) => Self::Some(class),
            Self::Maybe(class) | Self::Many(class) => Self::Many(class),
            Self::Folders => Self::Folders,
        }
    }
}

/// Pieces, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Automaton {
    steps: Vec<Step>,
}

/// What may come at a place of the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A character, behind which the next place is.
    One(Class),
    /// The same, or nothing.
    Maybe(Class),
    /// A character, behind which the place is the same; or nothing.
    Many(Class),
    /// Nothing, and the next places that are left out may be.
    LeaveOut(usize),
}

impl Automaton {
    pub(super) fn new(pieces: &[Piece]) -> Self {
        let mut steps = Vec::new();
        for piece in pieces {
            match piece.clone() {
                Piece::One(class) => steps.push(Step::One(class)),
                Piece::Maybe(class) => steps.push(Step::Maybe(class)),
                Piece::Many(class) => steps.push(Step::Many(class)),
                Piece::Some(class) => steps.extend([Step::One(class.clone()), Step::Many(class)]),
                Piece::Folders => {
                    let name = [Step::One(Class::Any), Step::Many(Class::Any), Step::One(Class::Character('/'))];
                    steps.push(Step::LeaveOut(name.len()));
                    steps.extend(name);
                }
            }
        }
        Self { steps }
    }

    /// The most steps that a text of some bytes takes.
    pub(super) fn cost(&self, bytes: usize) -> u64 {
        (self.steps.len() as u64 + 1).saturating_mul(bytes as u64 + 1)
    }

    /// Whether all of `text` is of the pattern's form.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let mut now = Places::new(self.steps.len() + 1);
        let mut next = Places::new(self.steps.len() + 1);
        self.reach(0, &mut now);
        for character in text.chars() {
            if now.list.is_empty() {
                return false;
            }
            next.clear();
            for place in &now.list {
                match self.steps.get(*place) {
                    Some(Step::One(class) | Step::Maybe(class)) if class.holds(character) => {
                        self.reach(place + 1, &mut next);
                    }
                    Some(Step::Many(class)) if class.holds(character) => self.reach(*place, &mut next),
                    _ => {}
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
        now.is_in[self.steps.len()]
    }

    /// Adds `place` and those that are reached from it without a character.
    fn reach(&self, place: usize, places: &mut Places) {
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if !places.add(place) {
                continue;
            }
            match self.steps.get(place) {
                Some(Step::Maybe(_) | Step::Many(_)) => open.push(place + 1),
                Some(Step::LeaveOut(count)) => open.extend([place + 1, place + 1 + count]),
                Some(Step::One(_)) | None => {}
            }
        }
    }
}

/// A set of places.
struct Places {
    list: Vec<usize>,
    is_in: Vec<bool>,
}

impl Places {
    fn new(count: usize) -> Self {
        Self { list: Vec::new(), is_in: vec![false; count] }
    }

    /// Whether it was not in it before.
    fn add(&mut self, place: usize) -> bool {
        let is_new = !std::mem::replace(&mut self.is_in[place], true);
        if is_new {
            self.list.push(place);
        }
        is_new
    }

    fn clear(&mut self) {
        for place in self.list.drain(..) {
            self.is_in[place] = false;
        }
    }
}
