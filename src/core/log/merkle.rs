//! The Merkle tree of RFC 6962, section 2: leaf and node hashes, the root, and proofs that a line is in a log and that
//! an older log is the beginning of a newer one.
//!
//! Proofs work over anything that gives the hash of a complete subtree, so no one has to hold a million hashes.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 of 0x00 and the line's bytes.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256 of 0x01 and its two children.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The right edge of a tree: the roots of its complete subtrees from the largest to the smallest.
///
/// Appending touches the edge alone, so a log of any size is extended and its root told from at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// One for each bit set in `size`, from the highest.
    subtrees: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size` leaves; `None` when the number of subtrees does not fit the size.
    pub fn new(size: u64, subtrees: Vec<Hash>) -> Option<Edge> {
        (subtrees.len() == size.count_ones() as usize).then_some(Edge { size, subtrees })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Adds a leaf hash on the right.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Adds a complete subtree of `2^height` leaves on the right; the size must be a multiple of that.
    pub fn push_subtree(&mut self, height: u32, root: Hash) {
        debug_assert_eq!(
            self.size % (1 << height),
            0,
            "a subtree is appended where its size divides the tree's"
        );
        let mut hash = root;
        let mut level = height;
        while self.size >> level & 1 == 1 {
            if let Some(left) = self.subtrees.pop() {
                hash = node(&left, &hash);
            }
            level += 1;
        }
        self.subtrees.push(hash);
        self.size += 1 << height;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(last) = subtrees.next() else { return empty_root() };
        subtrees.fold(*last, |right, left| node(left, &right))
    }
}

/// The root of the complete or incomplete tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(*leaf));
    edge.root()
}

/// Gives the root of the leaves `start..end`, where the range is one that RFC 6962 splits a tree into.
pub trait Subtrees {
    type Error;

    /// The hash over the leaves `start..end`; `start` is a multiple of the largest power of two below or at the length.
    fn subtree(&mut self, start: u64, end: u64) -> Result<Hash, Self::Error>;
}

/// The largest power of two smaller than `n` (RFC 6962: k); `n` is at least 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The audit path for leaf `index` in the tree of the first `size` leaves (RFC 6962, section 2.1.1).
///
/// The index must be below the size.
pub fn inclusion_proof<S: Subtrees>(trees: &mut S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    fn path<S: Subtrees>(
        trees: &mut S,
        index: u64,
        start: u64,
        end: u64,
        out: &mut Vec<Hash>,
    ) -> Result<(), S::Error> {
        if end - start <= 1 {
            return Ok(());
        }
        let middle = start + split(end - start);
        if index < middle {
            path(trees, index, start, middle, out)?;
            out.push(trees.subtree(middle, end)?);
        } else {
            path(trees, index, middle, end, out)?;
            out.push(trees.subtree(start, middle)?);
        }
        Ok(())
    }
    let mut out = Vec::new();
    path(trees, index, 0, size, &mut out)?;
    Ok(out)
}

/// Whether the path leads from the leaf to the root (RFC 9162, section 2.1.3.2).
pub fn check_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            hash = node(sibling, &hash);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && hash == *root
}

/// The proof that the first `old` leaves are the beginning of the first `new` (RFC 6962, section 2.1.2).
///
/// `old` is at least 1 and at most `new`.
pub fn consistency_proof<S: Subtrees>(trees: &mut S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    fn path<S: Subtrees>(
        trees: &mut S,
        old: u64,
        start: u64,
        end: u64,
        whole: bool,
        out: &mut Vec<Hash>,
    ) -> Result<(), S::Error> {
        if old == end {
            if !whole {
                out.push(trees.subtree(start, end)?);
            }
            return Ok(());
        }
        let middle = start + split(end - start);
        if old <= middle {
            path(trees, old, start, middle, whole, out)?;
            out.push(trees.subtree(middle, end)?);
        } else {
            path(trees, old, middle, end, false, out)?;
            out.push(trees.subtree(start, middle)?);
        }
        Ok(())
    }
    let mut out = Vec::new();
    if old < new {
        path(trees, old, 0, new, true, &mut out)?;
    }
    Ok(out)
}

/// Whether the proof shows that the old log is the beginning of the new one (RFC 9162, section 2.1.4.2).
pub fn check_consistency(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 || old > new {
        return false;
    }
    let mut path = Vec::with_capacity(proof.len() + 1);
    if old.is_power_of_two() {
        path.push(*old_root);
    }
    path.extend_from_slice(proof);
    let Some((first, rest)) = path.split_first() else { return false };
    let (mut f, mut s) = (old - 1, new - 1);
    while f & 1 == 1 {
        f >>= 1;
        s >>= 1;
    }
    let (mut fr, mut sr) = (*first, *first);
    for hash in rest {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            fr = node(hash, &fr);
            sr = node(hash, &sr);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            sr = node(&sr, hash);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && fr == *old_root && sr == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            crate::basics::text::hex(&empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            crate::basics::text::hex(&leaf(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        let inputs: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let hashes: Vec<Hash> = inputs.iter().map(|input| leaf(input)).collect();
        assert_eq!(
            crate::basics::text::hex(&root(&hashes)),
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
        );
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
}
