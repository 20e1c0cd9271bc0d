//! `hub bench`: load over loopback and what it costs the server, in the hub's protocol and in those of its peers.
//!
//! The whole load is one thread with one event loop. The scenarios ([`pairs`], [`fanout`], [`connections`]) know
//! no protocol, the clients (`client_*`) no sockets, and [`swarm`] neither: so every server does the same work.
//! Stops at the numbers: tables and medians over several runs are `benches/peers.sh`.

mod alarms;
mod browsers;
mod client;
mod client_hub;
mod client_mqtt;
mod client_nats;
mod conn;
mod connections;
mod fanout;
mod histogram;
mod link;
mod meter;
mod own_hub;
mod pace;
mod pairs;
mod payload;
mod procfs;
#[cfg(test)]
mod proof;
mod readings;
mod report;
mod stop;
mod swarm;
mod target;
mod work;

use crate::failure::{Context, Failure};
use target::TargetArgs;
use work::Work;

const EXAMPLES: &str = "Examples:
  hub bench                                 all loads for a few seconds each, on a hub of their own
  hub bench pairs --window 64 --seconds 10  100 pairs, 64 messages of each under way
  hub bench pairs --rate 20000 --json       an even 20,000 messages a second, one JSON line
  hub bench idle --connections 10000 --tls  memory of idle sessions under TLS
  hub bench readings                        10 million stored readings: size, queries, and the recorder's load
  hub bench alarms                          100,000 rules, and how soon an ALARM is stored and told
  hub bench browsers                        memory of open pages, and a device's message beside them
  hub bench fanout --server 127.0.0.1:1883 --pid 4711 --protocol mqtt
                                            the same work for a broker that runs already";

/// How long a load runs and how it is shown.
#[derive(clap::Args, Debug)]
struct RunArgs {
    /// Seconds that are measured
    #[arg(long, default_value_t = 5.0, global = true)]
    seconds: f64,
    /// Seconds of load before measuring
    #[arg(long, default_value_t = 1.0, global = true)]
    warmup: f64,
    /// Print one JSON object a load, each on one line
    #[arg(long, global = true)]
    json: bool,
}

/// Load a server on this machine and measure it
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BenchArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(subcommand)]
    work: Option<Kind>,
}

#[derive(clap::Subcommand, Debug)]
enum Kind {
    #[command(flatten)]
    Load(Work),
    /// Size of stored readings, time of a query over millions, and the recorder under an even load
    #[command(after_help = "Example:\n  hub bench readings --readings 10000000 --spacing 10")]
    Readings(readings::ReadingsArgs),
    /// What 100,000 rules cost, and how soon an ALARM is stored and told while 10,000 events a second are stored
    #[command(after_help = "Example:\n  hub bench alarms --rules 0 --latency-seconds 60")]
    Alarms(alarms::AlarmsArgs),
    /// Memory of the hub for each open page that says nothing, and the latency of a device's message beside them
    #[command(after_help = "Example:\n  hub bench browsers --browsers 500")]
    Browsers(browsers::BrowsersArgs),
}

/// Runs the load that the words ask for, or all of them.
///
/// # Errors
/// When a message was lost, changed or came twice, when the server ended a connection, or when the words are wrong.
pub fn run(args: BenchArgs) -> Result<(), Failure> {
    let most =
        rlimit::increase_nofile_limit(u64::MAX).context("raising the limit of open files")?;
    stop::listen()?;
    let works = match args.work {
        Some(Kind::Readings(work)) => return readings::run(&work, args.run.json),
        Some(Kind::Alarms(work)) => return alarms::run(&work, args.run.json),
        Some(Kind::Browsers(work)) => return browsers::run(&work, &args.run, &args.target),
        Some(Kind::Load(work)) => vec![work],
        None => Work::all(),
    };
    let mut whole = true;
    for work in works {
        let load = work.checked(&args.run, most)?;
        let report = load.run(&args.target)?;
        report.print(args.run.json)?;
        whole &= report.is_whole();
    }
    if whole {
        return Ok(());
    }
    Err(Failure::new(
        "messages were lost, changed or out of order: the figures above do not count",
    ))
}
