//! Commands: ordered by verb, and what the device gets of them (docs/commands.md section 1).

use std::fmt::Display;
use std::ops::Deref;

use serde_json::Value;

use super::client::Client;
use super::device::Device;
use super::home::Home;
use super::process::{Begun, Finished};
use super::wait::{PATIENCE, eventually};

/// A command as the verbs print it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Command(pub(crate) Value);

impl Deref for Command {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Command {
    #[track_caller]
    pub(crate) fn id(&self) -> u64 {
        self.0["id"].as_u64().expect("id")
    }

    #[track_caller]
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().expect(key)
    }

    #[track_caller]
    pub(crate) fn number(&self, key: &str) -> i64 {
        self.0[key].as_i64().expect(key)
    }

    /// State and detail.
    #[track_caller]
    pub(crate) fn outcome(&self) -> (&str, &str) {
        (self.text("state"), self.text("detail"))
    }

    /// C1.4: type, fields and id as the device gets them.
    #[track_caller]
    pub(crate) fn frame(&self) -> String {
        let kind = self.number("type");
        let mut fields: Vec<String> = vec![kind.to_string()];
        let words = self.0["fields"].as_array().expect("fields");
        fields.extend(words.iter().map(|f| f.as_str().expect("text").to_owned()));
        match (kind, &self.0["expires_ms"]) {
            (80, _) => panic!("the hub's clock is in this frame: {self:?}"),
            (3, Value::Null) => fields.push(String::new()),
            (3, expires) => fields.push(expires.to_string()),
            _ => {}
        }
        fields.push(self.id().to_string());
        fields.join("|")
    }
}

/// `command send` to this device; the words begin with the type.
fn send_words<'a>(target: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&["command", "send", target][..], words, &["--json"]].concat()
}

impl Home {
    /// The JSON that a verb prints; panics when it does not succeed.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let text = self.verb(&[words, &["--json"]].concat()).ok();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    /// Orders one command from one device.
    #[track_caller]
    pub(crate) fn order(&self, to: &Device, words: &[&str]) -> Command {
        let finished = self.try_order(to, words);
        let mut commands = commands(&finished.ok());
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands.remove(0)
    }

    pub(crate) fn try_order(&self, to: &Device, words: &[&str]) -> Finished {
        self.verb(&send_words(&to.at(), words))
    }

    /// Orders, and stays until the command has ended (`--wait`).
    pub(crate) fn order_waiting(&self, to: &Device, words: &[&str]) -> Begun {
        let patience = PATIENCE.as_secs().to_string();
        self.begin(&send_words(
            &to.at(),
            &[words, &["--wait", &patience]].concat(),
        ))
    }

    /// Orders from a set, `@label` or `*`, of this group.
    #[track_caller]
    pub(crate) fn order_set(&self, set: &str, group: &str, words: &[&str]) -> Vec<Command> {
        let words = [words, &["--group", group]].concat();
        commands(&self.verb(&send_words(set, &words)).ok())
    }

    #[track_caller]
    pub(crate) fn command(&self, id: u64) -> Command {
        Command(self.json(&["command", "show", &id.to_string()]))
    }

    /// `command list`, newest first.
    #[track_caller]
    pub(crate) fn commands(&self, words: &[&str]) -> Vec<Command> {
        let words = [&["command", "list"], words, &["--json"]].concat();
        commands(&self.verb(&words).ok())
    }

    /// The only command there is.
    #[track_caller]
    pub(crate) fn only_command(&self) -> Command {
        let mut commands = self.commands(&[]);
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands.remove(0)
    }

    #[track_caller]
    pub(crate) fn cancel(&self, id: u64) -> Command {
        Command(self.json(&["command", "cancel", &id.to_string()]))
    }

    /// Waits until the command is in this state.
    #[track_caller]
    pub(crate) fn until(&self, id: u64, state: &str) -> Command {
        let mut last = None;
        eventually(&format!("command {id} is {state}"), || {
            let command = self.command(id);
            if command.text("state") == state {
                return Some(command);
            }
            if last.as_ref() != Some(&command) {
                eprintln!("not yet {state}: {}", command.0);
                last = Some(command);
            }
            None
        })
    }

    /// What is known of a device's sensors and actuators.
    #[track_caller]
    pub(crate) fn capabilities(&self, device: &Device) -> Value {
        self.json(&["device", "capabilities", &device.at()])
    }
}

/// What `command send` and `command list` print.
#[track_caller]
pub(crate) fn commands(text: &str) -> Vec<Command> {
    let json: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let array = json.as_array().expect("an array of commands");
    array.iter().cloned().map(Command).collect()
}

impl Client {
    /// Expects exactly this command's frame.
    #[track_caller]
    pub(crate) fn expect_order(&mut self, command: &Command) {
        self.expect_hub(command.frame());
    }

    /// Orders by verb, and expects the frame.
    #[track_caller]
    pub(crate) fn ordered(&mut self, home: &Home, device: &Device, words: &[&str]) -> Command {
        let command = home.order(device, words);
        self.expect_order(&command);
        command
    }

    /// Answers a command; `rest` begins with the type and leaves the id out.
    #[track_caller]
    pub(crate) fn answer(&mut self, command: &Command, rest: impl Display) {
        self.say(0, format_args!("{rest}|{}", command.id()));
    }

    /// Proves that nothing was on its way to this device: a command goes out after all that were ordered before it
    /// (C2.2), and it is the next that comes.
    #[track_caller]
    pub(crate) fn expect_only_a_blink(&mut self, home: &Home, device: &Device) {
        let blink = home.order(device, &["blink"]);
        self.expect_order(&blink);
        self.answer(&blink, 6);
        home.until(blink.id(), "succeeded");
    }
}
