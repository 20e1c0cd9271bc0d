//! Histograms of the hub's metrics page, and what lies between two looks at one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::failure::{Context, Failure};

/// Counts up to and with each bound, in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Vec<(f64, f64)>);

/// The whole page.
pub(super) fn fetch(web: SocketAddr) -> Result<String, Failure> {
    let read = || {
        let mut stream = TcpStream::connect(web)?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
        let mut page = String::new();
        stream.read_to_string(&mut page)?;
        Ok::<_, std::io::Error>(page)
    };
    read().context("reading the hub's metrics")
}

/// A number of the page; 0 when it has none of that name.
pub(super) fn number(page: &str, name: &str) -> f64 {
    let lines = page.lines().filter_map(|line| line.split_once(' '));
    lines
        .filter(|(known, _)| *known == name)
        .find_map(|(_, value)| value.trim().parse().ok())
        .unwrap_or_default()
}

impl Counts {
    pub(super) fn of(page: &str, name: &str) -> Self {
        let bucket = |line: &str| {
            let rest = line.strip_prefix(name)?.strip_prefix("_bucket{le=\"")?;
            let (bound, count) = rest.split_once("\"} ")?;
            let bound = if bound == "+Inf" { "inf" } else { bound };
            Some((bound.parse().ok()?, count.trim().parse().ok()?))
        };
        Self(page.lines().filter_map(bucket).collect())
    }

    pub(super) fn since(&self, earlier: &Self) -> Self {
        let pairs = self.0.iter().zip(&earlier.0);
        Self(
            pairs
                .map(|((bound, now), (_, was))| (*bound, now - was))
                .collect(),
        )
    }

    pub(super) fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, count)| *count)
    }

    /// Milliseconds that so many of a thousand do not exceed, evenly spread within a bucket; infinite beyond the last.
    pub(super) fn per_mille(&self, per_mille: f64) -> f64 {
        let rank = self.count() * per_mille / 1000.0;
        let (mut least, mut below) = (0.0, 0.0);
        for (bound, count) in &self.0 {
            if *count >= rank && *count > below {
                return 1000.0 * (least + (bound - least) * (rank - below) / (count - below));
            }
            (least, below) = (*bound, *count);
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# TYPE x histogram\nx_bucket{le=\"0.001\"} 10\nx_bucket{le=\"0.002\"} 20\nx_bucket{le=\"+Inf\"} 20\ny_total 7\n";

    #[test]
    fn quantiles_lie_within_their_bucket() {
        let counts = Counts::of(PAGE, "x");
        assert!((counts.per_mille(500.0) - 1.0).abs() < 1e-9);
        assert!((counts.per_mille(750.0) - 1.5).abs() < 1e-9);
        assert!((counts.since(&Counts::of(PAGE, "x")).count()).abs() < 1e-9);
        assert!((number(PAGE, "y_total") - 7.0).abs() < 1e-9);
    }
}
