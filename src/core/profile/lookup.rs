//! What the table says of a field, and of a value that it has.

use super::fields::{Field, Fields, PLAIN, ROWS, Row};
use super::table::{Choice, Value, ValueKind, limit, names, on_or_off};
use super::{Channel, Profile};

static PLAIN_ROW: Row = PLAIN;

impl Row {
    /// Its fields, each with its channel; one without channels comes with that of voice.
    pub fn all(&self) -> impl Iterator<Item = (Field, Channel)> + use<> {
        let fields = self.fields;
        let last = match fields {
            Fields::One(_) => 1,
            Fields::Channels(..) => 4,
            Fields::Levels(_) => 5,
        };
        (1_u8..=last).filter_map(move |at| match fields {
            Fields::One(field) => Some((field, Channel::Voice)),
            Fields::Channels(field, _) => {
                Channel::ALL.get(usize::from(at) - 1).map(|channel| (field(*channel), *channel))
            }
            Fields::Levels(field) => Some((field(at), Channel::Voice)),
        })
    }

    pub fn has_channels(&self) -> bool {
        matches!(self.fields, Fields::Channels(..))
    }

    /// A value as people read it.
    pub fn said(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Named(named) => named.name.clone(),
            Value::Names(all) => names(all),
            Value::On(on) => on_or_off(*on).to_owned(),
            Value::Seconds(seconds) => limit(*seconds),
            Value::Choice(word) => self.choice(word).map_or(*word, |choice| choice.label).to_owned(),
            Value::Tags(tags) => {
                let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                tags.join(", ")
            }
        }
    }

    /// One of the values that there are to choose from.
    pub fn choice(&self, word: &str) -> Option<&'static Choice> {
        match self.kind {
            ValueKind::Choice { choices, .. } => choices.iter().find(|choice| choice.word == word),
            _ => None,
        }
    }
}

impl Field {
    /// Every field with its row and channel.
    pub fn all() -> impl Iterator<Item = (Field, Channel, &'static Row)> {
        ROWS.iter().flat_map(|row| row.all().map(move |(field, channel)| (field, channel, row)))
    }

    /// All there is to know of it, and the channel that it is of.
    pub fn row(self) -> (&'static Row, Channel) {
        let found = Field::all().find(|(field, ..)| *field == self);
        found.map_or((&PLAIN_ROW, Channel::Voice), |(_, channel, row)| (row, channel))
    }

    pub fn get(self, profile: &Profile) -> Option<Value> {
        let (row, channel) = self.row();
        (row.get)(profile, channel)
    }

    pub fn set(self, profile: &mut Profile, value: Option<Value>) {
        let (row, channel) = self.row();
        (row.set)(profile, channel, value);
    }

    /// The title of its column.
    pub fn title(self) -> String {
        let (row, channel) = self.row();
        match self {
            Field::HierarchyLevel(level) => row.title.replace("{}", &level.to_string()),
            _ if channel == Channel::Voice && !row.voice_title.is_empty() => row.voice_title.to_owned(),
            _ => row.title.replace("{}", channel.word()),
        }
    }

    /// What people and other tools call its column too.
    pub fn aliases(self) -> Vec<String> {
        let (row, channel) = self.row();
        match self {
            Field::HierarchyLevel(level) => {
                row.aliases.iter().map(|alias| alias.replace("{}", &level.to_string())).collect()
            }
            _ if channel == Channel::Voice => row.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            _ => Vec::new(),
        }
    }
}
