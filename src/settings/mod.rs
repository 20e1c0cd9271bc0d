//! The settings: one documented struct that gives defaults, checks, Settings.toml and the names in the environment.
//!
//! Order of precedence: environment `HUB_<SECTION>__<KEY>`, then Settings.toml, then the defaults below.

#[macro_use]
mod table;
mod load;
mod rule;

pub use load::{FILE_NAME, load};
pub use rule::{ClockSetTypes, keeps_in_order, listen_address, optional_listen_address};

use rule::{any, clock_set, one_of, range, socket, socket_or_off, zero_or};

/// A value of the settings as a size in memory; their rules keep it far below what memory can be.
pub fn size(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// One setting, as it is shown.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Setting {
    /// Empty: of the hub as a whole.
    pub section: &'static str,
    pub key: &'static str,
    /// As Settings.toml would have it.
    pub value: String,
    pub default: String,
    pub about: &'static str,
}

settings! {
    /// The hub as a whole.
    root Hub {
        /// Where the database, keys, lock and control socket live. Made at the first start, mode 0700.
        data_dir: String = "./data", any();
        /// What is logged to standard error: error, warn, info, debug or trace. RUST_LOG, if set, wins.
        log: String = "info", one_of(&["error", "warn", "info", "debug", "trace"]);
        /// Seconds that a graceful stop may take in all before it is cut short.
        shutdown_seconds: u64 = 10, range(1, 600);
    }

    /// Devices: where they connect and what each may use.
    section devices Devices {
        /// Address and port for TCP; port 0 takes a free one. 0.0.0.0 opens it to the network.
        listen: String = "127.0.0.1:10821", socket();
        /// Address and port for TLS, or "off".
        tls_listen: String = "off", socket_or_off();
        /// PEM file with the TLS certificate chain. Empty: a self-signed one is made in the data directory.
        tls_certificate: String = "", any();
        /// PEM file with the TLS private key. Empty: made beside the self-signed certificate, mode 0600.
        tls_key: String = "", any();
        /// Names and addresses, with commas, by which devices will call this hub: they go into the self-signed
        /// certificate when it is made, beside localhost and the name of this machine.
        tls_names: String = "", any();
        /// Bytes of one frame at most, EOT not counted.
        max_frame_bytes: u64 = 8192, range(64, 1 << 20);
        /// Fields of one frame at most, the leading three included.
        max_fields: u64 = 64, range(8, 4096);
        /// Seconds from the accepted connection to the completed login.
        login_seconds: u64 = 10, range(1, 300);
        /// Seconds without a whole frame after which the hub asks ALIVE.
        alive_seconds: u64 = 120, range(1, 86_400);
        /// Seconds after that question until a silent session is closed.
        alive_grace_seconds: u64 = 60, range(1, 86_400);
        /// Bytes that may wait for one device; at least max_frame_bytes + 2.
        outbox_bytes: u64 = 1 << 20, range(128, 1 << 30);
        /// Bytes that may wait for all devices together.
        all_outboxes_bytes: u64 = 256 << 20, range(1 << 16, 1 << 36);
        /// Seconds for which frames to a device may be dropped before its session ends with SLOW_READER.
        slow_reader_seconds: u64 = 30, range(1, 3600);
        /// Protocol errors (BAD_FRAME, BAD_ORIGIN) within a minute that end a session.
        max_protocol_errors: u64 = 3, range(1, 1000);
        /// Connections at most, logins under way included. 0: as many as the file descriptors allow.
        max_connections: u64 = 0, range(0, 10_000_000);
        /// Logins under way at once; further connections are told BUSY.
        max_logins: u64 = 20_000, range(1, 10_000_000);
        /// Seconds that a device is asked to stay away with BUSY when the hub sheds load.
        busy_seconds: u64 = 5, range(1, 3600);
        /// Wrong digests that one source address may spend on one device before BUSY.
        guesses_per_device: u64 = 20, range(1, 1_000_000);
        /// Wrong digests a second that are forgiven, for one source address and device.
        guesses_per_device_refill: u64 = 1, range(1, 1_000_000);
        /// Wrong digests that one source address may spend in all before BUSY.
        guesses_per_source: u64 = 1000, range(1, 1_000_000);
        /// Wrong digests a second that are forgiven, for one source address.
        guesses_per_source_refill: u64 = 100, range(1, 1_000_000);
        /// Types that receive CLOCK_SET after login: "*" for all, "" for none, or numbers with commas.
        clock_set_types: String = "*", clock_set();
    }

    /// Routing: the islands in which the devices of a customer group live.
    section routing Routing {
        /// Threads for islands. 0: one for each processor core.
        threads: u64 = 0, range(0, 1024);
        /// Batches that wait for a router before its sessions stop reading.
        mailbox: u64 = 256, range(1, 65_536);
        /// Bytes in such batches, for one group, before its sessions stop reading.
        queue_bytes: u64 = 16 << 20, range(1 << 16, 1 << 32);
    }

    /// Storage: the embedded SQLite database in the data directory.
    section storage Storage {
        /// Milliseconds that a reading waits at most for others to share its commit. 0: commit at once.
        batch_millis: u64 = 20, range(0, 10_000);
        /// Readings at most in one commit.
        batch_rows: u64 = 5000, range(1, 1_000_000);
        /// Readings that wait for the recorder before their sessions stop being read.
        queue_rows: u64 = 50_000, range(1, 10_000_000);
        /// Sensors (name and unit) that one device may have.
        max_sensors: u64 = 256, range(1, 1_000_000);
        /// Bytes of a text value at most.
        max_text_bytes: u64 = 1024, range(1, 65_536);
        /// Bytes that the database and its log may take together; the oldest readings go first. 0: no cap.
        max_bytes: u64 = 10 << 30, zero_or(4 << 20, 1 << 50);
        /// Seconds that a reading waits before it is packed with others; a repeat within them is found fastest.
        settle_seconds: u64 = 120, range(0, 86_400);
        /// Days that readings are kept one by one. 0: for ever. `hub reading retention` overrides it for a group or sensor.
        raw_days: u64 = 0, range(0, 36_500);
        /// Days that their minute roll-ups are kept; at least raw_days. 0: for ever.
        minute_days: u64 = 0, range(0, 36_500);
        /// Days that their hour roll-ups are kept; at least minute_days. 0: for ever.
        hour_days: u64 = 0, range(0, 36_500);
    }

    /// Commands: what devices are told to do.
    section commands Commands {
        /// Seconds after which a WRITE (or another command that acts) without an expiry of its own is not sent any more.
        expire_seconds: u64 = 60, range(1, 31_536_000);
        /// Seconds that a device has for its answer; never less than until the command's expiry.
        answer_seconds: u64 = 30, range(1, 86_400);
        /// Seconds from ACCEPTED until the act has to be done.
        act_seconds: u64 = 600, range(1, 604_800);
        /// Commands that may be open for one device; further ones are refused BUSY.
        queue: u64 = 100, range(1, 100_000);
        /// Commands that may be open in one group.
        group_queue: u64 = 10_000, range(1, 10_000_000);
        /// Days for which ended commands are kept.
        keep_days: u64 = 90, range(1, 36_500);
    }

    /// Alarms: what is wrong, told once.
    section alarms Alarms {
        /// Alarm rules that the hub may have.
        max_rules: u64 = 100_000, range(1, 10_000_000);
        /// ALARMs that one device may send at once; further ones are refused BUSY.
        burst: u64 = 100, range(1, 100_000);
        /// ALARMs a second that it may send for long.
        per_second: u64 = 10, range(1, 100_000);
        /// Raises of one rule for one device within chatter_seconds from which on it is held as chattering. 0: never.
        chatter_times: u64 = 5, range(0, 1000);
        /// See chatter_times.
        chatter_seconds: u64 = 600, range(1, 86_400);
        /// Seconds that a chattering alarm has to stay normal until it is cleared.
        calm_seconds: u64 = 300, range(1, 86_400);
        /// Days for which cleared alarms and their history are kept.
        keep_days: u64 = 365, range(1, 36_500);
    }

    /// Schedules: things done on time.
    section schedules Schedules {
        /// Schedules that the hub may have.
        max_schedules: u64 = 100_000, range(1, 10_000_000);
        /// Runs that may be under way, begun and without an outcome; what is due beyond them is refused BUSY.
        queue_runs: u64 = 100_000, range(1, 10_000_000);
        /// Days for which the history of runs is kept.
        keep_days: u64 = 90, range(1, 36_500);
    }

    /// Notifications: who is told of alarms, by webhooks and e-mail.
    section notify Notify {
        /// What messages call this hub. Empty: the name of this machine.
        hub_name: String = "", any();
        /// Seconds between two messages to one channel, at least; what happens meanwhile goes into the next.
        gather_seconds: u64 = 30, range(1, 86_400);
        /// Notifications that may wait for one channel, and that are kept of its messages that were given up; further
        /// ones are only counted, and the next message says how many they are.
        queue: u64 = 10_000, range(100, 1_000_000);
        /// Channels that one group may have.
        channels: u64 = 20, range(1, 1000);
        /// Seconds until a webhook's server has to be connected.
        connect_seconds: u64 = 5, range(1, 300);
        /// Seconds that one attempt at a webhook may take in all.
        timeout_seconds: u64 = 10, range(1, 300);
        /// Seconds for which a message is tried again before it is given up.
        give_up_seconds: u64 = 86_400, range(60, 2_592_000);
        /// Days for which messages that were given up are kept.
        keep_days: u64 = 30, range(1, 36_500);
        /// PEM file with certificate authorities that are trusted beside the system's, for webhooks and mail.
        trust_file: String = "", any();
    }

    /// Mail: the server that takes the e-mails of notifications.
    section mail Mail {
        /// Its name or address. Empty: no e-mail is sent, and none of its channels can be made.
        host: String = "", any();
        /// Its port: 587 for starttls, 465 for tls.
        port: u64 = 587, range(1, 65_535);
        /// starttls, tls, or off; off is allowed for a server on this machine only.
        tls: String = "starttls", one_of(&["starttls", "tls", "off"]);
        /// Name to log in with. Empty: without a login.
        user: String = "", any();
        /// File with the password, mode 0600: so it stands in no settings and no log.
        password_file: String = "", any();
        /// The sender's address.
        from: String = "", any();
        /// Seconds that one attempt may take in all.
        timeout_seconds: u64 = 20, range(1, 300);
    }

    /// Web: the dashboard and the API, health, readiness and metrics.
    section web Web {
        /// Address and port for HTTP, or "off"; port 0 takes a free one. 0.0.0.0 opens it to the network: with tls, then.
        listen: String = "127.0.0.1:8080", socket_or_off();
        /// on: HTTPS only. off: HTTP, for this machine or behind a proxy that speaks HTTPS.
        tls: String = "off", one_of(&["on", "off"]);
        /// PEM file with the certificate chain of the web server. Empty: the devices' one (devices.tls_certificate).
        tls_certificate: String = "", any();
        /// PEM file with its private key. Empty: the devices' one.
        tls_key: String = "", any();
        /// How browsers reach the hub, such as https://hub.example.org: links are made with it, and requests from pages of
        /// this origin are taken. Empty: http or https and web.listen.
        url: String = "", any();
        /// Days after which a browser that was not used has to log in again.
        session_days: u64 = 14, range(1, 366);
        /// Requests a second that one user may make for long.
        requests_per_second: u64 = 50, range(1, 100_000);
        /// Requests that one user may make at once.
        burst: u64 = 500, range(1, 1_000_000);
        /// Wrong passwords that one source address may spend on one name before it has to wait.
        guesses: u64 = 10, range(1, 1000);
        /// Seconds after which one of them is forgiven.
        guess_seconds: u64 = 30, range(1, 86_400);
        /// Days for which the audit log is kept.
        audit_days: u64 = 365, range(1, 36_500);
        /// Connections at once, browsers' live sockets included. Further ones wait.
        max_connections: u64 = 2000, range(16, 100_000);
        /// Live sockets (open pages) at most; further ones are told to come back.
        max_browsers: u64 = 1000, range(1, 100_000);
    }
}
