//! What a viewer asks for, parsed once.

use serde::Deserialize;

/// Devices whose readings one viewer may watch one by one.
pub const MOST_DEVICES: usize = 64;

/// A message of a browser.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// In place of what it watched before.
    Watch {
        #[serde(default)]
        readings: ReadingWatch,
        #[serde(default)]
        frames: Option<FrameWatch>,
    },
    /// A frame from its own address.
    Send(ToSend),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadingWatch {
    pub devices: Vec<u32>,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameWatch {
    pub group: String,
    #[serde(default)]
    pub device: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToSend {
    /// The answer repeats it.
    pub id: i64,
    pub group: String,
    /// An address, `@label` or `*`.
    pub to: String,
    #[serde(rename = "type")]
    pub kind: u32,
    /// Texts, unescaped.
    #[serde(default)]
    pub fields: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_and_a_frame_are_read_and_nothing_else() {
        let read = |text: &str| serde_json::from_str::<Asked>(text).ok();
        let watch = read(
            r#"{"t":"watch","readings":{"devices":[7],"groups":["g"]},"frames":{"group":"g"}}"#,
        );
        let expected = Asked::Watch {
            readings: ReadingWatch {
                devices: vec![7],
                groups: vec!["g".into()],
            },
            frames: Some(FrameWatch {
                group: "g".into(),
                device: None,
            }),
        };
        assert_eq!(watch, Some(expected));
        assert!(read(r#"{"t":"watch","frames":null}"#).is_some());
        assert!(read(r#"{"t":"send","id":1,"group":"g","to":"*","type":1000}"#).is_some());
        for wrong in [
            "",
            "{",
            "[]",
            r#"{"t":"other"}"#,
            r#"{"t":"watch","more":1}"#,
            r#"{"t":"send","id":1,"group":"g","to":"*"}"#,
            r#"{"t":"send","id":1,"group":"g","to":"*","type":-1}"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
