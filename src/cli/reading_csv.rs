//! `hub reading export` and `hub reading import`: readings as CSV.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHasher};

use super::output::json;
use super::reading::{ask, shown, strange, time};
use crate::admin::{
    ExportedReading, ReadingExport, ReadingImported, ReadingRequest, ReadingResponse, ReadingRow,
    RowError, parse_time,
};
use crate::failure::{Context, Failure};
use crate::readings::{Value, guarded, guarded_value, unguarded};
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Only of this group
    #[arg(long)]
    group: Option<String>,
    /// Only of this device
    #[arg(long, value_name = "ADDRESS")]
    device: Option<u32>,
    /// Only of this sensor, or of the parts of this composite
    #[arg(long)]
    sensor: Option<String>,
    /// From this time on, RFC 3339 or Unix milliseconds
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<i64>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<i64>,
    /// Into this new file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The CSV file, or - for standard input; its header names some of the columns of an export
    file: PathBuf,
    /// The device of rows that name none
    #[arg(long, value_name = "ADDRESS")]
    device: Option<u32>,
    /// The sensor of rows that name none
    #[arg(long)]
    sensor: Option<String>,
    /// The unit of rows that name none
    #[arg(long)]
    unit: Option<String>,
    /// Import nothing unless every row is good
    #[arg(long)]
    strict: bool,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

const COLUMNS: [&str; 10] = [
    "address", "type", "id", "group", "sensor", "unit", "time", "value", "msgno", "received",
];

/// In files of the web as well; readings are not found by it.
const NAME: &str = "name";

/// Readings of one request.
const PAGE: usize = 10_000;
const CHUNK: usize = 5000;

pub(super) fn export(settings: &Settings, args: &ExportArgs) -> Result<(), Failure> {
    let out: Box<dyn Write> = match &args.out {
        None => Box::new(std::io::stdout().lock()),
        Some(path) => Box::new(File::create_new(path).context(format!(
            "cannot make {} (an existing file is not overwritten)",
            path.display()
        ))?),
    };
    let doing = "cannot write the readings";
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS).context(doing)?;
    let mut cursor = None;
    loop {
        let page = ReadingExport {
            group: args.group.clone(),
            address: args.device,
            sensor: args.sensor.clone(),
            from_ms: args.from,
            to_ms: args.to,
            cursor,
            limit: PAGE,
        };
        let (rows, next) = match ask(settings, ReadingRequest::Export(page))? {
            ReadingResponse::Page { rows, cursor } => (rows, cursor),
            other => return Err(strange(&other)),
        };
        for row in &rows {
            write_row(&mut csv, row).context(doing)?;
        }
        match next {
            Some(_) => cursor = next,
            None => return csv.flush().context(doing),
        }
    }
}

fn write_row(csv: &mut csv::Writer<Box<dyn Write>>, row: &ExportedReading) -> csv::Result<()> {
    csv.write_record([
        &row.address.to_string(),
        &row.kind.to_string(),
        &guarded(&row.id),
        &guarded(&row.group),
        &guarded(&row.sensor),
        &guarded(&row.unit),
        &shown(row.at_ms),
        &guarded_value(&row.value),
        &row.msgno.to_string(),
        &shown(row.hub_ms),
    ])
}

pub(super) fn import(settings: &Settings, args: &ImportArgs) -> Result<(), Failure> {
    if args.strict {
        if args.file.as_os_str() == "-" {
            return Err(Failure::usage(
                "--strict reads the file twice, which standard input cannot be; give a file",
            ));
        }
        let checked = send(settings, args, true)?;
        if !checked.errors.is_empty() {
            let errors = checked.errors;
            return report(
                args,
                &ReadingImported {
                    errors,
                    ..ReadingImported::default()
                },
            );
        }
    }
    report(args, &send(settings, args, false)?)
}

/// Reads the file and has its rows checked or stored, chunk by chunk.
fn send(settings: &Settings, args: &ImportArgs, check: bool) -> Result<ReadingImported, Failure> {
    let shown = args.file.display();
    let mut csv = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .flexible(true)
        .from_reader(open(&args.file)?);
    let header = csv
        .headers()
        .context(format!("cannot read {shown}"))?
        .clone();
    check_header(&header)?;
    let mut imported = ReadingImported::default();
    let (mut rows, mut seen) = (Vec::new(), FxHashMap::default());
    for record in csv.records() {
        match record {
            Ok(record) if record.len() == header.len() => {
                let mut row = row(args, &header, &record);
                row.nth = nth(&mut seen, &row);
                rows.push(row);
            }
            Ok(record) => imported.errors.push(RowError {
                line: record.position().map_or(0, csv::Position::line),
                error: format!(
                    "{} fields, but the header has {}",
                    record.len(),
                    header.len()
                ),
            }),
            Err(error) if error.is_io_error() => {
                return Err(Failure::new(format!("cannot read {shown}: {error}")));
            }
            Err(error) => imported.errors.push(RowError {
                line: error.position().map_or(0, csv::Position::line),
                error: error.to_string(),
            }),
        }
        if rows.len() >= CHUNK {
            imported.add(chunk(settings, std::mem::take(&mut rows), check)?);
        }
    }
    imported.add(chunk(settings, rows, check)?);
    imported.errors.sort_by_key(|error| error.line);
    Ok(imported)
}

fn chunk(
    settings: &Settings,
    rows: Vec<ReadingRow>,
    check: bool,
) -> Result<ReadingImported, Failure> {
    match ask(settings, ReadingRequest::Import { rows, check })? {
        ReadingResponse::Imported(imported) => Ok(imported),
        other => Err(strange(&other)),
    }
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(path).context(format!("cannot read {}", path.display()))?;
    Ok(Box::new(file))
}

fn check_header(header: &csv::StringRecord) -> Result<(), Failure> {
    let unknown: Vec<_> = header
        .iter()
        .filter(|h| *h != NAME && !COLUMNS.contains(h))
        .collect();
    let missing: Vec<_> = ["time", "value"]
        .into_iter()
        .filter(|name| !header.iter().any(|h| h == *name))
        .collect();
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the first line must be a header with time and value, and any of {}; missing: {missing:?}, unknown: {unknown:?}",
        COLUMNS.join(",")
    )))
}

fn row(args: &ImportArgs, header: &csv::StringRecord, record: &csv::StringRecord) -> ReadingRow {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut row = ReadingRow {
        line: record.position().map_or(0, csv::Position::line),
        address: args
            .device
            .map(|device| device.to_string())
            .unwrap_or_default(),
        sensor: given(&args.sensor),
        unit: given(&args.unit),
        ..ReadingRow::default()
    };
    for (name, value) in header.iter().zip(record) {
        let field = match name {
            "address" => &mut row.address,
            "type" => &mut row.kind,
            "id" => &mut row.id,
            "group" => &mut row.group,
            "sensor" => &mut row.sensor,
            "unit" => &mut row.unit,
            "time" => &mut row.time,
            "value" => &mut row.value,
            "msgno" => &mut row.msgno,
            "received" => &mut row.received,
            _ => continue,
        };
        // Empty: what the command line says stays.
        let is_number = name == "value" && !matches!(Value::parse(value), Some(Value::Text(_)));
        if !value.is_empty() {
            let value = if is_number { value } else { unguarded(value) };
            value.clone_into(field);
        }
    }
    row
}

/// How many rows before this one have its device, sensor and time and no number either. Kept by hash: two that
/// share one are numbered on, which does no harm.
fn nth(seen: &mut FxHashMap<u64, u32>, row: &ReadingRow) -> u32 {
    if !row.msgno.is_empty() {
        return 0;
    }
    let at_ms = parse_time(&row.time).unwrap_or_default();
    let mut hasher = FxHasher::default();
    (&row.address, &row.kind, &row.id, &row.sensor, at_ms).hash(&mut hasher);
    let count = seen.entry(hasher.finish()).or_default();
    let nth = *count;
    *count += 1;
    nth
}

fn report(args: &ImportArgs, imported: &ReadingImported) -> Result<(), Failure> {
    for error in &imported.errors {
        eprintln!("{}:{}: {}", args.file.display(), error.line, error.error);
    }
    let bad = imported.errors.len();
    if args.json {
        json(imported)?;
    } else {
        say(format_args!(
            "{} readings imported, {} were there before, {bad} rows refused",
            imported.stored, imported.repeated
        ));
    }
    if bad > 0 {
        return Err(Failure::new(format!(
            "{bad} rows were refused; correct them and import the file again, what is there stays as it is"
        )));
    }
    Ok(())
}
