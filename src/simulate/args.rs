//! The command line of `hub simulate`.

use std::path::PathBuf;

use super::pace::Speed;

const EXAMPLES: &str = "Examples:
  hub simulate --count 100 --group meadow
  hub simulate --devices credentials.csv --event-seconds 1 --duration-seconds 60
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
    }
}
