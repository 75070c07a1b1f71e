//! Signed checkpoints.

use desk_core::log::checkpoint::{Checkpoint, NoteError, Verifier};
use ed25519_dalek::SigningKey;

#[test]
fn a_checkpoint_opens_with_its_key_and_with_no_other() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let checkpoint = Checkpoint {
        origin: "desk.example".to_owned(),
        size: 42,
        root: [9; 32],
        extensions: vec!["bytes 1234".to_owned()],
    };
    let note = checkpoint.sign(&key);
    let verifier = Verifier::of("desk.example", &key);
    assert_eq!(Checkpoint::open(&note, &verifier).unwrap(), checkpoint);
    assert_eq!(checkpoint.extension("bytes"), Some("1234"));
    assert_eq!(Verifier::parse(&verifier.to_string()).unwrap(), verifier);
    let other = Verifier::of("desk.example", &SigningKey::from_bytes(&[8; 32]));
    assert_eq!(Checkpoint::open(&note, &other), Err(NoteError::Signature));
    for (i, _) in note.char_indices() {
        let mut bytes = note.clone().into_bytes();
        bytes[i] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(Checkpoint::open(&changed, &verifier).is_err(), "byte {i}");
        }
    }
}

#[test]
fn the_verifier_key_is_the_one_go_tools_read() {
    // The example of golang.org/x/mod/sumdb/note.
    let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(Verifier::parse(known).unwrap().to_string(), known);
    let text = "PeterNeumann\n\n";
    assert_eq!(Checkpoint::open(text, &Verifier::parse(known).unwrap()), Err(NoteError::Form));
}
