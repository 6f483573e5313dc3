//! Which stage needs which, for saying why stages cannot be carried out in any order.

use crate::dockerfile::{Dockerfile, Kind, Stage};

/// The stages that stage `index` names, in `FROM` and in `COPY --from`.
fn needs(dockerfile: &Dockerfile, index: usize) -> Vec<usize> {
    let stage = &dockerfile.stages[index];
    let mut needs: Vec<usize> = dockerfile.stage_named(&stage.image, index).into_iter().collect();
    for instruction in &stage.instructions {
        let Kind::Copy(copy) = &instruction.kind else { continue };
        let from = copy.flags.iter().find(|flag| flag.name == "from").and_then(|flag| flag.value.as_deref());
        needs.extend(from.and_then(|name| {
            dockerfile.stage_named(name, index).or_else(|| dockerfile.stage_named(name, dockerfile.stages.len()))
        }));
    }
    needs
}

/// The shortest circle that begins with stage `start`, which needs stage `next`; `None` where there is none.
pub(crate) fn circle(dockerfile: &Dockerfile, start: usize, next: usize) -> Option<Vec<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; dockerfile.stages.len()];
    came_from[next] = Some(start);
    let mut todo = std::collections::VecDeque::from([next]);
    while let Some(stage) = todo.pop_front() {
        if stage == start {
            break;
        }
        for needed in needs(dockerfile, stage) {
            if came_from[needed].is_none() {
                came_from[needed] = Some(stage);
                todo.push_back(needed);
            }
        }
    }
    let mut circle = Vec::new();
    let mut stage = came_from[start]?;
    while stage != start {
        circle.push(stage);
        stage = came_from[stage]?;
    }
    circle.push(start);
    circle.reverse();
    Some(circle)
}

/// A stage for people: its name or number, and its line.
pub(crate) fn shown(stages: &[Stage], index: usize) -> String {
    let stage = &stages[index];
    let name = stage.name.clone().unwrap_or_else(|| index.to_string());
    format!("`{name}` (line {})", stage.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, start: usize, next: usize, expect: Option<&[usize]>) {
        assert_eq!(circle(&Dockerfile::parse(text).unwrap(), start, next).as_deref(), expect, "{text}");
    }

    #[test]
    fn circles_are_found_through_copies_and_bases() {
        check("FROM scratch AS a\nCOPY --from=a x y\n", 0, 0, Some(&[0]));
        check("FROM scratch AS a\nCOPY --from=b x y\nFROM a AS b\n", 0, 1, Some(&[0, 1]));
        let three = "FROM scratch AS a\nCOPY --from=c x y\nFROM a AS b\nFROM scratch AS c\nCOPY --from=b x y\n";
        check(three, 0, 2, Some(&[0, 2, 1]));
    }

    #[test]
    fn a_later_stage_alone_is_no_circle() {
        check("FROM scratch AS a\nCOPY --from=b x y\nFROM scratch AS b\n", 0, 1, None);
    }
}
