//! Overrides of hours of operation: closing and opening at other times than the week says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext};
use crate::center::{HoursOverride, Named, OverrideKind, date_words};
use crate::words::Risk;

/// These hours of operation have this override.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverridePresent {
    pub hours: Named,
    #[serde(rename = "override")]
    pub wanted: HoursOverride,
}

impl EffectKind for OverridePresent {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["CreateHoursOfOperationOverride", "ListHoursOfOperationOverrides"]);

    fn about(&self) -> About<'_> {
        // Customers are turned away.
        let closes = self.wanted.kind == OverrideKind::Closed || self.wanted.slots.is_empty();
        About::thing(if closes { Risk::Sensitive } else { Risk::Change })
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        set(&self.hours, &self.wanted)
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(names(&self.hours, &self.wanted))
    }
}

/// These hours of operation don't have this override: not the one with this id, or without an id not the one that an earlier
/// step made, as long as it is as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideAbsent {
    pub hours: Named,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(rename = "override")]
    pub gone: HoursOverride,
}

impl EffectKind for OverrideAbsent {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DeleteHoursOfOperationOverride", "ListHoursOfOperationOverrides"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let mut rows = set(&self.hours, &self.gone);
        for row in &mut rows {
            (row.before, row.after) = (std::mem::take(&mut row.after), "removed".to_owned());
        }
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(names(&self.hours, &self.gone))
    }
}

/// The override with this id ends with this date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideEnds {
    pub hours: Named,
    pub id: String,
    /// What the override is called.
    #[serde(rename = "override")]
    pub name: String,
    pub till: Date,
    pub instead_of: Date,
}

impl EffectKind for OverrideEnds {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["UpdateHoursOfOperationOverride", "ListHoursOfOperationOverrides"]);

    fn about(&self) -> About<'_> {
        let risk = if self.till > self.instead_of { Risk::Sensitive } else { Risk::Change };
        About::thing(risk)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Hours {}: last date of {}", self.hours.name, self.name);
        vec![Detail::value("", &what, &date_words(self.instead_of), &date_words(self.till))]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.hours.name.clone(), self.name.clone(), date_words(self.till)])
    }
}

fn set(hours: &Named, one: &HoursOverride) -> Vec<Detail> {
    let what = format!("Hours {}: {}", hours.name, one.name);
    let mut rows = vec![Detail::value("", &what, "", &one.in_words())];
    rows.extend(
        one.description.iter().map(|text| Detail::value("", &format!("{what}: description"), "", text)),
    );
    rows
}

fn names(hours: &Named, one: &HoursOverride) -> Vec<String> {
    let name = [hours.name.clone(), one.name.clone(), one.in_words()];
    name.into_iter().chain(one.description.clone()).collect()
}
