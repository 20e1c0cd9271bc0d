//! The command line of `hub simulate`.

use std::path::PathBuf;

use super::faults::Faults;
use super::pace::Speed;
use crate::failure::Failure;

const EXAMPLES: &str = "Examples:
  hub simulate --count 100 --group meadow
  hub simulate --devices credentials.csv --event-seconds 1 --duration-seconds 60
  hub simulate --count 100 --group meadow --act-delay 2000 --reject 5 --silent 5 --lie 5
  hub simulate --group rooms --replay room-temperatures.csv --speed max";

/// Run devices that do not exist, over connections that do.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SimulateArgs {
    /// Where the hub listens for devices; without it, where the settings say
    #[arg(long, value_name = "HOST:PORT")]
    pub server: Option<String>,

    /// The devices: a CSV file with the header address,type,id,serial and, optionally, login
    #[arg(long, value_name = "FILE", required_unless_present_any = ["count", "group"])]
    pub devices: Option<PathBuf>,

    /// Register so many devices of different kinds for this run; without it 1
    #[arg(long, value_name = "N", requires = "group", conflicts_with = "devices", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: Option<u32>,

    /// The group in which they are registered; it is made if there is none
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,

    /// Seconds between two readings of a sensor; 0: none
    #[arg(long, value_name = "S", default_value_t = 10.0, value_parser = seconds)]
    pub event_seconds: f64,

    /// End after so many seconds; 0: at Ctrl-C
    #[arg(long, value_name = "S", default_value_t = 0.0, value_parser = seconds)]
    pub duration_seconds: f64,

    /// The same seed gives the same signals
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Connect by TLS
    #[arg(long)]
    pub tls: bool,

    /// The PEM file of the authority to trust; without it, the certificate that a hub makes in its data directory
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca: Option<PathBuf>,

    /// Send a recording instead (CSV: time,sensor,value), as the first of the devices
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,

    /// Times as fast as recorded, or max: as fast as the hub takes it
    #[arg(long, value_name = "N", default_value = "1", requires = "replay")]
    pub speed: Speed,

    #[command(flatten)]
    pub faults: FaultArgs,
}

/// What the devices do wrong with the hub's commands; the same seed and the same ids give the same faults.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Faults, of the hub's commands")]
pub struct FaultArgs {
    /// Accept a WRITE first, and carry it out and say DONE so much later
    #[arg(long, value_name = "MS", default_value_t = 0, conflicts_with = "replay", value_parser = clap::value_parser!(i64).range(0..=86_400_000))]
    pub act_delay: i64,

    /// Reject so many of 100
    #[arg(long, value_name = "PERCENT", default_value_t = 0, conflicts_with = "replay", value_parser = percent())]
    pub reject: u8,

    /// Never answer so many of 100, half of which are done all the same
    #[arg(long, value_name = "PERCENT", default_value_t = 0, conflicts_with = "replay", value_parser = percent())]
    pub silent: u8,

    /// Lie about so many of 100: done without having moved, answered twice, answered to an id that never came
    #[arg(long, value_name = "PERCENT", default_value_t = 0, conflicts_with = "replay", value_parser = percent())]
    pub lie: u8,
}

impl FaultArgs {
    /// # Errors
    /// More than 100 of 100.
    pub fn checked(self) -> Result<Faults, Failure> {
        let Self {
            act_delay: delay_ms,
            reject,
            silent,
            lie,
        } = self;
        if u32::from(reject) + u32::from(silent) + u32::from(lie) > 100 {
            return Err(Failure::usage(
                "--reject, --silent and --lie together are more than 100 percent",
            ));
        }
        Ok(Faults {
            delay_ms,
            reject,
            silent,
            lie,
        })
    }
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=100)
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=1e9).contains(&seconds) => Ok(seconds),
        _ => Err("give seconds, 0 or more".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SimulateArgs,
    }

    #[test]
    fn devices_come_from_a_file_or_are_made_in_a_group() {
        let parse = |words: &str| Line::try_parse_from(words.split(' ')).map(|line| line.args);
        assert!(parse("simulate").is_err());
        assert!(parse("simulate --count 5").is_err());
        assert!(parse("simulate --replay r.csv").is_err());
        assert!(parse("simulate --replay r.csv --group g").is_ok());
        assert!(parse("simulate --devices a.csv --count 5 --group g").is_err());
        assert!(parse("simulate --devices a.csv --speed max").is_err());
        assert!(parse("simulate --devices a.csv --ca a.pem").is_err());
        let args = parse("simulate --count 5 --group g --replay r.csv --speed max").unwrap();
        assert_eq!(args.speed, Speed::Max);
        assert!(parse("simulate --group g --replay r.csv --lie 5").is_err());
        assert!(parse("simulate --group g --lie 101").is_err());
        let faults = |words| parse(words).unwrap().faults.checked();
        assert!(faults("simulate --group g --lie 60 --silent 41").is_err());
        let lies = faults("simulate --group g --lie 60 --silent 40").unwrap();
        assert_eq!((lies.lie, lies.silent), (60, 40));
    }
}
