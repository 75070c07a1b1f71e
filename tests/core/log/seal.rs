//! Seals of batches.

use desk_core::log::Seal;
use desk_core::log::checkpoint::Checkpoint;
use ed25519_dalek::SigningKey;

#[test]
fn a_seal_is_canonical_json_and_comes_back_the_same() {
    let checkpoint = Checkpoint {
        origin: "desk".to_owned(),
        size: 2,
        root: [9; 32],
        extensions: vec!["bytes 7".to_owned()],
    };
    let note = checkpoint.sign(&SigningKey::from_bytes(&[7; 32]));
    let leaves = vec![[1; 32], [2; 32]];
    let bytes = Seal::encode(&note, &leaves);
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
    assert_eq!(Seal::decode(&bytes), Some(Seal { note: note.clone(), checkpoint, leaves }));
    assert_eq!(Seal::decode(br#"{"about":["john.doe"]}"#), None);
    assert_eq!(Seal::decode(&Seal::encode(&note, &[[0; 32]; 3])), None, "more leaves than the log has lines");
}
