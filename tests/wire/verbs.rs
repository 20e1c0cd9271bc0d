//! The command line explains itself.

use std::collections::BTreeMap;

use crate::harness::{Finished, Home};

/// `section.key` and its value, of a Settings.toml.
fn keys(toml: &str) -> BTreeMap<String, String> {
    let (mut section, mut found) = (String::new(), BTreeMap::new());
    for line in toml.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            found.insert(format!("{section}{key}"), value.to_owned());
        }
    }
    found
}

fn published() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Settings.toml");
    keys(&std::fs::read_to_string(path).unwrap())
}

#[test]
fn config_prints_every_key_with_the_value_in_effect() {
    let home = Home::new()
        .set("DEVICES__TLS_CERTIFICATE", "/etc/hub/chain.pem")
        .set("DEVICES__TLS_KEY", "/etc/hub/key.pem")
        .set("DEVICES__MAX_LOGINS", "77");
    home.write("Settings.toml", "[storage]\nbatch_rows = 1234\n");
    let printed = keys(&home.verb(&["config"]).ok());
    let published = published();
    assert!(published.len() > 20, "{published:?}");
    assert_eq!(
        printed.keys().collect::<Vec<_>>(),
        published.keys().collect::<Vec<_>>()
    );
    let mut wanted = published;
    for (key, value) in [
        ("devices.listen", "\"127.0.0.1:0\""),
        ("web.listen", "\"127.0.0.1:0\""),
        // The names of files are no secrets: what is in them is.
        ("devices.tls_certificate", "\"/etc/hub/chain.pem\""),
        ("devices.tls_key", "\"/etc/hub/key.pem\""),
        ("devices.max_logins", "77"),
        ("storage.batch_rows", "1234"),
    ] {
        wanted.insert(key.to_owned(), value.to_owned());
    }
    let data = home.data("");
    let data = data.to_str().unwrap().trim_end_matches('/');
    wanted.insert("data_dir".to_owned(), format!("{data:?}"));
    assert_eq!(printed, wanted);
}

/// What is printed can be read back.
#[test]
fn what_config_prints_is_a_settings_file() {
    let home = Home::new().set("DEVICES__MAX_LOGINS", "77");
    let printed = home.verb(&["config"]).ok();
    let other = Home::new();
    other.write("Settings.toml", &printed);
    let again = keys(&other.verb(&["config"]).ok());
    assert_eq!(again["devices.max_logins"], "77");
    let documented = home.verb(&["config", "--documented"]).ok();
    assert_eq!(keys(&documented), published());
}

/// The verbs that a help text lists.
fn listed_in(help: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    let names = lines.filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Looks at a verb and all below it; returns how many there are, and those without an example.
fn look(home: &Home, words: &[String], without: &mut Vec<String>) -> usize {
    let asked: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    let help = home.verb(&asked).ok();
    if !help.contains("Example") {
        without.push(words.join(" "));
    }
    let below = listed_in(&help).into_iter().map(|name| {
        let words = [words, &[name]].concat();
        look(home, &words, without)
    });
    1 + below.sum::<usize>()
}

#[test]
fn the_help_of_every_verb_has_an_example() {
    let mut without = Vec::new();
    let verbs = look(&Home::new(), &[], &mut without);
    assert!(verbs >= 20, "only {verbs} verbs");
    assert!(without.is_empty(), "without an example: {without:?}");
}

/// Conventional: 2 is for what was typed wrong, and help says so.
#[test]
fn a_mistyped_verb_is_a_usage_error() {
    for words in [
        &["servee"][..],
        &["device"],
        &["device", "add"],
        &["--nonsense"],
    ] {
        let Finished { code, err, .. } = Home::new().verb(words);
        assert_eq!(code, Some(2), "{words:?}: {err}");
        assert!(
            err.contains("Usage") || err.contains("--help"),
            "{words:?}: {err}"
        );
    }
}
