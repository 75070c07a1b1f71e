//! The hashes of the log.

use desk_core::basics::text::hex;
use desk_core::log::merkle::{Edge, empty_root, leaf};

#[test]
fn the_hashes_are_those_of_rfc_6962() {
    // Test vectors of the certificate-transparency project, merkletree/merkle_tree_test.
    assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(&leaf(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    let inputs: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
    let mut edge = Edge::default();
    inputs.iter().for_each(|input| edge.push(leaf(input)));
    assert_eq!(hex(&edge.root()), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}
