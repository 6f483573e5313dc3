//! `--chmod`: an octal mode, or changes in the words of chmod(1) (`u+x`, `go=rX`).

use serde::Serialize;

/// The most changes of one `--chmod`.
const MOST_CHANGES: usize = 64;

/// What becomes of the mode of what is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// This one.
    Octal(u32),
    /// It is changed.
    Changed(Vec<Change>),
}

/// One change: `who`, an operator, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// The bits of user, group and others that it is about.
    who: u32,
    operator: char,
    /// The bits that are named; for each of user, group and others the same.
    bits: u32,
    /// `X`: execution for folders, and for files where somebody may.
    execute_some: bool,
    /// Whose bits are copied: `u`, `g` or `o`.
    copied: Option<char>,
}

const USER: u32 = 0o4700;
const GROUP: u32 = 0o2070;
const OTHERS: u32 = 0o1007;

impl Mode {
    /// Parses a mode; `None` where it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777).map(Self::Octal);
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            changes.extend(clause_changes(clause)?);
            if changes.len() > MOST_CHANGES {
                return None;
            }
        }
        Some(Self::Changed(changes))
    }

    /// The mode that `old` becomes.
    pub(crate) fn of(&self, old: u32, is_folder: bool) -> u32 {
        match self {
            Self::Octal(mode) => *mode,
            Self::Changed(changes) => changes.iter().fold(old, |mode, change| change.of(mode, is_folder)),
        }
    }
}

impl Change {
    fn of(&self, old: u32, is_folder: bool) -> u32 {
        let mut bits = self.bits;
        if self.execute_some && (is_folder || old & 0o111 != 0) {
            bits |= 0o111;
        }
        let copied = match self.copied {
            Some('u') => (old >> 6) & 7,
            Some('g') => (old >> 3) & 7,
            Some(_) => old & 7,
            None => 0,
        };
        bits |= copied * 0o111;
        let named = bits & self.who;
        match self.operator {
            '+' => old | named,
            '-' => old & !named,
            _ => (old & !self.who) | named,
        }
    }
}

/// `[ugoa]*([-+=]([rwxXst]*|[ugo]))+`. Without a who it is about all, as no umask has a say in an image.
fn clause_changes(clause: &str) -> Option<Vec<Change>> {
    let start = clause.find(['+', '-', '='])?;
    let mut who = 0;
    for letter in clause[..start].chars() {
        who |= match letter {
            'u' => USER,
            'g' => GROUP,
            'o' => OTHERS,
            'a' => USER | GROUP | OTHERS,
            _ => return None,
        };
    }
    if start == 0 {
        who = USER | GROUP | OTHERS;
    }
    let mut changes = Vec::new();
    let mut rest = &clause[start..];
    while let Some(operator) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
        changes.push(change(who, operator, &rest[1..end])?);
        if changes.len() > MOST_CHANGES {
            return None;
        }
        rest = &rest[end..];
    }
    Some(changes)
}

fn change(who: u32, operator: char, what: &str) -> Option<Change> {
    let mut change = Change { who, operator, bits: 0, execute_some: false, copied: None };
    if let "u" | "g" | "o" = what {
        change.copied = what.chars().next();
        return Some(change);
    }
    for letter in what.chars() {
        match letter {
            'r' => change.bits |= 0o444,
            'w' => change.bits |= 0o222,
            'x' => change.bits |= 0o111,
            'X' => change.execute_some = true,
            's' => change.bits |= 0o6000,
            't' => change.bits |= 0o1000,
            _ => return None,
        }
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, old: u32, new: u32) {
        let made = Mode::parse(text).unwrap().of(old, false);
        assert_eq!(made, new, "{text} of {old:o} is {made:o}, not {new:o}");
    }

    #[test]
    fn words_change_what_chmod_changes() {
        check("755", 0o600, 0o755);
        check("0400", 0o777, 0o400);
        check("u+x", 0o644, 0o744);
        check("+x", 0o644, 0o755);
        check("go-rwx", 0o755, 0o700);
        check("a=r", 0o755, 0o444);
        check("u=rwX,go=rX", 0o644, 0o644);
        check("u=rwX,go=rX", 0o744, 0o755);
        check("u=rwx,go=rX", 0o644, 0o755);
        check("g=u", 0o740, 0o770);
        check("u+s,g+s,o+t", 0o755, 0o7755);
        check("u-x+w=r", 0o755, 0o455);
        check("o=", 0o755, 0o750);
        assert_eq!(Mode::parse("a=rX").unwrap().of(0o700, true), 0o555);
    }

    #[test]
    fn what_is_no_mode_is_refused() {
        for text in ["", "8", "77777", "z+x", "u", "u+q", "u+x,", "ug", "u+ug", "0x1"] {
            assert_eq!(Mode::parse(text), None, "{text}");
        }
        assert_eq!(Mode::parse(&"+x,".repeat(1000)), None);
    }
}
