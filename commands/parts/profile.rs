//! How contacts reach a new user of whom nothing else is said, as the site has decided.

use desk_core::policy::site::NewUsers;
use desk_core::profile::{AfterContactWork, AutoAccept, Channel, Phone, Settings, longest_work};

pub(crate) fn new_settings(new: &NewUsers) -> Settings {
    let work = |channel| {
        let seconds = new.acw.min(longest_work(channel));
        (channel, AfterContactWork { seconds, first_callback_seconds: None })
    };
    Settings {
        auto_accept: [(Channel::Voice, AutoAccept { on: new.auto_accept, first_callback: None })].into(),
        after_contact_work: Channel::ALL.map(work).into(),
        phone: Some(match new.desk_phone {
            true => Phone::Desk { number: None },
            false => Phone::Soft { number: None },
        }),
        ..Settings::default()
    }
}
