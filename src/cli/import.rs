//! `hub device import`

use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::output::{json, unexpected};
use crate::admin::{Credential, ImportRow, Imported, Request, Response};
use crate::control::request;
use crate::failure::{Context, Failure};
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The CSV file, or - for standard input
    file: PathBuf,
    /// Write address, type, id and serial of each row into this new file (mode 0600)
    #[arg(long, value_name = "OUT.csv")]
    credentials: Option<PathBuf>,
    /// Import nothing unless every row is good
    #[arg(long)]
    strict: bool,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

const REQUIRED: [&str; 6] = ["group", "type", "id", "serial", "login", "name"];
const OPTIONAL: [&str; 2] = ["labels", "rights"];

pub(super) fn run(settings: &Settings, args: &ImportArgs) -> Result<(), Failure> {
    let (rows, mut unreadable) = read(&args.file)?;
    // Before anything is changed: serials that were generated could otherwise be lost.
    let credentials = args
        .credentials
        .as_deref()
        .map(create_private)
        .transpose()?;
    if args.strict && !unreadable.is_empty() {
        return report(
            args,
            Imported {
                devices: Vec::new(),
                errors: unreadable,
            },
        );
    }
    let mut imported = match request(
        settings,
        Request::DeviceImport {
            rows,
            strict: args.strict,
        },
    )? {
        Response::Imported(imported) => imported,
        other => return Err(unexpected(&other)),
    };
    imported.errors.append(&mut unreadable);
    imported.errors.sort_by_key(|error| error.line);
    if let Some(file) = credentials {
        write_credentials(file, &imported.devices)?;
    }
    report(args, imported)
}

fn read(path: &Path) -> Result<(Vec<ImportRow>, Vec<crate::admin::RowError>), Failure> {
    let shown = path.display();
    let mut source = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut source)
    } else {
        fs::File::open(path).and_then(|mut file| file.read_to_end(&mut source))
    }
    .context(format!("cannot read {shown}"))?;
    let mut csv = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(source.as_slice());
    let header = csv
        .headers()
        .context(format!("cannot read {shown}"))?
        .clone();
    check_header(&header)?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = line_of(error.position(), &source);
                errors.push(crate::admin::RowError {
                    line,
                    error: error.to_string(),
                });
                continue;
            }
        };
        let line = line_of(record.position(), &source);
        if record.len() != header.len() {
            let error = format!(
                "{} fields, but the header has {}",
                record.len(),
                header.len()
            );
            errors.push(crate::admin::RowError { line, error });
            continue;
        }
        rows.push(row(&header, &record, line));
    }
    Ok((rows, errors))
}

/// The line that a record stands on. The reader's own count is that of the blank lines before it.
fn line_of(position: Option<&csv::Position>, source: &[u8]) -> u64 {
    let Some(position) = position else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = source.get(start..).unwrap_or_default().iter();
    let skipped = blank
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|byte| **byte == b'\n');
    position.line() + skipped.count() as u64
}

fn check_header(header: &csv::StringRecord) -> Result<(), Failure> {
    let missing: Vec<_> = REQUIRED
        .iter()
        .filter(|name| !header.iter().any(|h| h == **name))
        .collect();
    let unknown: Vec<_> = header
        .iter()
        .filter(|h| !REQUIRED.contains(h) && !OPTIONAL.contains(h))
        .collect();
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the first line must be the header {} with labels and rights if wanted; missing: {missing:?}, unknown: {unknown:?}",
        REQUIRED.join(",")
    )))
}

fn row(header: &csv::StringRecord, record: &csv::StringRecord, line: u64) -> ImportRow {
    let mut row = ImportRow {
        line,
        ..ImportRow::default()
    };
    for (name, value) in header.iter().zip(record) {
        let field = match name {
            "group" => &mut row.group,
            "type" => &mut row.kind,
            "id" => &mut row.id,
            "serial" => &mut row.serial,
            "login" => &mut row.login,
            "name" => &mut row.name,
            "labels" => &mut row.labels,
            "rights" => &mut row.rights,
            _ => continue,
        };
        value.clone_into(field);
    }
    row
}

fn create_private(path: &Path) -> Result<fs::File, Failure> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).context(format!(
        "cannot make {} (an existing file is not overwritten, since it may hold the only copy of serials)",
        path.display()
    ))
}

fn write_credentials(file: fs::File, devices: &[Credential]) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(file);
    let doing = "cannot write the credentials";
    csv.write_record(["address", "type", "id", "serial", "login"])
        .context(doing)?;
    for device in devices {
        let (address, kind) = (device.address.to_string(), device.kind.to_string());
        csv.write_record([
            &address,
            &kind,
            &device.id,
            &device.serial,
            device.login.name(),
        ])
        .context(doing)?;
    }
    csv.into_inner().context(doing)?.sync_all().context(doing)
}

fn report(args: &ImportArgs, imported: Imported) -> Result<(), Failure> {
    for error in &imported.errors {
        eprintln!("{}:{}: {}", args.file.display(), error.line, error.error);
    }
    let (good, bad) = (imported.devices.len(), imported.errors.len());
    if args.json {
        // Serials go into the credentials file only.
        json(&serde_json::json!({ "imported": good, "errors": imported.errors }))?;
    } else {
        say(format_args!("{good} devices imported, {bad} rows refused"));
        if args.credentials.is_none() && good > 0 {
            say("Serials that were generated are not shown; --credentials OUT.csv keeps them.");
        }
    }
    if bad > 0 {
        return Err(Failure::new(format!(
            "{bad} rows were refused; correct them and import them again"
        )));
    }
    Ok(())
}
