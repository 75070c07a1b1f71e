//! What callers of `user` rely on.

use std::collections::BTreeSet;

use desk_core::basics::roles::Role;
use desk_core::user::ceiling::{beyond, who_could};

fn named(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(|permission| (*permission).to_owned()).collect()
}

#[test]
fn each_role_gives_its_own_column_and_no_more() {
    let agent = named(&["BasicAgentAccess", "OutboundCallAccess"]);
    let support = named(&["BasicAgentAccess", "Users.Create", "Users.Delete", "Users.Edit", "Users.View"]);
    let supervisor = named(&["Users.EditPermission", "Queues.Create", "HistoricalChanges.View"]);
    let manager = named(&["Queues.EnableAndDisable", "CallRecordings.Delete"]);
    let admin = named(&["SecurityProfiles.Edit"]);
    for (permissions, who) in [
        (&agent, "l1, supervisor, oncall or admin"),
        (&support, "l1, supervisor, oncall or admin"),
        (&supervisor, "supervisor or admin"),
        (&manager, "admin"),
        (&admin, "admin"),
    ] {
        assert_eq!(who_could(permissions), who, "{permissions:?}");
    }
    let l1 = BTreeSet::from([Role::L1]);
    assert_eq!(beyond(&l1, &supervisor).len(), 3);
    assert!(beyond(&BTreeSet::from([Role::L1, Role::Supervisor]), &supervisor).is_empty());
    assert_eq!(beyond(&BTreeSet::new(), &agent).len(), 2, "without a role there is nothing to give");
    assert!(!beyond(&l1, &named(&["Users.EditPermission"])).is_empty(), "no `Users.*` for the help desk");
}
