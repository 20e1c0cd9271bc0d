//! `hub notify`

use clap::{ArgGroup, Args, Subcommand};

use super::output::{json, table, unexpected};
use super::reading::shown;
use crate::admin::{
    AddChannel, AddedChannel, ChannelInfo, ChannelTo, NotifyRequest, NotifyResponse, Request,
    Response,
};
use crate::alarm::Severity;
use crate::control::request;
use crate::failure::Failure;
use crate::notify::{addresses, check_secret, url};
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum NotifyVerb {
    /// Have a webhook or mail addresses told of a group's alarms
    #[command(
        after_help = "Examples:\n  hub notify add ops --group greenhouse --webhook https://example.org/alarms\n  hub notify add night --group greenhouse --email a@example.org,b@example.org --severity critical"
    )]
    Add(AddArgs),
    /// Show channels, and how they are doing
    #[command(after_help = "Example: hub notify list --group greenhouse")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Send a test message now, and say whether it arrived
    #[command(after_help = "Example: hub notify test ops --group greenhouse")]
    Test {
        name: String,
        #[arg(long)]
        group: String,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Remove a channel, with what waits for it
    #[command(after_help = "Example: hub notify remove ops --group greenhouse")]
    Remove {
        name: String,
        #[arg(long)]
        group: String,
    },
}

#[derive(Args)]
#[command(group = ArgGroup::new("to").required(true))]
pub(super) struct AddArgs {
    /// Unique in its group
    name: String,
    /// The group whose alarms are told
    #[arg(long)]
    group: String,
    /// Where to POST to: http or https
    #[arg(long, value_name = "URL", group = "to")]
    webhook: Option<String>,
    /// Addresses, with commas between; the mail server is in the settings
    #[arg(long, value_name = "ADDRESSES", group = "to")]
    email: Option<String>,
    /// The webhook's secret, 16 characters at least; without it one is made
    #[arg(long, conflicts_with = "email")]
    secret: Option<String>,
    /// The least severity that is told
    #[arg(long, value_enum, default_value = "warning")]
    severity: Severity,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

// A secret never gets into a log.
impl std::fmt::Debug for AddArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AddArgs({}/{})", self.group, self.name)
    }
}

pub(super) fn run(settings: &Settings, verb: NotifyVerb) -> Result<(), Failure> {
    match verb {
        NotifyVerb::Add(args) => add(settings, args),
        NotifyVerb::List { group, json } => list(settings, group, json),
        NotifyVerb::Test { name, group, json } => test(settings, group, name, json),
        NotifyVerb::Remove { name, group } => {
            let done = format!("channel {name} removed");
            request(
                settings,
                Request::Notify(NotifyRequest::Remove { group, name }),
            )?;
            say(done);
            Ok(())
        }
    }
}

fn ask(settings: &Settings, asked: NotifyRequest) -> Result<NotifyResponse, Failure> {
    match request(settings, Request::Notify(asked))? {
        Response::Notify(answer) => Ok(*answer),
        other => Err(unexpected(&other)),
    }
}

fn strange(answer: &NotifyResponse) -> Failure {
    Failure::new(format!("the hub gave an unexpected answer: {answer:?}"))
}

fn add(settings: &Settings, args: AddArgs) -> Result<(), Failure> {
    let to = match (args.webhook, args.email) {
        // Not by the parser of the options: its complaint would repeat a password that stands in the URL.
        (Some(typed), _) => {
            let wrong = |what| move |error| Failure::usage(format!("{what}: {error}"));
            let given = args.secret.map(check_secret).transpose();
            ChannelTo::Webhook {
                url: url(&typed).map_err(wrong("--webhook"))?,
                secret: given.map_err(wrong("--secret"))?,
            }
        }
        (None, Some(typed)) => {
            let to =
                addresses(&typed).map_err(|error| Failure::usage(format!("--email: {error}")))?;
            ChannelTo::Email {
                addresses: to.join(","),
            }
        }
        (None, None) => return Err(Failure::usage("give --webhook or --email")),
    };
    let channel = AddChannel {
        group: args.group,
        name: args.name,
        to,
        severity: args.severity,
    };
    match ask(settings, NotifyRequest::Add(channel))? {
        NotifyResponse::Added(added) if args.json => json(&added),
        NotifyResponse::Added(added) => {
            tell_added(&added);
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn tell_added(added: &AddedChannel) {
    let AddedChannel {
        name,
        group,
        severity,
        ..
    } = added;
    say(format_args!(
        "channel {name} made; it is told of alarms of group {group} from {} on",
        severity.name()
    ));
    if let Some(secret) = &added.secret {
        say(format_args!(
            "secret: {secret}\nIt is shown this once: the receiver needs it to check X-Hub-Signature."
        ));
    }
    say(format_args!(
        "try it with: hub notify test {name} --group {group}"
    ));
}

fn list(settings: &Settings, group: Option<String>, as_json: bool) -> Result<(), Failure> {
    match ask(settings, NotifyRequest::List { group })? {
        NotifyResponse::Channels(channels) if as_json => json(&channels),
        NotifyResponse::Channels(channels) => {
            table(
                [
                    "group", "channel", "kind", "to", "from", "state", "waiting", "sent", "dead",
                ],
                channels.iter().map(row),
            );
            for ChannelInfo {
                group,
                name,
                last_error,
                ..
            } in channels
            {
                if !last_error.is_empty() {
                    say(format_args!(
                        "\n{name} of {group}, last error: {last_error}"
                    ));
                }
            }
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn row(channel: &ChannelInfo) -> [String; 9] {
    let state = match channel.failing_since_ms {
        Some(since) => format!("failing since {}", shown(since)),
        None => channel.state.clone(),
    };
    let waiting = match channel.omitted {
        0 => channel.waiting.to_string(),
        omitted => format!("{} ({omitted} left out)", channel.waiting),
    };
    [
        channel.group.clone(),
        channel.name.clone(),
        channel.kind.clone(),
        channel.target.clone(),
        channel.severity.name().to_owned(),
        state,
        waiting,
        channel.sent.to_string(),
        channel.dead.to_string(),
    ]
}

fn test(settings: &Settings, group: String, name: String, as_json: bool) -> Result<(), Failure> {
    let failed = format!("the test of channel {name} was not delivered");
    match ask(settings, NotifyRequest::Test { group, name })? {
        NotifyResponse::Tested(tested) => {
            if as_json {
                json(&tested)?;
            } else if tested.delivered {
                say("delivered");
                if !tested.reason.is_empty() {
                    say(format_args!("but {}", tested.reason));
                }
            }
            if tested.delivered {
                Ok(())
            } else {
                Err(Failure::new(format!("{failed}: {}", tested.reason)))
            }
        }
        other => Err(strange(&other)),
    }
}
