//! Seals of batches.

use desk_core::log::Seal;
use desk_core::log::checkpoint::Checkpoint;
use desk_core::log::merkle::Edge;
use ed25519_dalek::SigningKey;

#[test]
fn a_seal_is_canonical_json_and_comes_back_the_same() {
    let mut edge = Edge::default();
    [[8; 32], [9; 32]].into_iter().for_each(|leaf| edge.push(leaf));
    let key = SigningKey::from_bytes(&[7; 32]);
    let checkpoint = Seal::checkpoint("desk", &edge, 0);
    let note = checkpoint.sign(&key);
    let leaves = vec![[1; 32], [2; 32]];
    let bytes = Seal::encode(&note, &leaves);
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
    assert_eq!(Seal::decode(&bytes), Some(Seal { note: note.clone(), checkpoint, leaves }));
    // One that is written in another way, or is of other lines than it says that it is, is none.
    let blank = [bytes.as_slice(), b" "].concat();
    let others = [0, 1, 3].map(|leaves| Seal::encode(&note, &vec![[0; 32]; leaves]));
    let unsaid = Checkpoint { extensions: Vec::new(), ..Seal::checkpoint("desk", &edge, 0) };
    let unsaid = Seal::encode(&unsaid.sign(&key), &[[1; 32], [2; 32]]);
    for none in [br#"{"about":["john.doe"]}"#.to_vec(), blank, unsaid].into_iter().chain(others) {
        assert_eq!(Seal::decode(&none), None, "{}", String::from_utf8_lossy(&none));
    }
}
