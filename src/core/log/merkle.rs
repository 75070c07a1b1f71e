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
