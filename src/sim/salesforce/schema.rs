//! The objects of the practice org and their fields: what can be read, written and followed.
//!
//! Names, types and properties are those of the Object Reference (API 67.0), for the part of it that the desk needs.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Text,
    Bool,
    Number,
    DateTime,
    /// The id of a record of one of these objects.
    Reference(&'static [&'static str]),
}

/// One field of an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Under which name a query follows the reference.
    pub(super) relationship: Option<&'static str>,
    /// Can be set when a record is created.
    pub(super) create: bool,
    /// Must be set when a record is created.
    pub(super) required: bool,
    /// Can be changed later.
    pub(super) update: bool,
    /// No two records have the same value; letter case does not count.
    pub(super) unique: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Field {
        Field { name, kind, relationship: None, create: false, required: false, update: false, unique: false }
    }

    const fn create(self) -> Field {
        Field { create: true, ..self }
    }

    const fn required(self) -> Field {
        Field { create: true, required: true, ..self }
    }

    const fn update(self) -> Field {
        Field { update: true, ..self }
    }

    const fn unique(self) -> Field {
        Field { unique: true, ..self }
    }
}

const fn text(name: &'static str) -> Field {
    Field::new(name, Kind::Text)
}

const fn bool(name: &'static str) -> Field {
    Field::new(name, Kind::Bool)
}

const fn number(name: &'static str) -> Field {
    Field::new(name, Kind::Number)
}

const fn time(name: &'static str) -> Field {
    Field::new(name, Kind::DateTime)
}

const fn to(
    name: &'static str,
    relationship: Option<&'static str>,
    objects: &'static [&'static str],
) -> Field {
    Field { relationship, ..Field::new(name, Kind::Reference(objects)) }
}

const ID: Field = Field::new("Id", Kind::Id);

/// What the API user may do: the permissions of Salesforce that decide over these objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) enum Permission {
    ApiEnabled,
    ViewSetup,
    AssignPermissionSets,
    ManageUsers,
    ManageCallCenters,
    ManageProfilesPermissionsets,
}

impl Permission {
    pub(super) const ALL: [Permission; 6] = [
        Permission::ApiEnabled,
        Permission::ViewSetup,
        Permission::AssignPermissionSets,
        Permission::ManageUsers,
        Permission::ManageCallCenters,
        Permission::ManageProfilesPermissionsets,
    ];
}

/// One kind of record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) name: &'static str,
    /// The first three characters of its ids.
    pub(super) prefix: &'static str,
    pub(super) create: bool,
    pub(super) update: bool,
    pub(super) delete: bool,
    /// Any of these shows the object; empty for everyone.
    pub(super) visible: &'static [Permission],
    /// What it takes to create, change and delete records.
    pub(super) writable: Permission,
    pub(super) fields: &'static [Field],
}

impl Object {
    /// Letter case does not count in names.
    pub(super) fn named(name: &str) -> Option<&'static Object> {
        OBJECTS.iter().find(|object| object.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The reference field that a query follows under this name.
    pub(super) fn relation(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| {
            field.relationship.is_some_and(|relationship| relationship.eq_ignore_ascii_case(name))
        })
    }
}

impl Object {
    // `fields` is static, so references to its fields outlive the object.
    const fn new(
        name: &'static str,
        prefix: &'static str,
        writable: Permission,
        fields: &'static [Field],
    ) -> Object {
        Object { name, prefix, create: false, update: false, delete: false, visible: &[], writable, fields }
    }
}

pub(super) static OBJECTS: [Object; 8] = [
    Object {
        create: true,
        update: true,
        ..Object::new(
            "User",
            "005",
            Permission::ManageUsers,
            &[
                ID,
                text("Username").required().update().unique(),
                text("LastName").required().update(),
                text("FirstName").create().update(),
                text("Name"),
                text("Email").required().update(),
                text("Alias").required().update(),
                text("FederationIdentifier").create().update().unique(),
                text("EmployeeNumber").create().update(),
                bool("IsActive").create().update(),
                to("ProfileId", Some("Profile"), &["Profile"]).required().update(),
                to("CallCenterId", None, &["CallCenter"]).create().update(),
                text("UserType"),
                text("TimeZoneSidKey").required().update(),
                text("LocaleSidKey").required().update(),
                text("EmailEncodingKey").required().update(),
                text("LanguageLocaleKey").required().update(),
                time("CreatedDate"),
                time("LastModifiedDate"),
                time("SystemModstamp"),
            ],
        )
    },
    Object {
        update: true,
        visible: &[Permission::ManageUsers],
        ..Object::new(
            "UserLogin",
            "0Yw",
            Permission::ManageUsers,
            &[
                ID,
                to("UserId", None, &["User"]),
                bool("IsFrozen").update(),
                bool("IsPasswordLocked").update(),
                time("LastModifiedDate"),
            ],
        )
    },
    Object {
        create: true,
        update: true,
        delete: true,
        visible: &[Permission::ViewSetup, Permission::AssignPermissionSets, Permission::ManageUsers],
        ..Object::new(
            "PermissionSet",
            "0PS",
            Permission::ManageProfilesPermissionsets,
            &[
                ID,
                text("Name").required().update(),
                text("Label").required().update(),
                text("Description").create().update(),
                text("NamespacePrefix"),
                bool("IsOwnedByProfile"),
                bool("IsCustom"),
                to("ProfileId", Some("Profile"), &["Profile"]),
                to("LicenseId", Some("License"), &["UserLicense", "PermissionSetLicense"]).create(),
                time("SystemModstamp"),
            ],
        )
    },
    Object {
        create: true,
        update: true,
        delete: true,
        visible: &[Permission::ViewSetup, Permission::AssignPermissionSets, Permission::ManageUsers],
        ..Object::new(
            "PermissionSetAssignment",
            "0Pa",
            Permission::AssignPermissionSets,
            &[
                ID,
                to("AssigneeId", Some("Assignee"), &["User"]).required(),
                to("PermissionSetId", Some("PermissionSet"), &["PermissionSet"]).required(),
                time("ExpirationDate").create().update(),
                bool("IsActive"),
                time("SystemModstamp"),
            ],
        )
    },
    Object {
        create: true,
        visible: &[Permission::ViewSetup, Permission::ManageCallCenters],
        ..Object::new(
            "CallCenter",
            "04v",
            Permission::ManageCallCenters,
            &[
                ID,
                text("Name").required(),
                text("InternalName").required().unique(),
                text("AdapterUrl").create(),
                text("CustomSettings").create(),
                number("Version").create(),
                time("SystemModstamp"),
            ],
        )
    },
    Object::new(
        "Profile",
        "00e",
        Permission::ManageProfilesPermissionsets,
        &[ID, text("Name"), to("UserLicenseId", Some("UserLicense"), &["UserLicense"])],
    ),
    Object::new(
        "UserLicense",
        "100",
        Permission::ManageProfilesPermissionsets,
        &[ID, text("Name"), text("MasterLabel"), number("TotalLicenses"), number("UsedLicenses")],
    ),
    Object::new(
        "PermissionSetLicense",
        "0PL",
        Permission::ManageProfilesPermissionsets,
        &[ID, text("DeveloperName"), text("MasterLabel"), number("TotalLicenses"), number("UsedLicenses")],
    ),
];
