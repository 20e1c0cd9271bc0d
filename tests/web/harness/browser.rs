//! A browser that is logged in: cookie, CSRF token and Origin as the pages send them.

use std::net::SocketAddr;

use serde_json::Value;

use super::http::{Ask, Reply};

#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) web: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser {
    /// From the answer to a login.
    #[track_caller]
    pub(crate) fn of(web: SocketAddr, reply: &Reply) -> Self {
        let me = reply.ok();
        Self {
            web,
            cookie: reply.cookie("hub_session").expect("no cookie"),
            csrf: me["csrf"].as_str().unwrap().to_owned(),
        }
    }

    /// A request as a page makes it.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        let ask = Ask::new(method, path).header("cookie", &format!("hub_session={}", self.cookie));
        if matches!(method, "GET" | "HEAD") {
            return ask;
        }
        ask.header("x-csrf-token", &self.csrf)
            .header("origin", &format!("http://{}", self.web))
    }

    #[track_caller]
    pub(crate) fn send(&self, ask: &Ask) -> Reply {
        ask.send(self.web)
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).send(self.web)
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path).json(body).send(self.web)
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask("PUT", path).json(body).send(self.web)
    }

    #[track_caller]
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Reply {
        self.ask("PATCH", path).json(body).send(self.web)
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path).send(self.web)
    }
}
