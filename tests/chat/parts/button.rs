//! Custom ids: what only this desk can make, and reads again.

use std::sync::Arc;

use connect_desk::discord::button::{ButtonAction, ButtonSigner};
use desk_core::basics::ids::RequestNo;
use secrecy::SecretBox;

fn signer(key: u8) -> ButtonSigner {
    ButtonSigner::new(Arc::new(SecretBox::new(Box::new([key; 32]))))
}

#[test]
fn a_button_means_the_same_after_a_restart_and_nothing_to_another_desk() {
    let presses = [
        ButtonAction::Decide {
            path: "desk approve".to_owned(),
            no: RequestNo(7),
            plan: Some("cc89e2".to_owned()),
        },
        ButtonAction::Decide { path: "desk reveal".to_owned(), no: RequestNo(u64::MAX), plan: None },
        ButtonAction::Kept { interaction: u64::MAX },
        ButtonAction::Page { page: 12, line: "/connect find group:\"a: b\"".to_owned() },
    ];
    for press in presses {
        let id = signer(1).id(&press);
        assert!(id.len() <= 100, "{id}");
        assert_eq!(signer(1).read(&id).unwrap(), press);
        assert_eq!(signer(2).read(&id).unwrap_err().code, "button_unknown");
    }
}

#[test]
fn no_character_of_a_button_can_be_changed() {
    let press = ButtonAction::Decide {
        path: "desk approve".to_owned(),
        no: RequestNo(7),
        plan: Some("cc89e2".to_owned()),
    };
    let id = signer(1).id(&press);
    for at in 0..id.len() {
        for other in ["0", "8", "a", ":", "_"] {
            let mut changed = id.clone();
            changed.replace_range(at..=at, other);
            if changed != id {
                assert!(signer(1).read(&changed).is_err(), "{changed}");
            }
        }
    }
    for odd in ["", ":", "1", "1:approve:7", "1:approve:7:cc89e2:", "approve", "1::::::"] {
        assert!(signer(1).read(odd).is_err(), "{odd}");
    }
}
