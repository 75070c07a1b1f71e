//! The hashes of the log and the proofs of them.

use desk_core::basics::text::hex;
use desk_core::log::merkle::{
    Hash, Subtrees, check_consistency, check_inclusion, consistency_proof, empty_root, inclusion_proof, leaf,
    root,
};

struct Leaves(Vec<Hash>);

impl Subtrees for Leaves {
    type Error = std::convert::Infallible;

    fn subtree(&mut self, start: u64, end: u64) -> Result<Hash, Self::Error> {
        Ok(root(&self.0[start as usize..end as usize]))
    }
}

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf(&i.to_be_bytes())).collect()
}

#[test]
fn the_hashes_are_those_of_rfc_6962() {
    // Test vectors of the certificate-transparency project, merkletree/merkle_tree_test.
    assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(&leaf(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    let inputs: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
    let hashes: Vec<Hash> = inputs.iter().map(|input| leaf(input)).collect();
    assert_eq!(hex(&root(&hashes)), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}

#[test]
fn every_proof_of_small_trees_holds_and_no_other_does() {
    for size in 1..40u64 {
        let all = leaves(size);
        let new_root = root(&all);
        let mut trees = Leaves(all.clone());
        for index in 0..size {
            let Ok(proof) = inclusion_proof(&mut trees, index, size);
            assert!(check_inclusion(&all[index as usize], index, size, &proof, &new_root));
            assert!(!check_inclusion(&all[index as usize], index + 1, size, &proof, &new_root));
            let other = leaf(b"other");
            assert!(!check_inclusion(&other, index, size, &proof, &new_root));
        }
        for old in 1..=size {
            let old_root = root(&all[..old as usize]);
            let Ok(proof) = consistency_proof(&mut trees, old, size);
            assert!(check_consistency(old, size, &old_root, &new_root, &proof), "{old} {size}");
            let other = leaf(b"other");
            assert!(!check_consistency(old, size, &other, &new_root, &proof));
            assert!(!check_consistency(old, size, &old_root, &other, &proof));
        }
    }
}
