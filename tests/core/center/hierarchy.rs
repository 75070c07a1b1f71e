use std::collections::BTreeMap;

use desk_core::center::{Hierarchy, Named};

fn tree() -> Hierarchy {
    let named = |name: &str| Named { id: format!("id of {name}"), name: name.to_owned() };
    let paths = ["West", "East/Team 2", "East B", "East", "East/Team 1", "East/Team 1/Red"];
    let of = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        let above =
            (1..=parts.len()).map(|n| Named { id: parts[..n].join("/"), name: named(parts[n - 1]).name });
        (above.collect(), BTreeMap::new())
    };
    Hierarchy::of(vec!["Region".to_owned()], paths.into_iter().map(of).collect())
}

#[test]
fn groups_are_in_the_order_of_a_tree() {
    let tree = tree();
    let paths: Vec<&str> = tree.groups.iter().map(|group| group.path.as_str()).collect();
    assert_eq!(paths, ["East", "East/Team 1", "East/Team 1/Red", "East/Team 2", "East B", "West"]);
    let below: Vec<&str> = tree.below("East").iter().map(|group| group.path.as_str()).collect();
    assert_eq!(below, ["East/Team 1", "East/Team 2", "East/Team 1/Red"]);
    assert_eq!(tree.group("East/Team 1/Red").unwrap().parent_path(), Some("East/Team 1"));
    assert_eq!(tree.group("West").unwrap().parent_path(), None);
}

#[test]
fn a_child_is_found_as_people_compare_names() {
    let tree = tree();
    assert_eq!(tree.child_named(Some("East"), "team  1").unwrap().name, "Team 1");
    assert_eq!(tree.child_named(None, "Team 1"), None);
}
