//! `hub config`

use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// Print the built-in defaults with what each key means: a complete Settings.toml
    #[arg(long)]
    documented: bool,
}

pub(super) fn run(settings: &Settings, args: &ConfigArgs) -> Result<(), Failure> {
    if args.documented {
        say(Settings::default().to_toml(true).trim_end());
    } else {
        // No setting holds a secret itself: keys are named by their files.
        say(settings.to_toml(false).trim_end());
    }
    Ok(())
}
