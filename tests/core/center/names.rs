use desk_core::center::Named;
use desk_core::center::names::resolve;

fn all() -> Vec<Named> {
    [
        "Basic Routing Profile",
        "Contact Tracers Profile",
        "East/Team 1",
        "West/Team 1",
        "basic routing profile 2",
    ]
    .iter()
    .enumerate()
    .map(|(i, name)| Named { id: format!("id-{i}"), name: (*name).to_owned() })
    .collect()
}

#[test]
fn names_resolve_exactly_then_as_people_compare_them_then_by_their_last_part() {
    assert_eq!(resolve("routing profile", "Basic Routing Profile", &all()).unwrap().id, "id-0");
    for typed in ["basic routing PROFILE", "Basic\u{a0}Routing  Profile", "Básic Routing Profile"] {
        assert_eq!(resolve("routing profile", typed, &all()).unwrap().id, "id-0", "{typed}");
    }
    assert_eq!(resolve("group", "west/team 1", &all()).unwrap().id, "id-3");
    assert_eq!(resolve("group", "team 1", &all()).unwrap_err().code, "name_ambiguous");
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest_ones() {
    let problem = resolve("routing profile", "Contact Tracer Profle", &all()).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "No routing profile `Contact Tracer Profle`. Did you mean `Contact Tracers Profile`?"
    );
}
