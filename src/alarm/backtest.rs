//! What a rule would have done with readings of the past: through the very function that judges the live ones.

use serde::{Deserialize, Serialize};

use super::{Change, Input, Rule, State, step};
use crate::readings::Value;

/// An alarm as it would have been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AlarmSpan)]
pub struct Span {
    /// Unix ms, the device's time.
    pub raised_ms: i64,
    /// The value that held then.
    pub value: String,
    /// `None`: it would be open still at the end of the period.
    pub cleared_ms: Option<i64>,
}

/// Runs a rule over readings.
pub struct BackTest<'a> {
    rule: &'a Rule,
    state: State,
    value: Option<Value<'static>>,
    spans: Vec<Span>,
}

impl<'a> BackTest<'a> {
    pub fn new(rule: &'a Rule) -> Self {
        Self {
            rule,
            state: State::default(),
            value: None,
            spans: Vec::new(),
        }
    }

    /// The next reading, in the order of time.
    pub fn add(&mut self, at_ms: i64, value: Value<'static>) {
        // Delays that end before it end with the value before it.
        self.happen(Input::Time { at_ms });
        let input = Input::Reading {
            at_ms,
            value: &value,
        };
        let (state, changes) = step(self.rule, std::mem::take(&mut self.state), input);
        self.state = state;
        self.value = Some(value);
        self.note(&changes);
    }

    /// What would have been raised until the end of the period, Unix ms.
    pub fn finish(mut self, until_ms: i64) -> Vec<Span> {
        self.happen(Input::Time { at_ms: until_ms });
        self.spans
    }

    fn happen(&mut self, input: Input<'_>) {
        let (state, changes) = step(self.rule, std::mem::take(&mut self.state), input);
        self.state = state;
        self.note(&changes);
    }

    fn note(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Raised { at_ms } => self.spans.push(Span {
                    raised_ms: *at_ms,
                    value: self
                        .value
                        .as_ref()
                        .map(Value::to_string)
                        .unwrap_or_default(),
                    cleared_ms: None,
                }),
                Change::Cleared { at_ms } => {
                    if let Some(span) = self.spans.last_mut() {
                        span.cleared_ms = Some(*at_ms);
                    }
                }
            }
        }
    }
}
