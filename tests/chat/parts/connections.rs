//! Which connection makes room for another.

use connect_desk::discord::connections::Connections;

#[test]
fn the_oldest_without_a_signature_makes_room() {
    let connections = Connections::at_most(2);
    let first = connections.admit().unwrap();
    let second = connections.admit().unwrap();
    first.has_signature();
    let third = connections.admit().unwrap();
    assert!(!first.make_room.is_cancelled() && second.make_room.is_cancelled());
    third.has_signature();
    assert!(connections.admit().is_none(), "all of them are Discord's");
    drop(second);
    assert!(connections.admit().is_none(), "its place was taken");
    drop(first);
    assert!(connections.admit().is_some());
}
