//! Why a live socket ends.

/// As the last message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    LoggedOut,
    Expired,
    Disabled,
    RightsChanged,
    Stopping,
    TooSlow,
    /// It sent more, or longer messages, than a viewer may.
    TooMuch,
}

impl Over {
    pub fn name(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::RightsChanged => "rights_changed",
            Self::Stopping => "stopping",
            Self::TooSlow => "too_slow",
            Self::TooMuch => "too_much",
        }
    }
}
