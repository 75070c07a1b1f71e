//! Options that say how many contacts of each channel an agent takes.

use desk_core::args;
use desk_core::center::Channel;
use desk_core::words::Kind;

args! {
    pub(crate) struct SlotArgs {
        voice: Option<usize> = optional(Kind::Integer(0, 1), "Calls at a time: 1, or 0 to turn the channel off"),
        chat: Option<usize> = optional(Kind::Integer(0, 10), "Chats at a time; 0 turns the channel off"),
        task: Option<usize> = optional(Kind::Integer(0, 10), "Tasks at a time; 0 turns the channel off"),
        email: Option<usize> = optional(Kind::Integer(0, 10), "Emails at a time; 0 turns the channel off"),
    }
}

impl SlotArgs {
    pub(crate) fn all(&self) -> [(Channel, Option<usize>); 4] {
        [
            (Channel::Voice, self.voice),
            (Channel::Chat, self.chat),
            (Channel::Task, self.task),
            (Channel::Email, self.email),
        ]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all().iter().all(|(_, slots)| slots.is_none())
    }
}
