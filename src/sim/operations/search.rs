//! The searches: the grammar of their criteria and filters, over whatever is searched.
//!
//! A search is read into one tree of tests first, so that every mistake in it is refused even where nothing is looked at.
//! EXACT compares letter by letter, as logins are case-sensitive; STARTS_WITH and CONTAINS ignore case.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::lists::place;
use crate::answer::{Outcome, Refusal, optional};
use crate::call::Call;
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::world::{Proficiency, Resource, Tags, User, World};

/// The lengths that AWS documents for CONTAINS on names and descriptions.
const CONTAINS_LENGTH: std::ops::RangeInclusive<usize> = 2..=25;
/// How many conditions AWS documents for UserAttributeFilter.
const MOST_TAG_CONDITIONS: usize = 25;
const MOST_GROUP_CONDITIONS: usize = 20;

/// What can be searched.
pub(super) trait Searchable {
    fn tags(&self) -> &Tags;

    fn hierarchy_group(&self) -> Option<Id> {
        None
    }

    fn proficiencies(&self) -> &[Proficiency] {
        &[]
    }
}

impl Searchable for User {
    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn hierarchy_group(&self) -> Option<Id> {
        self.hierarchy_group
    }

    fn proficiencies(&self) -> &[Proficiency] {
        &self.proficiencies
    }
}

impl Searchable for Resource {
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

type Passes<T> = fn(&World, &T, &TextTest) -> bool;

/// A field that conditions can name.
pub(super) struct Field<T> {
    name: &'static str,
    /// Names and descriptions take CONTAINS with 2 to 25 characters only.
    is_name: bool,
    /// What the field's ids are of: they may be sent as ARNs.
    kind: Option<Kind>,
    passes: Passes<T>,
}

impl<T> Field<T> {
    /// A name or description.
    pub(super) const fn name(name: &'static str, passes: Passes<T>) -> Self {
        Self { name, is_name: true, kind: None, passes }
    }

    /// The id of something of this kind.
    pub(super) const fn id(name: &'static str, kind: Kind, passes: Passes<T>) -> Self {
        Self { name, is_name: false, kind: Some(kind), passes }
    }

    pub(super) const fn other(name: &'static str, passes: Passes<T>) -> Self {
        Self { name, is_name: false, kind: None, passes }
    }
}

/// The fields that the searches of resources share.
pub(super) const NAME: Field<Resource> = Field::name("name", |_, resource, text| text.passes(&resource.name));
pub(super) const DESCRIPTION: Field<Resource> = Field::name("description", |_, resource, text| {
    text.passes(resource.description.as_deref().unwrap_or_default())
});

/// The field `resourceID` of resources of one kind.
pub(super) const fn resource_id(kind: Kind) -> Field<Resource> {
    Field::id("resourceID", kind, |_, resource, text| text.passes_id(resource.id))
}

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
    date_condition: Option<DateCondition>,
    /// The one type that it can name is the only one that is searched.
    queue_type_condition: Option<String>,
    type_condition: Option<String>,
    state_condition: Option<String>,
    status_condition: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateCondition {
    field_name: Option<String>,
    value: Option<String>,
    comparison_type: Option<Comparison>,
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
    /// The others compare dates.
    EqualTo,
    LessThan,
    LessThanOrEqualTo,
    GreaterThan,
    GreaterThanOrEqualTo,
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
    #[serde(alias = "AttributeFilter")]
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

/// A search as it is carried out.
pub(super) enum Test<T: 'static> {
    All(Vec<Test<T>>),
    Any(Vec<Test<T>>),
    Text(&'static Field<T>, TextTest),
    /// Some one proficiency passes all of these.
    Proficiency(Vec<ProficiencyTest>),
    Groups(BTreeSet<Id>),
    Tag {
        key: String,
        value: Option<String>,
    },
}

pub(super) struct TextTest {
    comparison: Comparison,
    value: String,
}

pub(super) enum ProficiencyTest {
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

fn find<T>(fields: &'static [Field<T>], what: &str, name: &str) -> Result<&'static Field<T>, Refusal> {
    let known = || fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
    fields.iter().find(|field| field.name == name).ok_or_else(|| unknown(what, &known()))
}

impl Criteria {
    fn test<T>(self, world: &World, fields: &'static [Field<T>]) -> Result<Test<T>, Refusal> {
        let many = |conditions: Vec<Criteria>| -> Result<Vec<Test<T>>, Refusal> {
            conditions.into_iter().map(|condition| condition.test(world, fields)).collect()
        };
        let given = [
            self.or_conditions.is_some(),
            self.and_conditions.is_some(),
            self.string_condition.is_some(),
            self.list_condition.is_some(),
            self.hierarchy_group_condition.is_some(),
            self.date_condition.is_some(),
            self.queue_type_condition.is_some(),
            self.type_condition.is_some(),
            self.state_condition.is_some(),
            self.status_condition.is_some(),
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
        if let Some(DateCondition { field_name, value, comparison_type }) = self.date_condition {
            let field = find(fields, "DateCondition", &required(field_name, "FieldName")?)?;
            let comparison = required(comparison_type, "ComparisonType")?;
            return Ok(Test::Text(field, TextTest { comparison, value: required(value, "Value")? }));
        }
        for (name, value) in [
            ("type", self.type_condition),
            ("state", self.state_condition),
            ("status", self.status_condition),
        ] {
            if let Some(value) = value {
                let exact = TextTest { comparison: Comparison::Exact, value };
                return Ok(Test::Text(find(fields, "condition", name)?, exact));
            }
        }
        many(self.and_conditions.unwrap_or_default()).map(Test::All)
    }
}

impl StringCondition {
    fn text(self) -> Result<TextTest, Refusal> {
        let comparison = required(self.comparison_type, "ComparisonType")?;
        Ok(TextTest { comparison, value: required(self.value, "Value")? })
    }

    fn test<T>(self, world: &World, fields: &'static [Field<T>]) -> Result<Test<T>, Refusal> {
        let name = required(self.field_name.clone(), "FieldName")?;
        let field = find(fields, "StringCondition", &name)?;
        let mut text = self.text()?;
        if field.is_name
            && text.comparison == Comparison::Contains
            && !CONTAINS_LENGTH.contains(&text.value.chars().count())
        {
            return Err(Refusal::invalid_parameter("CONTAINS takes a Value of 2 to 25 characters."));
        }
        if let Some(id) = field.kind.and_then(|kind| world.instance.names.id(kind, &text.value)) {
            text.value = id.to_string();
        }
        if text.comparison != Comparison::Exact {
            text.value = text.value.to_lowercase();
        }
        Ok(Test::Text(field, text))
    }
}

impl ListCondition {
    fn test<T>(self) -> Result<Test<T>, Refusal> {
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
    /// A group that is not there has no one in it.
    fn test<T>(self, world: &World) -> Result<Test<T>, Refusal> {
        let value = required(self.value, "Value")?;
        let include_subgroups =
            required(self.hierarchy_group_match_type, "HierarchyGroupMatchType")? == "WITH_CHILD_GROUPS";
        let Some(group) = world.instance.names.id(Kind::HierarchyGroup, &value) else {
            return Ok(Test::Groups(BTreeSet::new()));
        };
        let below =
            |other: &&Arc<Resource>| world.hierarchy_path(other.id).iter().any(|above| above.id == group);
        let children = world.resources(Kind::HierarchyGroup).into_iter().filter(below).map(|other| other.id);
        let mut groups = BTreeSet::from([group]);
        groups.extend(children.filter(|_| include_subgroups));
        Ok(Test::Groups(groups))
    }
}

impl TagCondition {
    /// Without a value, any value of the key will do.
    fn test<T>(self) -> Result<Test<T>, Refusal> {
        Ok(Test::Tag { key: required(self.tag_key, "TagKey")?, value: self.tag_value })
    }
}

fn all_tags<T>(conditions: Vec<TagCondition>) -> Result<Vec<Test<T>>, Refusal> {
    conditions.into_iter().map(TagCondition::test).collect()
}

impl TagFilter {
    fn test<T>(self) -> Result<Test<T>, Refusal> {
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
    fn test<T>(self, world: &World) -> Result<Test<T>, Refusal> {
        let mut tests = all_tags(self.tag_conditions)?;
        if let Some(condition) = self.hierarchy_group_condition {
            tests.push(condition.test(world)?);
        }
        Ok(Test::All(tests))
    }
}

impl AttributeFilter {
    fn check(&self) -> Result<(), Refusal> {
        let parts = || self.or_conditions.iter().flatten().chain(&self.and_condition);
        let tags = parts().map(|part| part.tag_conditions.len()).sum::<usize>();
        let groups = parts().filter(|part| part.hierarchy_group_condition.is_some()).count();
        if tags > MOST_TAG_CONDITIONS || groups > MOST_GROUP_CONDITIONS {
            return Err(Refusal::invalid_parameter(format!(
                "A filter takes {MOST_TAG_CONDITIONS} tag conditions and {MOST_GROUP_CONDITIONS} hierarchy group conditions."
            )));
        }
        Ok(())
    }

    fn test<T>(self, world: &World) -> Result<Test<T>, Refusal> {
        self.check()?;
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

/// Reads the search that a call asks for, over these fields.
pub(super) fn read<T>(world: &World, call: &Call, fields: &'static [Field<T>]) -> Result<Test<T>, Refusal> {
    let Search { search_criteria, search_filter } = call.read()?;
    let filter = match (search_filter.tag_filter, search_filter.user_attribute_filter) {
        // SearchUsers does not declare this error, and answers it all the same.
        (Some(_), Some(_)) => {
            return Err(Refusal::access_denied("TagFilter and UserAttributeFilter cannot be used together."));
        }
        (Some(filter), None) => filter.test()?,
        (None, Some(filter)) => filter.test(world)?,
        (None, None) => Test::All(vec![]),
    };
    Ok(Test::All(vec![search_criteria.test(world, fields)?, filter]))
}

impl TextTest {
    pub(super) fn passes(&self, text: &str) -> bool {
        match self.comparison {
            Comparison::Exact | Comparison::EqualTo => text == self.value,
            Comparison::StartsWith => text.to_lowercase().starts_with(&self.value),
            Comparison::Contains => text.to_lowercase().contains(&self.value),
            Comparison::LessThan => text < &*self.value,
            Comparison::LessThanOrEqualTo => text <= &*self.value,
            Comparison::GreaterThan => text > &*self.value,
            Comparison::GreaterThanOrEqualTo => text >= &*self.value,
        }
    }

    pub(super) fn passes_id(&self, id: Id) -> bool {
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

impl<T: Searchable> Test<T> {
    /// Whether everything passes.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::All(tests) if tests.iter().all(Self::is_open))
    }

    pub(super) fn passes(&self, world: &World, found: &T) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.passes(world, found)),
            Self::Any(tests) => tests.iter().any(|test| test.passes(world, found)),
            Self::Text(field, text) => (field.passes)(world, found, text),
            Self::Proficiency(tests) => {
                let mut proficiencies = found.proficiencies().iter();
                proficiencies.any(|proficiency| tests.iter().all(|test| test.passes(proficiency)))
            }
            Self::Groups(groups) => found.hierarchy_group().is_some_and(|group| groups.contains(&group)),
            Self::Tag { key, value } => tag_passes(found.tags(), key, value.as_ref()),
        }
    }

    /// The value that the field must have, where the search gives it exactly: then few entries have to be tested.
    pub(super) fn exact(&self, name: &str) -> Option<&str> {
        match self {
            Self::All(tests) => tests.iter().find_map(|test| test.exact(name)),
            Self::Text(field, text) if field.name == name && text.comparison == Comparison::Exact => {
                Some(&text.value)
            }
            _ => None,
        }
    }
}

/// Searches the resources of one kind.
pub(super) fn resources(
    world: &World,
    call: &Call,
    (kind, list_name): (Kind, &str),
    fields: &'static [Field<Resource>],
    shown: impl Fn(&Resource) -> Value,
) -> Outcome {
    let test = read(world, call, fields)?;
    let found = world.resources(kind).into_iter().filter(|resource| test.passes(world, resource));
    let found: Vec<_> = found.map(|resource| (place(resource), resource)).collect();
    page(world, call, list_name, found, |resource: &Arc<Resource>| shown(resource))
}

/// The page of what was found, with the number of all that was.
pub(super) fn page<T>(
    world: &World,
    call: &Call,
    list_name: &str,
    found: Vec<(String, T)>,
    shown: impl Fn(T) -> Value,
) -> Outcome {
    let count = found.len();
    let (found, next) = Page::of(call, world)?.cut(found);
    let found: Vec<_> = found.into_iter().map(shown).collect();
    let mut output = json!({ list_name: found, "ApproximateTotalCount": count });
    optional(&mut output, "NextToken", next);
    Ok(output)
}
