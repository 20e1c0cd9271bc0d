//! The web port, as far as the wire tests need it: one GET, and the numbers of `/metrics`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::wait::PATIENCE;

#[track_caller]
pub(super) fn get(web: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(web).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("no end of the head");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// The numbers of one look at `/metrics`, by the text before them.
#[derive(Debug)]
pub(crate) struct Metrics(Vec<(String, f64)>);

impl Metrics {
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines
                .filter_map(|line| line.rsplit_once(' '))
                .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
                .collect(),
        )
    }

    /// The sum over all labels of one name; 0 when it was never counted.
    pub(crate) fn sum(&self, name: &str) -> u64 {
        self.add_up(|full| full == name || full.strip_prefix(name).is_some_and(is_labels))
    }

    /// The number with this one label.
    pub(crate) fn labelled(&self, name: &str, label: &str, value: &str) -> u64 {
        let wanted = format!("{label}=\"{value}\"");
        self.add_up(|full| {
            full.strip_prefix(name)
                .is_some_and(|labels| is_labels(labels) && labels.contains(&wanted))
        })
    }

    pub(crate) fn logins(&self, outcome: &str) -> u64 {
        self.labelled("hub_logins_total", "outcome", outcome)
    }

    pub(crate) fn dropped(&self, reason: &str) -> u64 {
        self.labelled("hub_frames_dropped_total", "reason", reason)
    }

    /// Frames received, and what became of them: equal when the ledger balances.
    pub(crate) fn frames(&self) -> (u64, u64) {
        let ends = ["delivered", "answered", "dropped"];
        let ended = ends.map(|end| self.sum(&format!("hub_frames_{end}_total")));
        (self.sum("hub_frames_received_total"), ended.iter().sum())
    }

    /// Copies made, and what became of them.
    pub(crate) fn copies(&self) -> (u64, u64) {
        let ended =
            ["delivered", "dropped"].map(|end| self.sum(&format!("hub_copies_{end}_total")));
        (self.sum("hub_copies_made_total"), ended.iter().sum())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of a test are small and whole"
    )]
    fn add_up(&self, wanted: impl Fn(&str) -> bool) -> u64 {
        let chosen = self.0.iter().filter(|(name, _)| wanted(name));
        chosen.map(|(_, value)| *value as u64).sum()
    }
}

fn is_labels(text: &str) -> bool {
    text.starts_with('{')
}
