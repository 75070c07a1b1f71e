//! SearchUsers and SearchQuickConnects: the grammar of their criteria and filters.
//!
//! A search is read into one tree of tests first, so that every mistake in it is refused even where no user is looked at.
//! EXACT compares letter by letter, as logins are case-sensitive; STARTS_WITH and CONTAINS ignore case.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::catalog::place;
use super::{Ask, optional, quick_connects as quick_connect_operations, users as user_operations};
use crate::answer::{Outcome, Refusal};
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::world::{Proficiency, Resource, Tags, User, World};

/// The lengths that AWS documents for CONTAINS on names and descriptions.
const CONTAINS_LENGTH: std::ops::RangeInclusive<usize> = 2..=25;
const MILLISECONDS: i64 = 1000;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Search {
    search_criteria: Criteria,
    search_filter: Filter,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Criteria {
    or_conditions: Option<Vec<Criteria>>,
    and_conditions: Option<Vec<Criteria>>,
    string_condition: Option<StringCondition>,
    list_condition: Option<ListCondition>,
    hierarchy_group_condition: Option<HierarchyCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StringCondition {
    field_name: Option<String>,
    value: Option<String>,
    comparison_type: Option<Comparison>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Comparison {
    Exact,
    StartsWith,
    Contains,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListCondition {
    target_list_type: Option<String>,
    #[serde(default)]
    conditions: Vec<ProficiencyCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProficiencyCondition {
    string_condition: Option<StringCondition>,
    number_condition: Option<NumberCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NumberCondition {
    field_name: Option<String>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    comparison_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HierarchyCondition {
    value: Option<String>,
    hierarchy_group_match_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    tag_filter: Option<TagFilter>,
    user_attribute_filter: Option<AttributeFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFilter {
    or_conditions: Option<Vec<Vec<TagCondition>>>,
    and_conditions: Option<Vec<TagCondition>>,
    tag_condition: Option<TagCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagCondition {
    tag_key: Option<String>,
    tag_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeFilter {
    or_conditions: Option<Vec<AttributeConditions>>,
    and_condition: Option<AttributeConditions>,
    tag_condition: Option<TagCondition>,
    hierarchy_group_condition: Option<HierarchyCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeConditions {
    #[serde(default)]
    tag_conditions: Vec<TagCondition>,
    hierarchy_group_condition: Option<HierarchyCondition>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Username,
    FirstName,
    LastName,
    RoutingProfileId,
    SecurityProfileId,
    ResourceId,
    Name,
    Description,
}

const USER_FIELDS: &[(&str, Field)] = &[
    ("Username", Field::Username),
    ("FirstName", Field::FirstName),
    ("LastName", Field::LastName),
    ("RoutingProfileId", Field::RoutingProfileId),
    ("SecurityProfileId", Field::SecurityProfileId),
    ("resourceId", Field::ResourceId),
    // Older texts of the documentation spell it this way.
    ("ResourceId", Field::ResourceId),
];
const QUICK_CONNECT_FIELDS: &[(&str, Field)] =
    &[("name", Field::Name), ("description", Field::Description), ("resourceID", Field::ResourceId)];

/// A search as it is carried out.
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Text(Field, TextTest),
    /// Some one proficiency passes all of these.
    Proficiency(Vec<ProficiencyTest>),
    Groups(BTreeSet<Id>),
    Tag {
        key: String,
        value: Option<String>,
    },
}

struct TextTest {
    comparison: Comparison,
    value: String,
}

enum ProficiencyTest {
    Name(TextTest),
    Value(TextTest),
    Level { least: f64, most: f64, inside: bool },
}

fn required<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid_parameter(format!("{name} is required in a condition.")))
}

fn unknown(what: &str, fields: &str) -> Refusal {
    Refusal::invalid_parameter(format!("The FieldName of a {what} must be one of {fields}."))
}

impl Criteria {
    fn test(self, world: &World, fields: &[(&str, Field)]) -> Result<Test, Refusal> {
        let many = |conditions: Vec<Criteria>| -> Result<Vec<Test>, Refusal> {
            conditions.into_iter().map(|condition| condition.test(world, fields)).collect()
        };
        let given = [
            self.or_conditions.is_some(),
            self.and_conditions.is_some(),
            self.string_condition.is_some(),
            self.list_condition.is_some(),
            self.hierarchy_group_condition.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() > 1 {
            return Err(Refusal::invalid_parameter(
                "Each level of SearchCriteria may hold only one condition. Put several into AndConditions or OrConditions.",
            ));
        }
        if let Some(any) = self.or_conditions.filter(|any| !any.is_empty()) {
            return many(any).map(Test::Any);
        }
        if let Some(condition) = self.string_condition {
            return condition.test(world, fields);
        }
        if let Some(condition) = self.list_condition {
            return condition.test();
        }
        if let Some(condition) = self.hierarchy_group_condition {
            return condition.test(world);
        }
        many(self.and_conditions.unwrap_or_default()).map(Test::All)
    }
}

impl StringCondition {
    fn text(self) -> Result<TextTest, Refusal> {
        let comparison = required(self.comparison_type, "ComparisonType")?;
        Ok(TextTest { comparison, value: required(self.value, "Value")? })
    }

    fn test(self, world: &World, fields: &[(&str, Field)]) -> Result<Test, Refusal> {
        let name = required(self.field_name.clone(), "FieldName")?;
        let known = || fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let (_, field) = fields
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| unknown("StringCondition", &known()))?;
        let mut text = self.text()?;
        let named = matches!(
            field,
            Field::Username | Field::FirstName | Field::LastName | Field::Name | Field::Description
        );
        if named
            && text.comparison == Comparison::Contains
            && !CONTAINS_LENGTH.contains(&text.value.chars().count())
        {
            return Err(Refusal::invalid_parameter("CONTAINS takes a Value of 2 to 25 characters."));
        }
        // An id may be sent as an ARN.
        let kind = match field {
            Field::RoutingProfileId => Some(Kind::RoutingProfile),
            Field::SecurityProfileId => Some(Kind::SecurityProfile),
            _ => None,
        };
        if let Some(id) = kind.and_then(|kind| world.instance.names.id(kind, &text.value)) {
            text.value = id.to_string();
        }
        if text.comparison != Comparison::Exact {
            text.value = text.value.to_lowercase();
        }
        Ok(Test::Text(*field, text))
    }
}

impl ListCondition {
    fn test(self) -> Result<Test, Refusal> {
        required(self.target_list_type, "TargetListType")?;
        let mut tests = Vec::new();
        for condition in self.conditions {
            if let Some(string) = condition.string_condition {
                let field = required(string.field_name.clone(), "FieldName")?;
                let mut text = string.text()?;
                if text.comparison != Comparison::Exact {
                    text.value = text.value.to_lowercase();
                }
                tests.push(match field.as_str() {
                    "name" => ProficiencyTest::Name(text),
                    "value" => ProficiencyTest::Value(text),
                    _ => return Err(unknown("StringCondition on proficiencies", "name, value")),
                });
            }
            if let Some(number) = condition.number_condition {
                tests.push(number.test()?);
            }
        }
        if tests.is_empty() {
            return Err(Refusal::invalid_parameter("A ListCondition must hold a condition."));
        }
        Ok(Test::Proficiency(tests))
    }
}

impl NumberCondition {
    /// GREATER and its like read MinValue, LESSER and its like MaxValue, EQUAL and NOT_EQUAL whichever is there.
    fn test(self) -> Result<ProficiencyTest, Refusal> {
        if required(self.field_name, "FieldName")? != "limit" {
            return Err(unknown("NumberCondition", "limit"));
        }
        let comparison = required(self.comparison_type, "ComparisonType")?;
        #[allow(clippy::cast_precision_loss)] // Levels are from 1 to 5.
        let number = |value: Option<i64>, name: &str| required(value, name).map(|value| value as f64);
        let (min, max) = (self.min_value, self.max_value);
        // Levels have at most a few decimals, so the next float above is above every level that is equal.
        let (least, most, inside) = match comparison.as_str() {
            "GREATER_OR_EQUAL" => (number(min, "MinValue")?, f64::INFINITY, true),
            "GREATER" => (number(min, "MinValue")?.next_up(), f64::INFINITY, true),
            "LESSER_OR_EQUAL" => (f64::NEG_INFINITY, number(max, "MaxValue")?, true),
            "LESSER" => (f64::NEG_INFINITY, number(max, "MaxValue")?.next_down(), true),
            "RANGE" => (number(min, "MinValue")?, number(max, "MaxValue")?, true),
            _ => {
                let value = number(min.or(max), "MinValue")?;
                (value, value, comparison == "EQUAL")
            }
        };
        if least > most {
            return Err(Refusal::invalid_parameter("MinValue must not be greater than MaxValue."));
        }
        Ok(ProficiencyTest::Level { least, most, inside })
    }
}

impl HierarchyCondition {
    /// A group that is not there has nobody in it.
    fn test(self, world: &World) -> Result<Test, Refusal> {
        let value = required(self.value, "Value")?;
        let with_children =
            required(self.hierarchy_group_match_type, "HierarchyGroupMatchType")? == "WITH_CHILD_GROUPS";
        let Some(group) = world.instance.names.id(Kind::HierarchyGroup, &value) else {
            return Ok(Test::Groups(BTreeSet::new()));
        };
        let below =
            |other: &&Arc<Resource>| world.hierarchy_path(other.id).iter().any(|above| above.id == group);
        let children = world.resources(Kind::HierarchyGroup).into_iter().filter(below).map(|other| other.id);
        let mut groups = BTreeSet::from([group]);
        groups.extend(children.filter(|_| with_children));
        Ok(Test::Groups(groups))
    }
}

impl TagCondition {
    /// Without a value, any value of the key will do.
    fn test(self) -> Result<Test, Refusal> {
        Ok(Test::Tag { key: required(self.tag_key, "TagKey")?, value: self.tag_value })
    }
}

fn all_tags(conditions: Vec<TagCondition>) -> Result<Vec<Test>, Refusal> {
    conditions.into_iter().map(TagCondition::test).collect()
}

impl TagFilter {
    fn test(self) -> Result<Test, Refusal> {
        match (self.or_conditions, self.and_conditions, self.tag_condition) {
            (Some(any), None, None) => any
                .into_iter()
                .map(|all| all_tags(all).map(Test::All))
                .collect::<Result<_, _>>()
                .map(Test::Any),
            (None, Some(all), None) => all_tags(all).map(Test::All),
            (None, None, Some(one)) => one.test(),
            (None, None, None) => Ok(Test::All(vec![])),
            _ => Err(Refusal::invalid_parameter("TagFilter may hold only one of its members.")),
        }
    }
}

impl AttributeConditions {
    fn test(self, world: &World) -> Result<Test, Refusal> {
        let mut tests = all_tags(self.tag_conditions)?;
        if let Some(condition) = self.hierarchy_group_condition {
            tests.push(condition.test(world)?);
        }
        Ok(Test::All(tests))
    }
}

impl AttributeFilter {
    fn test(self, world: &World) -> Result<Test, Refusal> {
        match (self.or_conditions, self.and_condition, self.tag_condition, self.hierarchy_group_condition) {
            (Some(any), None, None, None) => {
                any.into_iter().map(|all| all.test(world)).collect::<Result<_, _>>().map(Test::Any)
            }
            (None, Some(all), None, None) => all.test(world),
            (None, None, Some(one), None) => one.test(),
            (None, None, None, Some(one)) => one.test(world),
            (None, None, None, None) => Ok(Test::All(vec![])),
            _ => Err(Refusal::invalid_parameter("UserAttributeFilter may hold only one of its members.")),
        }
    }
}

impl Search {
    fn test(self, world: &World, fields: &[(&str, Field)]) -> Result<Test, Refusal> {
        let filter = match (self.search_filter.tag_filter, self.search_filter.user_attribute_filter) {
            // The operation does not declare this error, and answers it all the same.
            (Some(_), Some(_)) => {
                return Err(Refusal::access_denied(
                    "TagFilter and UserAttributeFilter cannot be used together.",
                ));
            }
            (Some(filter), None) => filter.test()?,
            (None, Some(filter)) => filter.test(world)?,
            (None, None) => Test::All(vec![]),
        };
        Ok(Test::All(vec![self.search_criteria.test(world, fields)?, filter]))
    }
}

impl TextTest {
    fn passes(&self, text: &str) -> bool {
        match self.comparison {
            Comparison::Exact => text == self.value,
            Comparison::StartsWith => text.to_lowercase().starts_with(&self.value),
            Comparison::Contains => text.to_lowercase().contains(&self.value),
        }
    }

    fn passes_id(&self, id: Id) -> bool {
        let mut buffer = uuid::Uuid::encode_buffer();
        self.passes(id.hyphenated().encode_lower(&mut buffer))
    }
}

impl ProficiencyTest {
    fn passes(&self, proficiency: &Proficiency) -> bool {
        match self {
            Self::Name(text) => text.passes(&proficiency.attribute_name),
            Self::Value(text) => text.passes(&proficiency.attribute_value),
            Self::Level { least, most, inside } => (*least..=*most).contains(&proficiency.level) == *inside,
        }
    }
}

fn tag_passes(tags: &Tags, key: &str, value: Option<&String>) -> bool {
    tags.get(key).is_some_and(|found| value.is_none_or(|wanted| wanted == found))
}

impl Test {
    fn is_open(&self) -> bool {
        matches!(self, Self::All(tests) if tests.iter().all(Self::is_open))
    }

    fn passes_user(&self, user: &User) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.passes_user(user)),
            Self::Any(tests) => tests.iter().any(|test| test.passes_user(user)),
            Self::Text(field, text) => match field {
                Field::Username => text.passes(&user.login),
                Field::FirstName => text.passes(user.identity.first_name.as_deref().unwrap_or_default()),
                Field::LastName => text.passes(user.identity.last_name.as_deref().unwrap_or_default()),
                Field::RoutingProfileId => text.passes_id(user.routing_profile),
                Field::SecurityProfileId => user.security_profiles.iter().any(|id| text.passes_id(*id)),
                Field::ResourceId => text.passes_id(user.id),
                Field::Name | Field::Description => false,
            },
            Self::Proficiency(tests) => {
                user.proficiencies.iter().any(|proficiency| tests.iter().all(|test| test.passes(proficiency)))
            }
            Self::Groups(groups) => user.hierarchy_group.is_some_and(|group| groups.contains(&group)),
            Self::Tag { key, value } => tag_passes(&user.tags, key, value.as_ref()),
        }
    }

    fn passes_resource(&self, resource: &Resource) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.passes_resource(resource)),
            Self::Any(tests) => tests.iter().any(|test| test.passes_resource(resource)),
            Self::Text(Field::Name, text) => text.passes(&resource.name),
            Self::Text(Field::Description, text) => {
                text.passes(resource.description.as_deref().unwrap_or_default())
            }
            Self::Text(Field::ResourceId, text) => text.passes_id(resource.id),
            Self::Tag { key, value } => tag_passes(&resource.tags, key, value.as_ref()),
            Self::Text(..) | Self::Proficiency(_) | Self::Groups(_) => false,
        }
    }

    /// The one user that can pass, where the search names one: then nobody else needs to be looked at.
    fn names_one<'w>(&self, world: &'w World) -> Option<Option<&'w Arc<User>>> {
        match self {
            Self::All(tests) => tests.iter().find_map(|test| test.names_one(world)),
            Self::Text(Field::Username, text) if text.comparison == Comparison::Exact => {
                Some(world.user_by_login(&text.value))
            }
            Self::Text(Field::ResourceId, text) if text.comparison == Comparison::Exact => {
                Some(world.instance.names.id(Kind::User, &text.value).and_then(|id| world.user(id)))
            }
            _ => None,
        }
    }
}

pub(super) fn users(world: &World, ask: &Ask) -> Outcome {
    let search: Search = ask.read()?;
    let test = search.test(world, USER_FIELDS)?;
    let page = Page::of(ask, world)?;
    let (found, next, count) = if let Some(one) = test.names_one(world) {
        let one: Vec<_> = one.into_iter().filter(|user| test.passes_user(user)).collect();
        let count = one.len();
        let (found, next) = page.cut(one.into_iter().map(|user| (&*user.login, user)));
        (found, next, count)
    } else if test.is_open() {
        let (found, next) = page.cut(world.users_after(page.after()).map(|user| (&*user.login, user)));
        (found, next, world.user_count())
    } else {
        let all: Vec<_> = world.users_after(None).filter(|user| test.passes_user(user)).collect();
        let count = all.len();
        let (found, next) = page.cut(all.into_iter().map(|user| (&*user.login, user)));
        (found, next, count)
    };
    let shown = |user: &Arc<User>| {
        let mut summary = user_operations::common(world, user, MILLISECONDS);
        let (first, last) = (&user.identity.first_name, &user.identity.last_name);
        let mut identity = json!({});
        optional(&mut identity, "FirstName", first.as_deref());
        optional(&mut identity, "LastName", last.as_deref());
        optional(&mut summary, "IdentityInfo", Some(identity));
        summary
    };
    let mut output =
        json!({ "Users": found.into_iter().map(shown).collect::<Vec<_>>(), "ApproximateTotalCount": count });
    optional(&mut output, "NextToken", next);
    Ok(output)
}

pub(super) fn quick_connects(world: &World, ask: &Ask) -> Outcome {
    let search: Search = ask.read()?;
    let test = search.test(world, QUICK_CONNECT_FIELDS)?;
    let page = Page::of(ask, world)?;
    let all: Vec<_> =
        world.resources(Kind::QuickConnect).into_iter().filter(|found| test.passes_resource(found)).collect();
    let count = all.len();
    let (found, next) = page.cut(all.into_iter().map(|resource| (place(resource), resource)));
    let shown = found.into_iter().map(|resource| quick_connect_operations::described(world, resource));
    let mut output = json!({ "QuickConnects": shown.collect::<Vec<_>>(), "ApproximateTotalCount": count });
    optional(&mut output, "NextToken", next);
    Ok(output)
}
