//! A time zone by its IANA name, from the system's tables or, without them, those built in.

use jiff::tz::{TimeZone, db};

/// Names that are proposed for one that is unknown.
const HINTS: usize = 3;

/// Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    pub fn utc() -> Self {
        Self {
            name: "UTC".into(),
            rules: TimeZone::UTC,
        }
    }

    /// # Errors
    /// There is none of this name; the sentence proposes some that are like it.
    pub fn find(name: &str) -> Result<Self, String> {
        match db().get(name) {
            Ok(rules) => Ok(Self {
                name: rules.iana_name().unwrap_or(name).to_owned(),
                rules,
            }),
            Err(_) => Err(unknown(name)),
        }
    }

    /// With given rules, whatever the system's tables say.
    pub fn with_rules(name: &str, rules: TimeZone) -> Self {
        Self {
            name: name.to_owned(),
            rules,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

fn unknown(name: &str) -> String {
    let all = db().available();
    let mut near: Vec<_> = all
        .map(|known| (unlikeness(name, known.as_str()), known.to_string()))
        .collect();
    near.sort();
    let best = near.first().map_or(0, |(unlike, _)| *unlike);
    let near: Vec<_> = near
        .into_iter()
        .take_while(|(unlike, known)| *unlike <= best + 1 && *unlike <= known.len() / 3 + 1)
        .take(HINTS)
        .map(|(_, known)| known)
        .collect();
    let hint = match near.as_slice() {
        [] => "give an IANA name such as Europe/Madrid, or UTC".to_owned(),
        near => format!("is it {}?", near.join(" or ")),
    };
    format!("no time zone {:?}; {hint}", cut(name))
}

/// What somebody typed, no longer than a sentence can hold.
pub(super) fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(64)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// How many letters have to change; a city without its continent counts as near.
fn unlikeness(given: &str, known: &str) -> usize {
    let (given, known) = (fold(given), fold(known));
    let city = known.rsplit('/').next().unwrap_or(&known);
    let by_city = edits(&given, city).saturating_add(usize::from(given != city));
    by_city.min(edits(&given, &known))
}

fn fold(name: &str) -> String {
    let letters = name.chars().take(64).flat_map(char::to_lowercase);
    letters
        .map(|c| if matches!(c, ' ' | '-') { '_' } else { c })
        .collect()
}

/// The Levenshtein distance.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut corner = above;
        let mut left = above + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let changed = corner + usize::from(a != b);
            corner = *cell;
            *cell = changed.min(corner + 1).min(left + 1);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Europe/Madird", "Europe/Madrid")]
    #[case("madrid", "Europe/Madrid")]
    #[case("New York", "America/New_York")]
    #[case("Asia/Katmandoo", "Asia/Katmandu")]
    fn near_names_are_proposed(#[case] wrong: &str, #[case] meant: &str) {
        let told = Zone::find(wrong).unwrap_err();
        assert!(told.contains(meant), "{told}");
    }

    #[test]
    fn a_name_like_none_gets_an_example() {
        for wrong in ["", "xxxxxxxxxxxxxxx", &"é".repeat(5000)] {
            let told = Zone::find(wrong).unwrap_err();
            assert!(told.contains("Europe/Madrid") && told.len() < 600, "{told}");
        }
    }

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Zone::find("europe/madrid").unwrap().name(), "Europe/Madrid");
        assert_eq!(Zone::find("utc").unwrap().name(), "UTC");
    }
}
