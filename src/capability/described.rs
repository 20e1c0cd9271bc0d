//! All that is described of one device, by the device and by operators.

use super::Capability;

/// Who said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Device,
    Operator,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Operator => "operator",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Device, Self::Operator]
            .into_iter()
            .find(|source| source.name() == name)
    }
}

/// Where both describe a name, the operator's word holds. Empty: nothing is known, and nothing refused.
#[derive(Clone, Debug, Default)]
pub struct Described(Vec<(Capability, Source)>);

impl Described {
    pub fn new(all: Vec<(Capability, Source)>) -> Self {
        let by_operator: Vec<_> = all
            .iter()
            .filter(|(_, source)| *source == Source::Operator)
            .map(|(capability, _)| (capability.acts, capability.name.clone()))
            .collect();
        let holds = |(capability, source): &(Capability, Source)| {
            *source == Source::Operator
                || !by_operator.contains(&(capability.acts, capability.name.clone()))
        };
        Self(all.into_iter().filter(holds).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Capability, Source)> {
        self.0.iter()
    }

    pub fn actuator(&self, name: &str) -> Option<&Capability> {
        self.find(name, true)
    }

    /// A sensor, or an actuator that is asked like one.
    pub fn readable(&self, name: &str) -> Option<&Capability> {
        self.find(name, false).or_else(|| self.find(name, true))
    }

    fn find(&self, name: &str, acts: bool) -> Option<&Capability> {
        self.0
            .iter()
            .map(|(capability, _)| capability)
            .find(|capability| capability.acts == acts && capability.name == name)
    }
}
