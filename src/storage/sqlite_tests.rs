//! Tests of the engine: a database of an earlier version is brought up to date with all that it holds.

use refinery::Target;

use super::*;
use crate::storage::{Commands, Devices, Readings};

#[test]
fn a_database_of_the_first_version_keeps_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.db");
    let mut old = Connection::open(&path).unwrap();
    embedded::migrations::runner()
        .set_target(Target::Version(1))
        .run(&mut old)
        .unwrap();
    old.execute_batch(
        "INSERT INTO customer_group (id, name) VALUES (1, 'home');
         INSERT INTO device VALUES (42, 1, 511, 'a', '', '', 'talk', 'challenge', 200, 0, 0, x'00');
         INSERT INTO series (id, address, group_id, sensor, unit) VALUES (7, 42, 1, 't', 'C');
         INSERT INTO reading VALUES (7, 1800000000000, 1, 5, 21.5), (7, 1800000000000, 2, 5, 'warm');",
    )
    .unwrap();
    drop(old);
    for _ in 0..2 {
        let mut store = Sqlite::open(&path).unwrap();
        assert_eq!(Devices::count(&mut store).unwrap(), 1);
        let last = Readings::last(&mut store, 42, 1, "t", i64::MAX)
            .unwrap()
            .unwrap();
        assert_eq!(
            (last.at_ms, last.hub_ms),
            (1_800_000_000_000, 1_800_000_000_005)
        );
        assert_eq!(Commands::last_id(&mut store).unwrap(), 0);
        assert_eq!(Commands::open(&mut store, 0).unwrap(), []);
    }
}
