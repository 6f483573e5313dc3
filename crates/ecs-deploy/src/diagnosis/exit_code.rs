//! What a container's exit code says: shells give 126 and 127, a signal gives 128 and its number
//! (<https://tldp.org/LDP/abs/html/exitcodes.html>).

use std::borrow::Cow;

/// What is worth saying of an exit code, seen together with ECS's words about the container.
pub(crate) fn meaning(code: i64, reason: &str) -> Option<Cow<'static, str>> {
    let known = match code {
        0 => "it ended by itself, and a service's container has to keep running",
        1 => "the program's own error",
        125 => "the container could not be started",
        126 => "the command cannot be executed: wrong permissions or wrong architecture",
        127 => "the command was not found",
        130 => "stopped by SIGINT",
        132 => "illegal instruction: built for another processor?",
        134 => "aborted",
        135 => "bus error",
        136 => "arithmetic error",
        137 if is_out_of_memory(reason) => "killed: it used more memory than its limit",
        137 => "killed: out of memory, or it did not stop when it was told to",
        139 => "segmentation fault",
        143 => "stopped by SIGTERM",
        255 => "the program's own error, or one built for another processor",
        129..=192 => return Some(Cow::Owned(format!("ended by signal {}", code - 128))),
        _ => return None,
    };
    Some(Cow::Borrowed(known))
}

/// Whether ECS says that the memory ran out.
pub(super) fn is_out_of_memory(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["outofmemory", "out of memory", "oomkilled"].iter().any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: i64, reason: &str, part: &str) {
        let meaning = meaning(code, reason).unwrap_or_default();
        assert!(meaning.contains(part) && !meaning.is_empty(), "{code}: {meaning}");
    }

    #[test]
    fn the_codes_of_shells_and_signals_are_explained() {
        check(0, "", "by itself");
        check(1, "", "own error");
        check(126, "", "cannot be executed");
        check(127, "", "not found");
        check(139, "", "segmentation fault");
        check(143, "", "SIGTERM");
        check(159, "", "signal 31");
        assert_eq!(meaning(3, ""), None);
        assert_eq!(meaning(-1, ""), None);
        assert_eq!(meaning(i64::MAX, ""), None);
    }

    #[test]
    fn memory_is_blamed_alone_only_where_ecs_blames_it() {
        check(137, "OutOfMemoryError: Container killed due to memory usage", "more memory than its limit");
        check(137, "", "or it did not stop");
        assert!(is_out_of_memory("OOMKilled") && !is_out_of_memory("room"));
    }
}
