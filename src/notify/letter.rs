//! A message: what happened to a group's alarms since the last one.

use serde::Serialize;

use super::{Told, words};
use crate::alarm::Severity;

/// Changes that are listed one by one; the others are counted.
pub(super) const LISTED: i64 = 100;

#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The same in every attempt at this message.
    pub delivery: String,
    pub hub: String,
    pub group: String,
    pub channel: String,
    /// Of this attempt, Unix ms.
    pub sent_ms: i64,
    /// Nothing happened: an operator tries the channel.
    pub test: bool,
    /// Everything that happened.
    pub counts: Vec<Count>,
    /// The worst of it, in the order in which it happened.
    pub listed: Vec<Told>,
    /// What happened beyond that and was not kept.
    pub omitted: u64,
}

/// So many changes of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub severity: Severity,
    pub what: String,
    pub count: u64,
}

#[derive(Serialize)]
struct Body<'a> {
    hub: &'a str,
    group: &'a str,
    channel: &'a str,
    sent_ms: i64,
    test: bool,
    summary: String,
    total: u64,
    unlisted: Unlisted,
    omitted: u64,
    alarms: &'a [Told],
}

/// By severity, what is not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Unlisted {
    pub(super) critical: u64,
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) warning: u64,
}

impl Unlisted {
    fn of(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::Major => &mut self.major,
            Severity::Minor => &mut self.minor,
            Severity::Warning => &mut self.warning,
        }
    }

    pub(super) fn sum(self) -> u64 {
        self.critical + self.major + self.minor + self.warning
    }
}

impl Letter {
    /// A message without contents, of now.
    pub fn new(hub: &str, group: &str, channel: &str, delivery: &str, now_ms: i64) -> Self {
        Self {
            delivery: delivery.to_owned(),
            hub: hub.to_owned(),
            group: group.to_owned(),
            channel: channel.to_owned(),
            sent_ms: now_ms,
            test: false,
            counts: Vec::new(),
            listed: Vec::new(),
            omitted: 0,
        }
    }

    /// Everything that happened, what was not kept left out.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.count).sum()
    }

    pub(super) fn unlisted(&self) -> Unlisted {
        let mut left = Unlisted::default();
        for count in &self.counts {
            *left.of(count.severity) += count.count;
        }
        for told in &self.listed {
            let left = left.of(told.alarm.severity);
            *left = left.saturating_sub(1);
        }
        left
    }

    /// What a webhook gets.
    ///
    /// # Errors
    /// Never for these types; the library's signature allows for it.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Body {
            hub: &self.hub,
            group: &self.group,
            channel: &self.channel,
            sent_ms: self.sent_ms,
            test: self.test,
            summary: words::summary(self),
            total: self.total(),
            unlisted: self.unlisted(),
            omitted: self.omitted,
            alarms: &self.listed,
        })
    }

    /// What an e-mail is called: one line.
    pub fn subject(&self) -> String {
        words::subject(self)
    }

    /// What an e-mail says.
    pub fn text(&self) -> String {
        words::text(self)
    }
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
