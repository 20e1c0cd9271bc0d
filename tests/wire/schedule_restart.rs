//! Schedules outlive the hub (docs/schedules.md S3.1 to S3.3).

use serde_json::Value;

use crate::harness::{Home, Hub, Stored, commands, eventually};

fn add(home: &Home, name: &str, words: &[&str]) -> String {
    let fixed = ["schedule", "add", name, "--group", "greenhouse"];
    home.json(&[&fixed[..], words].concat())["id"].to_string()
}

fn history(home: &Home, id: &str) -> Vec<Value> {
    let runs = home.json(&["schedule", "history", id, "--limit", "10000"]);
    runs.as_array().unwrap().clone()
}

fn outcomes(home: &Home, id: &str, outcome: &str) -> usize {
    let runs = history(home, id);
    runs.iter().filter(|run| run["outcome"] == outcome).count()
}

/// S3.2
#[test]
fn what_was_missed_is_skipped_made_up_for_once_or_all() {
    let home = Home::new();
    let device = home.add("greenhouse").at();
    let from = (jiff::Timestamp::now() - jiff::SignedDuration::from_secs(3600)).to_string();
    let send = [
        "--every", "2s", "--from", &from, "--send", &device, "read", "t",
    ];
    let ids = ["skip", "once", "all"].map(|missed| {
        let words = [&send[..], &["--missed", missed]].concat();
        add(&home, missed, &words)
    });
    let until = Stored::now_ms() + 13_000;
    eventually("time passes", || (Stored::now_ms() > until).then_some(()));
    let hub = home.start();
    let [skip, once, all] = &ids;
    eventually("all have run", || {
        let ran = ids.iter().all(|id| outcomes(&hub, id, "ordered") >= 2);
        ran.then_some(())
    });
    ids.iter()
        .for_each(|id| drop(hub.json(&["schedule", "pause", id])));
    assert_eq!(outcomes(&hub, skip, "skipped"), 1);
    assert_eq!(outcomes(&hub, once, "skipped"), 0);
    let (once, all) = (history(&hub, once), history(&hub, all));
    let caught_up = once
        .iter()
        .filter(|run| run["detail"].as_str().unwrap().contains("missed"));
    assert!(caught_up.count() <= 1, "{once:?}");
    assert!(all.len() > once.len(), "{all:?}");
    let dues: Vec<_> = all
        .iter()
        .map(|run| run["due_ms"].as_i64().unwrap())
        .collect();
    assert!(
        dues.windows(2).all(|pair| pair[0] - pair[1] == 2000),
        "{dues:?}"
    );
}

/// S3.3: killed again and again, at any moment: every due time makes its command once.
#[test]
fn a_hub_that_is_killed_orders_nothing_twice_and_loses_nothing() {
    let home = Home::new().set("COMMANDS__QUEUE", "100000");
    let device = home.add("greenhouse").at();
    let words = [
        "--every", "1s", "--missed", "all", "--send", &device, "read", "t",
    ];
    let ids: Vec<_> = (0..5).map(|n| add(&home, &n.to_string(), &words)).collect();
    let mut hub: Hub = home.start();
    for pause in [700, 1900, 1100, 2300] {
        let until = Stored::now_ms() + pause;
        eventually("time passes", || (Stored::now_ms() > until).then_some(()));
        hub = hub.crash().start();
    }
    let last = Stored::now_ms();
    eventually("all have caught up", || {
        let done = ids.iter().all(|id| {
            let newest = history(&hub, id)
                .first()
                .map(|run| run["due_ms"].as_i64().unwrap());
            newest.is_some_and(|due| i128::from(due) > last)
        });
        done.then_some(())
    });
    ids.iter()
        .for_each(|id| drop(hub.json(&["schedule", "pause", id])));
    eventually("nothing is under way", || {
        let open = ids
            .iter()
            .map(|id| outcomes(&hub, id, "running"))
            .sum::<usize>();
        (open == 0).then_some(())
    });
    let list = ["command", "list", "--limit", "10000", "--json"];
    let ordered = commands(&hub.verb(&list).ok());
    let mut runs = 0;
    for id in &ids {
        let dues: Vec<_> = history(&hub, id)
            .iter()
            .map(|run| {
                assert_eq!(
                    (&run["outcome"], &run["commands"]),
                    (&"ordered".into(), &1.into())
                );
                run["due_ms"].as_i64().unwrap()
            })
            .collect();
        assert!(
            dues.windows(2).all(|pair| pair[0] - pair[1] == 1000),
            "{dues:?}"
        );
        runs += dues.len();
    }
    assert_eq!(ordered.len(), runs);
}
