//! How bad it is.

use serde::{Deserialize, Serialize};

/// In the order of the alarm standards: the worst is the greatest.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Minor,
    #[default]
    Major,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Warning, Self::Minor, Self::Major, Self::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}
