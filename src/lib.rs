//! device-hub: the server that keeps sensors and actuators together, for several customers at once.
//!
//! # Follow one message
//!
//! Device 42 of the group *greenhouse* writes `42|17|1000|hello|<EOT>`.
//!
//! 1. **[`listener`]** accepted its connection: a permit first ([`listener::Gate`]), then a task for its login.
//! 2. **[`login`]** asked who it is and had it prove it ([`login::Door`]), before there was an actor. The group is
//!    known only now, so the socket leaves the accepting thread for the group's **[`island`]**.
//! 3. **[`session`]** is its actor there. One read takes all that has come; the **[`wire`]** module cuts it at EOT and
//!    checks each frame: syntax, origin, rights. Frames with the same destination become one run, all runs of the read
//!    one [`router::Batch`].
//! 4. **[`router`]** is the actor of the group. Its [`router::Table`] knows the members of the group and nobody else:
//!    17 is one of them, so the run is copied into 17's [`session::Outbox`], and counted as delivered in the
//!    **[`ledger`]**. Were 17 unknown, 42 would read `0|42|50|ERROR|NO_DEVICE|17|hello|`.
//! 5. 17's session wakes and writes out what its outbox holds.
//!
//! A reading goes another way: `42|0|26|temperature|21.5|C|1795232645000|7|` is for the hub. The session hands it to the
//! **[`recorder`]**, one thread that commits in batches through **[`storage`]**; after the commit `0|42|7|7|` (STORED)
//! goes into 42's outbox.
//!
//! A command goes a third way: an operator's order or a device's COMMAND comes to the **[`command`]** desk of the group, which the
//! router drives. It is committed, written to the device's outbox once it is there, and ended by the device's answer. What a
//! device has is a matter of **[`capability`]**, whether it is there one of **[`presence`]**; changes are told on the **[`bus`]**.
//! People are told of alarms by **[`notify`]**, through webhooks and e-mail.
//!
//! Operators come through the verbs of **[`cli`]** and the socket of **[`control`]** to **[`admin`]**, the one place
//! where groups and devices are changed; the **[`registry`]** is what logins see of them. **[`web`]** answers probes and
//! scrapes. **[`hub`]** composes all of it, from **[`settings`]**, with time from **[`clock`]** and randomness from
//! **[`entropy`]**. **[`simulate`]**, **[`demo`]** and **[`bench`]** stand outside, on the devices' side of the wire.

pub mod accounts;
pub mod admin;
pub mod alarm;
pub mod bench;
pub mod bus;
pub mod capability;
pub mod cli;
pub mod clock;
pub mod command;
pub mod control;
pub mod demo;
pub mod entropy;
pub mod failure;
pub mod hub;
pub mod island;
pub mod ledger;
pub mod listener;
pub mod live;
pub mod login;
pub mod notify;
pub mod presence;
pub mod readings;
pub mod recorder;
pub mod refusal;
pub mod registry;
pub mod router;
pub mod schedule;
pub mod session;
pub mod settings;
pub mod simulate;
mod stdout;
pub mod storage;
mod throttle;
pub mod web;
pub mod wire;
