//! `hub config`

use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// Print the built-in defaults with what each key means: a complete Settings.toml
    #[arg(long)]
    documented: bool,
}

pub(super) fn run(settings: &Settings, args: &ConfigArgs) -> Result<(), Failure> {
    if args.documented {
        print!("{}", Settings::default().to_toml(true));
    } else {
        // No setting holds a secret itself: keys are named by their files.
        print!("{}", settings.to_toml(false));
    }
    Ok(())
}
