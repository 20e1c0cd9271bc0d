//! Alarms and their rules: made by verb, raised by devices, told to subscribers (docs/alarms.md).

use std::fmt::Display;

use serde_json::Value;

use super::client::Client;
use super::device::Device;
use super::home::Home;
use super::process::Finished;
use super::stored::Stored;
use super::wait::eventually;

/// The group that [`Home::rule`] works in.
pub(crate) const GROUP: &str = "greenhouse";

impl Home {
    /// Adds a rule to the group; the words say which devices and what.
    #[track_caller]
    pub(crate) fn rule(&self, name: &str, words: &[&str]) -> Value {
        let text = self.try_rule(name, words).ok();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    pub(crate) fn try_rule(&self, name: &str, words: &[&str]) -> Finished {
        let start = ["alarm", "rule", "add", name, "--group", GROUP, "--json"];
        self.verb(&[&start, words].concat())
    }

    /// Adds a rule on one device's sensor, which the hub alone keeps.
    #[track_caller]
    pub(crate) fn watch(&self, device: &Device, when: &str, more: &[&str]) -> Value {
        let at = device.at();
        let words = ["--device", &at, "--local", "off", "--when", when];
        self.rule("hot", &[&words, more].concat())
    }

    /// `alarm list`, newest first.
    #[track_caller]
    pub(crate) fn alarms(&self, words: &[&str]) -> Vec<Value> {
        let json = self.json(&[&["alarm", "list"], words].concat());
        json.as_array().expect("an array of alarms").clone()
    }

    /// The only alarm there is, as the list has it.
    #[track_caller]
    pub(crate) fn only_alarm(&self) -> Value {
        let mut alarms = self.alarms(&[]);
        assert_eq!(alarms.len(), 1, "{alarms:#?}");
        alarms.remove(0)
    }

    /// Waits until the newest alarm of all is in this state.
    #[track_caller]
    pub(crate) fn alarm_is(&self, state: &str) -> Value {
        eventually(&format!("the newest alarm is {state}"), || {
            let newest = self.alarms(&["--limit", "1"]).into_iter().next();
            newest.filter(|alarm| alarm["state"] == state)
        })
    }

    /// `alarm show`, history included.
    #[track_caller]
    pub(crate) fn alarm(&self, alarm: &Value) -> Value {
        self.json(&["alarm", "show", &id_of(alarm)])
    }

    /// A verb on one alarm: ack, shelve, unshelve, clear.
    pub(crate) fn on_alarm(&self, verb: &str, alarm: &Value, words: &[&str]) -> Finished {
        self.verb(&[&["alarm", verb, &id_of(alarm)], words].concat())
    }

    /// A verb on one rule: enable, disable, remove.
    pub(crate) fn on_rule(&self, verb: &str, rule: &Value) -> Finished {
        self.verb(&["alarm", "rule", verb, &id_of(rule)])
    }

    /// Where a rule stands for a device, as `alarm rule show` says.
    #[track_caller]
    pub(crate) fn source(&self, rule: &Value, device: &Device) -> Option<Value> {
        let shown = self.json(&["alarm", "rule", "show", &id_of(rule)]);
        let sources = shown["sources"].as_array().expect("sources");
        let of_device = |source: &&Value| source["address"] == device.address;
        sources.iter().find(of_device).cloned()
    }
}

/// The id of an alarm or a rule, as the verbs take it.
#[track_caller]
pub(crate) fn id_of(of: &Value) -> String {
    of["id"].as_u64().expect("id").to_string()
}

/// What happened to an alarm, in order: what and by whom.
#[track_caller]
pub(crate) fn history(shown: &Value) -> Vec<String> {
    let events = shown["events"].as_array().expect("events").iter();
    let word = |event: &Value, key: &str| event[key].as_str().expect(key).to_owned();
    let line = |event: &Value| format!("{} by {}", word(event, "what"), word(event, "by"));
    events.map(line).collect()
}

/// A minute ago: what follows within it can be told without waiting for it.
pub(crate) fn minute_ago() -> i128 {
    Stored::now_ms() - 60_000
}

impl Client {
    /// Sends a reading, `sensor|value|unit`, and waits for STORED: it is judged by then.
    #[track_caller]
    pub(crate) fn read_out(&mut self, reading: &str, at_ms: i128) {
        let msgno = self.count();
        self.say(0, format_args!("26|{reading}|{at_ms}|{msgno}"));
        self.expect_hub(format_args!("7|{msgno}"));
    }

    /// Sends an ALARM, `alarm|sensor|value|RAISED or CLEARED`, and waits for STORED.
    #[track_caller]
    pub(crate) fn alarm(&mut self, alarm: &str, at_ms: i128, msgno: impl Display) {
        self.say(0, format_args!("30|{alarm}|{at_ms}|{msgno}"));
        self.expect_hub(format_args!("7|{msgno}"));
    }

    /// Subscribes to alarms of a name, and expects to be told of nothing yet.
    #[track_caller]
    pub(crate) fn subscribe(&mut self, name: &str) {
        let msgno = self.count();
        self.say(0, format_args!("33|{name}|{msgno}"));
        self.expect_hub(format_args!("6|{msgno}"));
    }

    /// Expects an ALARM of a device, `alarm|sensor|value|RAISED or CLEARED|unix ms`, and returns its msgno.
    #[track_caller]
    pub(crate) fn expect_alarm(&mut self, raiser: &Device, alarm: impl Display) -> String {
        let frame = self.recv();
        let start = format!("{}|{}|30|{alarm}|", raiser.address, self.address);
        let rest = frame.strip_prefix(&start);
        let rest = rest.unwrap_or_else(|| panic!("{start} was due, not {frame}"));
        let number = rest.strip_suffix('|').unwrap();
        assert!(number.parse::<u64>().is_ok(), "{frame}");
        number.to_owned()
    }
}
