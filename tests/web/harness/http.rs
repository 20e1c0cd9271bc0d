//! HTTP/1.1 by hand: whatever a test wants is sent, and what came back is there as it came.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use super::PATIENCE;

/// A request in the making.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Ask {
    /// `path` as behind `/api/v1`, or the whole when it begins with two slashes.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let path = match path.strip_prefix("//") {
            Some(whole) => format!("/{whole}"),
            None => format!("/api/v1{path}"),
        };
        Self {
            method: method.to_owned(),
            path,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// One more header, or another value of one.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(crate) fn text(self, kind: &str, body: &str) -> Self {
        let mut ask = self.header("content-type", kind);
        ask.body = body.as_bytes().to_vec();
        ask
    }

    #[track_caller]
    pub(crate) fn send(&self, to: SocketAddr) -> Reply {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.headers.iter().any(|(name, _)| name == "host") {
            head += &format!("host: {to}\r\n");
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!(
            "content-length: {}\r\nconnection: close\r\n\r\n",
            self.body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A hub that refuses early may close before it has read all.
        let _ = stream.write_all(&self.body);
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert!(!answer.is_empty(), "no answer: {error}");
        }
        Reply::parse(&answer)
    }
}

impl Reply {
    #[track_caller]
    fn parse(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.expect("no end of the head") + 4);
        let head = std::str::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap_or((line, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let chunked = headers
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked {
            unchunked(body)
        } else {
            body.to_vec()
        };
        Self {
            status: status.parse().unwrap(),
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// That it is the answer, as JSON.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// That it is a refusal by the rules: problem details, with this status and code. Answers its sentence.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        let detail = problem["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with('.'), "no sentence: {detail}");
        detail
    }

    /// The value of a cookie that is set here.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let set = self
            .headers
            .iter()
            .filter(|(known, _)| known == "set-cookie");
        let mut values = set.filter_map(|(_, value)| {
            let (known, rest) = value.split_once('=')?;
            (known == name).then(|| rest.split(';').next().unwrap_or("").to_owned())
        });
        values.next()
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    whole
}
