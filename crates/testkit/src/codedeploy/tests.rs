use std::collections::BTreeSet;

use super::*;

#[test]
fn each_scenario_has_a_name_of_its_own_and_ends_as_it_says() {
    let all = scenarios();
    let names: BTreeSet<&str> = all.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), all.len());
    for scenario in &all {
        assert!(scenario.rollout.is_sorted_by_key(|moment| moment.at), "{}", scenario.name);
    }
}

#[test]
fn a_deployment_that_was_stopped_goes_back_to_what_ran() {
    let mut state = State::new(named("never-ends"));
    let id = state.create(&serde_json::json!({}));
    state.go_on(&id, &[Moment::at(0, "Stopped").rolls_back()]);
    for _ in 0..6 {
        state.look();
    }
    assert_eq!(state.primary, before());
    assert_eq!(state.deployment(&id).and_then(|own| own.undone_by.clone()).as_deref(), Some(BACK));
    assert!(state.deployment(BACK).is_some_and(|back| back.has_ended(state::START + 30)));
}
