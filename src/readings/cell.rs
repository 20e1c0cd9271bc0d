//! Cells of CSV files that people open in spreadsheets.

use super::Value;

/// What a spreadsheet would run as a formula gets a quote before it; and what looks as if it had one.
pub fn guarded(text: &str) -> String {
    let bare = text.trim_start_matches('\'');
    if is_formula(bare) || (text.len() > bare.len() && bare.is_empty()) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A reading's value: a number stays one, though it begins with a sign.
pub fn guarded_value(text: &str) -> String {
    match Value::parse(text) {
        Some(Value::Text(_)) => guarded(text),
        _ => text.to_owned(),
    }
}

/// Undoes [`guarded`].
pub fn unguarded(text: &str) -> &str {
    let bare = text.trim_start_matches('\'');
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(bare) || bare.is_empty() => rest,
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn guarded_texts_come_back(text in "['=+@a-]{0,5}") {
            let safe = guarded(&text);
            prop_assert!(!is_formula(&safe));
            prop_assert_eq!(unguarded(&safe), text);
        }
    }
}
