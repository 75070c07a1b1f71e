//! Makes the enums of effects from the list.

/// Makes `Effect`, with an enum for each group, and passes what they are asked to the effect.
macro_rules! effects {
    ($($(#[$about:meta])* $member:ident($group:ident) { $($kind:ident,)+ })+) => {
        /// An outcome to bring about. Bringing it about twice is the same as once.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(untagged, from = "Read")]
        pub enum Effect {
            $($(#[$about])* $member($group),)+
        }

        /// Every effect as it is read: its tag says which one it is, whatever its group.
        #[derive(serde::Deserialize)]
        #[serde(tag = "effect", rename_all = "snake_case")]
        enum Read {
            $($($kind($kind),)+)+
        }

        impl From<Read> for Effect {
            fn from(read: Read) -> Effect {
                match read {
                    $($(Read::$kind(effect) => effect.into(),)+)+
                }
            }
        }

        $(
            $(#[$about])*
            #[derive(Clone, Debug, PartialEq, serde::Serialize)]
            #[serde(tag = "effect", rename_all = "snake_case")]
            pub enum $group {
                $($kind($kind),)+
            }

            impl $group {
                /// What each kind of the group needs.
                pub const NEEDS: &'static [EffectNeeds] = &[$($kind::NEEDS,)+];

                /// Hands the effect over as what it is, to a visitor that takes every kind of the group.
                pub fn visit<V, Out>(&self, visitor: V) -> Out
                where
                    $(V: $crate::plan::effect::Visitor<$kind, Out>,)+
                {
                    match self {
                        $($group::$kind(effect) => visitor.visit(effect),)+
                    }
                }
            }

            $(
                impl From<$kind> for Effect {
                    fn from(effect: $kind) -> Effect {
                        Effect::$member($group::$kind(effect))
                    }
                }

                impl $crate::plan::effect::Listed for $kind {
                    #[allow(irrefutable_let_patterns, reason = "a group may have one effect")]
                    fn find(effect: &Effect) -> Option<&$kind> {
                        if let Effect::$member(group) = effect
                            && let $group::$kind(found) = group
                        {
                            return Some(found);
                        }
                        None
                    }
                }
            )+
        )+

        impl Effect {
            /// What every effect of its kind needs.
            pub fn needs(&self) -> EffectNeeds {
                match self {
                    $($(Effect::$member($group::$kind(_)) => $kind::NEEDS,)+)+
                }
            }

            /// How it comes to be, whom it is about, what becomes of a user, and its risk.
            pub fn about(&self) -> About<'_> {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => effect.about(),)+)+
                }
            }

            /// What it does, a row for each thing. `undo` is what takes it back.
            pub fn details(&self, undo: Option<&Effect>, plan: &PlanContext<'_>) -> Vec<Detail> {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => {
                        effect.details(undo.and_then(<$kind as Listed>::find), plan)
                    })+)+
                }
            }

            /// The paths of the hierarchy groups that it makes, changes or removes.
            pub fn groups(&self) -> Vec<String> {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => effect.groups(),)+)+
                }
            }

            /// The Salesforce permission set that it gives or takes away.
            pub fn permission_set(&self) -> Option<&str> {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => effect.permission_set(),)+)+
                }
            }

            /// Whether `/connect undo` can revert it although its step has no undo of its own.
            pub fn is_undone_without_one(&self) -> bool {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => effect.is_undone_without_one(),)+)+
                }
            }

            /// What a card has to name before anyone decides, where that isn't what its details set.
            pub fn named(&self) -> Option<Vec<String>> {
                match self {
                    $($(Effect::$member($group::$kind(effect)) => effect.named(),)+)+
                }
            }
        }
    };
}

pub(super) use effects;
