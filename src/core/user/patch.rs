//! What someone wants set for a user, from the options of a command or from a row of a file; what is not said stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::basics::address;
use crate::basics::clean;
use crate::basics::problem::Problem;
use crate::basics::text::{code, whole};
use crate::center::{ContactCenter, names};
use crate::profile::{
    CHAT_WORK_MAX, Channel, Field, Fields, Means, NONE, Named, Phone, Profile, ROWS, Row, TAGS_MAX, Value,
    ValueKind, is_amazons, longest_work,
};
use crate::words::Args;

/// The most security profiles a user has (UpdateUserSecurityProfiles).
const SECURITY_PROFILES_MAX: usize = 10;

/// What is wanted of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Set(Value),
    Clear,
    /// Names of things as they were typed, which are not looked up yet.
    Typed(Vec<String>),
    Add(Named),
    Remove(Named),
    /// Tags that are set, and those that are taken off.
    Keys(BTreeMap<String, Option<String>>),
}

/// All wishes of one user, in the order in which they were said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    wishes: Vec<(Field, Wish)>,
    /// What became of names that were typed.
    names: Vec<String>,
}

impl UserPatch {
    pub fn wish(&mut self, field: Field, wish: Wish) {
        self.wishes.push((field, wish));
    }

    pub fn is_empty(&self) -> bool {
        self.wishes.is_empty()
    }

    pub fn has(&self, field: Field) -> bool {
        self.wishes.iter().any(|(other, _)| *other == field)
    }

    /// What is to be set, as far as it needs no looking up.
    pub fn values(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.wishes.iter().filter_map(|(field, wish)| match wish {
            Wish::Set(value) => Some((*field, value)),
            _ => None,
        })
    }

    pub fn value(&self, field: Field) -> Option<&Value> {
        self.values().find_map(|(other, value)| (other == field).then_some(value))
    }

    pub fn text(&self, field: Field) -> Option<&str> {
        match self.value(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The names that were typed for a field.
    pub fn typed(&self, field: Field) -> &[String] {
        let found = self.wishes.iter().find_map(|(other, wish)| match wish {
            Wish::Typed(names) if *other == field => Some(names.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Adds a name to those that were typed for a field, which several columns of a file may do.
    pub fn type_name(&mut self, field: Field, name: String) {
        for (other, wish) in &mut self.wishes {
            if let (true, Wish::Typed(names)) = (*other == field, wish) {
                names.push(name);
                return;
            }
        }
        self.wishes.push((field, Wish::Typed(vec![name])));
    }

    /// The same with what was typed as the things that were found under these names, and without what was not found.
    pub fn with_names(mut self, found: Vec<(Field, Value)>) -> UserPatch {
        self.wishes.retain(|(_, wish)| !matches!(wish, Wish::Typed(_)));
        self.wishes.extend(found.into_iter().map(|(field, value)| (field, Wish::Set(value))));
        self
    }

    pub fn without(mut self, field: Field) -> UserPatch {
        self.wishes.retain(|(other, _)| *other != field);
        self
    }

    /// The same without what a user has as good as that already: blanks around a text are not read from a file, accents are put
    /// onto their letters, things are compared by their ids, and Amazon's own tags are not written.
    pub fn unlike(mut self, profile: &Profile) -> UserPatch {
        let text = |text: &str| clean::name(text).into_owned();
        let ids = |all: &[Named]| all.iter().map(|named| named.id.clone()).collect::<BTreeSet<_>>();
        let tags = |tags: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let own = tags.iter().filter(|(key, _)| !is_amazons(key.trim()));
            own.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
        };
        self.wishes.retain(|(field, wish)| match (wish, field.get(profile)) {
            (Wish::Set(Value::Text(new)), Some(Value::Text(old))) => *new != text(&old),
            (Wish::Set(Value::Names(new)), Some(Value::Names(old))) => ids(new) != ids(&old),
            (Wish::Set(Value::Tags(new)), old) => {
                let old = if let Some(Value::Tags(old)) = old { old } else { BTreeMap::new() };
                tags(&old) != *new
            }
            _ => true,
        });
        self
    }

    /// Does to a profile what is wished.
    pub fn put(&self, profile: &mut Profile) {
        for (field, wish) in &self.wishes {
            match wish {
                Wish::Set(value) => field.set(profile, Some(value.clone())),
                Wish::Clear => field.set(profile, None),
                Wish::Typed(_) => {}
                Wish::Add(named) | Wish::Remove(named) => {
                    let Some(Value::Names(mut all)) = field.get(profile) else { continue };
                    match wish {
                        Wish::Add(_) if !all.contains(named) => all.push(named.clone()),
                        Wish::Remove(_) => all.retain(|one| one != named),
                        _ => {}
                    }
                    field.set(profile, Some(Value::Names(all)));
                }
                Wish::Keys(tags) => {
                    for (key, value) in tags {
                        match value {
                            Some(value) => profile.tags.insert(key.clone(), value.clone()),
                            None => profile.tags.remove(key),
                        };
                    }
                }
            }
        }
    }

    /// Reads the options that a command has of the rows of users, by their names, and looks up what they name.
    pub async fn of_options(args: &Args, center: &dyn ContactCenter) -> Result<UserPatch, Problem> {
        let mut patch = UserPatch::default();
        let channels: Option<Vec<Channel>> = args
            .text("channel")
            .map(|word| Channel::ALL.into_iter().filter(|one| word == "all" || one.word() == word).collect());
        for row in ROWS {
            for option in row.options {
                for arg in option.edit.or(option.add).iter().filter(|arg| args.get(arg.name).is_some()) {
                    patch.read(row, option.means, arg.name, args, center, channels.as_deref()).await?;
                }
            }
        }
        patch.checked(channels.as_deref())
    }

    /// Reads one option that is there.
    async fn read(
        &mut self,
        row: &'static Row,
        means: Means,
        name: &str,
        args: &Args,
        center: &dyn ContactCenter,
        channels: Option<&[Channel]>,
    ) -> Result<(), Problem> {
        let typed = args.text(name).unwrap_or_default();
        let fields: Vec<(Field, Channel)> = match row.fields {
            Fields::Channels(field, meant) => {
                channels.unwrap_or(meant).iter().map(|channel| (field(*channel), *channel)).collect()
            }
            _ => row.all().collect(),
        };
        let clears = means == Means::Value && typed.eq_ignore_ascii_case(NONE);
        let wish = match (means, row.kind) {
            (Means::Channel, _) | (_, ValueKind::Id | ValueKind::Apart) => return Ok(()),
            (_, ValueKind::Tags) => {
                let keys =
                    if means == Means::Untag { tags(None, Some(typed))? } else { tags(Some(typed), None)? };
                let before = self.wishes.iter_mut().find_map(|(_, wish)| match wish {
                    Wish::Keys(before) => Some(before),
                    _ => None,
                });
                if let Some(before) = before {
                    return keys.into_iter().try_for_each(|(key, value)| put_tag(before, key, value));
                }
                if keys.is_empty() {
                    return Ok(());
                }
                Wish::Keys(keys)
            }
            (_, ValueKind::SecondaryEmail | ValueKind::Phone | ValueKind::Path) if clears => Wish::Clear,
            (_, ValueKind::Name(_)) => {
                if clears {
                    let message = format!("{} can't be {}.", code(name), code(NONE));
                    return Err(Problem::requester("name_none", message)
                        .hint("Type a name: every user has a first and a last name."));
                }
                self.names.extend(clean::notes(typed));
                let name = clean::name(typed);
                if name.is_empty() {
                    return Err(Problem::requester("name_unseen", "The name has only invisible characters.")
                        .hint("Type it again."));
                }
                Wish::Set(Value::Text(name.into_owned()))
            }
            (_, ValueKind::Email) => Wish::Set(Value::Text(address::email(typed)?)),
            (_, ValueKind::SecondaryEmail) => Wish::Set(Value::Text(address::secondary_email(typed)?)),
            (_, ValueKind::Phone) => Wish::Set(Value::Text(address::phone(typed)?)),
            (_, ValueKind::Named) => Wish::Set(Value::Named(names::resolve(
                "routing profile",
                typed,
                &center.routing_profiles().await?,
            )?)),
            (_, ValueKind::Path) => Wish::Set(Value::Named(names::hierarchy_group(center, typed).await?)),
            (_, ValueKind::Names) => {
                let all = center.security_profiles().await?;
                let one = |typed: &str| names::resolve("security profile", typed, &all);
                match means {
                    Means::Add => Wish::Add(one(typed)?),
                    Means::Remove => Wish::Remove(one(typed)?),
                    _ => Wish::Set(Value::Names(several(typed, &one)?)),
                }
            }
            (_, ValueKind::OnOff) => Wish::Set(Value::On(args.flag(name))),
            (_, ValueKind::Seconds) => {
                let seconds =
                    args.integer(name).and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or_default();
                for (field, channel) in fields {
                    // The same on every channel, as far as each goes.
                    let value = Value::Seconds(seconds.min(longest_work(channel)));
                    self.wish(field, Wish::Set(value));
                }
                let chat_only = channels == Some(&[Channel::Chat]);
                if chat_only && seconds > CHAT_WORK_MAX {
                    return Err(Problem::requester(
                        "options_conflict",
                        "After contact work for chats can be at most 5400 seconds.",
                    )
                    .hint("Type `acw:5400` or less."));
                }
                return Ok(());
            }
            (_, ValueKind::Choice { .. }) => match row.choice(typed) {
                Some(choice) => Wish::Set(Value::Choice(choice.word)),
                None => return Ok(()),
            },
        };
        self.wishes.extend(fields.into_iter().map(|(field, _)| (field, wish.clone())));
        Ok(())
    }

    fn checked(self, channels: Option<&[Channel]>) -> Result<UserPatch, Problem> {
        let refused =
            |message: &str, next: &str| Err(Problem::requester("options_conflict", message).hint(next));
        let of_channels = |(field, _): &(Field, Wish)| field.row().0.has_channels();
        if channels.is_some() && !self.wishes.iter().any(of_channels) {
            return refused(
                "`channel` needs `auto_accept` or `acw`.",
                "Add `auto_accept:…` or `acw:…`, or leave it out.",
            );
        }
        let one_by_one = |(_, wish): &(Field, Wish)| matches!(wish, Wish::Add(_) | Wish::Remove(_));
        if self.value(Field::SecurityProfiles).is_some() && self.wishes.iter().any(one_by_one) {
            return refused(
                "You can't set all security profiles and also add or remove one.",
                "Use `security_profiles:…` with the complete list, or add and remove single ones.",
            );
        }
        let added = |named: &Named| self.wishes.iter().any(|(_, wish)| *wish == Wish::Add(named.clone()));
        let both = self.wishes.iter().find_map(|(_, wish)| match wish {
            Wish::Remove(named) if added(named) => Some(named),
            _ => None,
        });
        if let Some(both) = both {
            return refused(
                &format!("You can't both add and remove {}.", whole(&both.name)),
                "Leave out `add_security_profile:…` or `remove_security_profile:…`.",
            );
        }
        Ok(self)
    }

    /// What was understood otherwise than it was typed.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.names.clone();
        notes.sort();
        notes.dedup();
        notes
    }

    /// The option that is one person's own, if one was said.
    pub fn personal(&self) -> Option<&'static str> {
        let said = |row: &&Row| {
            row.personal
                && row.all().any(|(field, _)| {
                    self.wishes.iter().any(|(other, wish)| *other == field && *wish != Wish::Clear)
                })
        };
        let row = ROWS.iter().find(said)?;
        row.options.iter().find_map(|option| option.edit).map(|arg| arg.name)
    }

    /// The profile with the wishes of options fulfilled. `login` is whose it is, for sentences.
    pub fn applied(&self, login: &str, old: &Profile) -> Result<Profile, Problem> {
        let mut patch = self.clone();
        // No one who has nothing needs to be given what means the same.
        patch.wishes.retain(|(field, wish)| {
            let absent = field.row().0.absent.map(|absent| Wish::Set(absent.into()));
            absent.as_ref() != Some(wish) || field.get(old).is_some()
        });
        let mut new = old.clone();
        patch.put(&mut new);
        let profiles = &new.security_profiles;
        if profiles.is_empty() && self.wishes.iter().any(|(_, wish)| matches!(wish, Wish::Remove(_))) {
            return Err(Problem::requester(
                "security_profile_last",
                format!("{} would have no security profile. A user needs at least one.", code(login)),
            )
            .hint("Add another one with `add_security_profile:…`."));
        }
        if profiles.len() > SECURITY_PROFILES_MAX {
            return Err(Problem::requester(
                "security_profiles_too_many",
                format!("{} would have {} security profiles.", code(login), profiles.len()),
            )
            .hint(format!("A user can have at most {SECURITY_PROFILES_MAX}. Remove some.")));
        }
        let tags = new.tags.keys().filter(|key| !is_amazons(key)).count();
        if tags > TAGS_MAX && self.has(Field::Tags) {
            return Err(Problem::requester(
                "tags_too_many",
                format!("{} would have {tags} tags. A user can have at most {TAGS_MAX}.", code(login)),
            )
            .hint("Set fewer, or take some off with `untag:…`."));
        }
        let phone = self.has(Field::PhoneType) || self.has(Field::PhoneNumber);
        if phone && new.settings.phone == Some(Phone::Desk { number: None }) {
            return Err(Problem::requester(
                "phone_number",
                format!("A desk phone needs a number, and {} has none on file.", code(login)),
            )
            .hint("Add it with the country code, such as `phone_number:+15550100142`."));
        }
        Ok(new)
    }
}

/// Names with commas between them, or `|` as in sheets; one whole name may have a comma of its own.
fn several(typed: &str, one: &impl Fn(&str) -> Result<Named, Problem>) -> Result<Vec<Named>, Problem> {
    let parts: Vec<&str> = typed.split([',', '|']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if let (Ok(whole), true) = (one(typed), parts.len() != 1) {
        return Ok(vec![whole]);
    }
    let mut all: Vec<Named> = Vec::new();
    for part in parts {
        let named = one(part)?;
        if !all.contains(&named) {
            all.push(named);
        }
    }
    Ok(all)
}

/// `tag` is `key=value`, `untag` is a key; each may be several with commas between them.
fn tags(set: Option<&str>, off: Option<&str>) -> Result<BTreeMap<String, Option<String>>, Problem> {
    let mut tags = BTreeMap::new();
    let parts = |typed: &'_ str| -> Vec<String> {
        typed.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    for part in set.map(parts).unwrap_or_default() {
        let Some((key, value)) = part.split_once('=') else {
            return Err(Problem::requester("tag", format!("{} is not a tag.", code(&part)))
                .hint("Type it as `tag:key=value`, such as `tag:team=red`."));
        };
        put_tag(&mut tags, tag_key(key)?, Some(tag_value(value)?))?;
    }
    for part in off.map(parts).unwrap_or_default() {
        put_tag(&mut tags, tag_key(&part)?, None)?;
    }
    Ok(tags)
}

/// One more tag; one that was given otherwise before is refused.
fn put_tag(
    tags: &mut BTreeMap<String, Option<String>>,
    key: String,
    value: Option<String>,
) -> Result<(), Problem> {
    if tags.get(&key).is_some_and(|before| *before != value) {
        let message = format!("You gave the tag {} in two different ways.", code(&key));
        return Err(Problem::requester("options_conflict", message)
            .hint("Give each tag once, in `tag:…` or in `untag:…`."));
    }
    tags.insert(key, value);
    Ok(())
}

/// 1 to 128 of the characters that AWS takes in a key, and not a key of its own.
fn tag_key(typed: &str) -> Result<String, Problem> {
    let key = typed.trim();
    let fits = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let length = key.chars().count();
    if (1..=128).contains(&length) && key.chars().all(fits) && !key.starts_with("aws:") {
        return Ok(key.to_owned());
    }
    Err(Problem::requester("tag", format!("{} isn't a valid tag key.", code(key)))
        .hint("A key can have up to 128 letters, digits, spaces and `_ . : / = + - @`, and can't begin with `aws:`."))
}

fn tag_value(typed: &str) -> Result<String, Problem> {
    let value = typed.trim();
    if value.chars().count() <= 256 {
        return Ok(value.to_owned());
    }
    Err(Problem::requester("tag", format!("The value {} of a tag is too long.", code(value)))
        .hint("A value can have at most 256 characters."))
}
