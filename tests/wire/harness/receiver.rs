//! Somebody who is notified: an HTTP server and a mail server, as simple as can be.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Channel, Sender};

use super::PATIENCE;

/// Takes requests or e-mails, each as the text that it is.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    heard: Channel<String>,
}

impl Receiver {
    /// A web server that answers with these statuses in turn, and with the last one from then on. 0: it never answers.
    pub(crate) fn web(statuses: &'static [u16]) -> Self {
        let mut asked = 0;
        Self::start(move |stream, tell| {
            let status = statuses[asked.min(statuses.len() - 1)];
            asked += 1;
            web(stream, status, tell);
        })
    }

    /// A mail server without TLS and login.
    pub(crate) fn mail() -> Self {
        Self::start(mail)
    }

    fn start(mut serve: impl FnMut(TcpStream, &Sender<String>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &tell);
            }
        });
        Self { address, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/alarms", self.address)
    }

    /// The next that comes.
    #[track_caller]
    pub(crate) fn next(&self) -> String {
        self.heard.recv_timeout(PATIENCE).expect("nothing came")
    }

    /// Whether something came that nobody has asked for yet.
    pub(crate) fn has_more(&self) -> bool {
        self.heard.try_recv().is_ok()
    }
}

fn web(mut stream: TcpStream, status: u16, tell: &Sender<String>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        if reader.read_line(&mut text).unwrap() == 0 {
            return;
        }
    }
    let length = header(&text, "content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    text.push_str(&String::from_utf8(body).unwrap());
    let _ = tell.send(text);
    if status == 0 {
        // Open, and silent, as long as the process lives.
        std::mem::forget(stream);
        return;
    }
    let _ = write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
}

fn mail(mut stream: TcpStream, tell: &Sender<String>) {
    let reader = BufReader::new(stream.try_clone().unwrap());
    let mut say = |line: &str| write!(stream, "{line}\r\n").is_ok();
    say("220 test");
    let (mut text, mut data) = (String::new(), false);
    for line in reader.lines().map_while(Result::ok) {
        text.push_str(&line);
        text.push('\n');
        let answer = match line.as_str() {
            "." if data => {
                data = false;
                let _ = tell.send(std::mem::take(&mut text));
                "250 taken"
            }
            _ if data => continue,
            "DATA" => {
                data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if !say(answer) {
            return;
        }
    }
}

/// The value of a header, its name in lower case.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// The JSON of a request.
#[track_caller]
pub(crate) fn body(request: &str) -> serde_json::Value {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}
