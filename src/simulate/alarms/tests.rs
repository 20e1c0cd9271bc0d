//! The alarms of a whole device: frames and times in, frames out.

use std::sync::Arc;

use rstest::rstest;

use crate::simulate::device::{Device, Verdict};
use crate::simulate::faults::Faults;
use crate::simulate::kinds::GREENHOUSE;
use crate::simulate::reports::RESEND_MS;
use crate::simulate::tally::Tally;
use crate::wire::Address;

const NOW: i64 = 1_000_000;
/// Switches the heating off by itself.
const HOT: &str = "0|42|31|hot|air|>|30|6|0|heating|false|7|";

struct Scene {
    device: Device,
    tally: Arc<Tally>,
    now: i64,
}

impl Scene {
    fn new(kind: &str) -> Self {
        let kind = GREENHOUSE.iter().find(|k| k.name == kind).unwrap();
        let tally = Arc::<Tally>::default();
        let mut scene = Self {
            device: Device::new(kind, 7, 0, NOW, Arc::clone(&tally)),
            tally,
            now: NOW,
        };
        scene.login();
        scene
    }

    /// What it says after its DESCRIBE.
    fn login(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        let me = Address::new(42).unwrap();
        self.device.logged_in(me, self.now, &mut out);
        self.device.tick(self.now, &mut out);
        frames(&out).split_off(1)
    }

    fn told(&mut self, frame: &str) -> Vec<String> {
        let mut out = Vec::new();
        let verdict = self.device.on_frame(frame.as_bytes(), self.now, &mut out);
        assert_eq!(verdict, Verdict::Stay);
        frames(&out)
    }

    /// What it says as the time passes.
    fn after(&mut self, seconds: i64) -> Vec<String> {
        let end = self.now + seconds * 1_000;
        let mut out = Vec::new();
        while let Some(due) = self.device.next_due().filter(|due| *due <= end) {
            self.now = due.max(self.now + 1);
            self.device.tick(self.now, &mut out);
        }
        self.now = end;
        frames(&out)
    }

    fn alone(&mut self, seconds: i64) {
        let end = self.now + seconds * 1_000;
        while let Some(due) = self.device.next_due_alone().filter(|due| *due <= end) {
            self.now = due.max(self.now + 1);
            self.device.tick_alone(self.now, &mut Vec::new());
        }
        self.now = end;
    }

    fn acts(&self) -> Vec<(&str, &str, &str)> {
        let acts = self.device.local_acts();
        acts.map(|act| (act.alarm.as_str(), act.actuator, act.value.as_str()))
            .collect()
    }
}

fn frames(out: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(out)
        .split_terminator('\x04')
        .map(str::to_owned)
        .collect()
}

fn of_type(frames: &[String], number: &str) -> Vec<String> {
    let of_type = |frame: &&String| frame.split('|').nth(2) == Some(number);
    frames.iter().filter(of_type).cloned().collect()
}

fn edge(frame: &str) -> &str {
    frame.split('|').nth(6).unwrap()
}

fn msgno(frame: &str) -> &str {
    frame.strip_suffix('|').unwrap().rsplit('|').next().unwrap()
}

#[test]
fn a_heater_switches_itself_off_and_says_so() {
    let mut scene = Scene::new("heater");
    assert_eq!(scene.told(HOT), ["42|0|6|7|"]);
    assert_eq!(scene.after(30), [""; 0]);
    scene.told("0|42|3|heating|true||8|");
    let said = scene.after(25);
    let alarms = of_type(&said, "30");
    assert_eq!(alarms.len(), 2, "{said:?}");
    let fields: Vec<_> = alarms[0].split('|').collect();
    assert_eq!(fields[..5], ["42", "0", "30", "hot", "air"]);
    assert!((30.1..32.0).contains(&fields[5].parse::<f64>().unwrap()));
    assert_eq!((edge(&alarms[0]), edge(&alarms[1])), ("RAISED", "CLEARED"));
    // Where it stands now is a reading like any other.
    let stands = of_type(&said, "26");
    assert!(
        stands[0].starts_with("42|0|26|heating|false||"),
        "{stands:?}"
    );
    assert_eq!(scene.acts(), [("hot", "heating", "false")]);
    for alarm in &alarms {
        scene.told(&format!("0|42|7|{}|", msgno(alarm)));
    }
    let alarms = &scene.tally.alarms;
    let sums = [&alarms.reported, &alarms.stored, &alarms.acted].map(|sum| sum.get());
    assert_eq!(sums, [2, 2, 1]);
}

#[test]
fn it_acts_while_the_link_is_cut_and_tells_it_afterwards_until_it_is_stored() {
    let mut scene = Scene::new("heater");
    scene.told(HOT);
    scene.told("0|42|3|heating|true||8|");
    scene.alone(60);
    assert_eq!(scene.acts(), [("hot", "heating", "false")]);
    let first = of_type(&scene.login(), "30");
    assert_eq!(first.len(), 2);
    let at: i64 = first[0].split('|').nth(7).unwrap().parse().unwrap();
    assert!(
        at < NOW + 30_000,
        "stamped with the time at which it happened"
    );
    assert_eq!(of_type(&scene.login(), "30"), first);
    scene.told(&format!("0|42|50|ERROR|BUSY|0|{}|", msgno(&first[0])));
    assert_eq!(of_type(&scene.after(RESEND_MS / 1_000), "30"), first);
    scene.told(&format!("0|42|7|{}|", msgno(&first[0])));
    scene.told(&format!("0|42|50|ERROR|BAD_TIME|0|{}|", msgno(&first[1])));
    assert_eq!(of_type(&scene.login(), "30"), [""; 0]);
    let alarms = &scene.tally.alarms;
    assert_eq!((alarms.stored.get(), alarms.refused.get()), (1, 1));
}

#[test]
fn the_same_rule_again_goes_on_as_it_stands_and_another_begins_anew() {
    let mut scene = Scene::new("heater");
    let low = "0|42|31|low|air|<|50|1|0|||7|";
    scene.told(low);
    assert_eq!(of_type(&scene.after(2), "30").len(), 1);
    assert_eq!(scene.told(low), ["42|0|6|7|"]);
    assert_eq!(of_type(&scene.after(2), "30"), [""; 0]);
    scene.told("0|42|31|low|air|<|60|1|0|||9|");
    let said = of_type(&scene.after(2), "30");
    assert_eq!(said.len(), 1);
    assert_eq!(scene.told("0|42|32|low|10|"), ["42|0|6|10|"]);
    assert_eq!(of_type(&scene.login(), "30"), [""; 0]);
    assert_eq!(scene.device.next_due_alone(), None);
    assert_eq!(scene.told("0|42|32|low|11|"), ["42|0|6|11|"]);
}

#[test]
fn a_delay_ends_between_two_looks_too() {
    let mut scene = Scene::new("heater");
    scene.told("0|42|31|low|air|<|50|1|1500|||7|");
    let said = of_type(&scene.after(5), "30");
    // The first look comes within a second.
    let at: i64 = said[0].split('|').nth(7).unwrap().parse().unwrap();
    assert_eq!(at, NOW + 2_500);
}

#[rstest]
#[case("0|42|31|hot|wind|>|30|6|0|||7|", "UNKNOWN_SENSOR")]
#[case("0|42|31|hot|air|>|30|6|0|door|1|7|", "UNKNOWN_ACTUATOR")]
#[case("0|42|31|hot|air|>|x|6|0|||7|", "BAD_VALUE")]
fn what_it_cannot_do_it_rejects(#[case] frame: &str, #[case] reason: &str) {
    let mut scene = Scene::new("heater");
    assert_eq!(scene.told(frame), [format!("42|0|5|{reason}|7|")]);
    assert_eq!(scene.device.next_due_alone(), None);
}

#[test]
fn it_has_room_for_so_many_rules() {
    let mut scene = Scene::new("heater");
    for number in 0..64 {
        let frame = format!("0|42|31|a{number}|air|>|99|0|0|||7|");
        assert_eq!(scene.told(&frame), ["42|0|6|7|"]);
    }
    assert_eq!(scene.told(HOT), ["42|0|5|UNSUPPORTED|7|"]);
    assert_eq!(scene.told("0|42|31|a9|air|>|98|0|0|||8|"), ["42|0|6|8|"]);
}

#[test]
fn faults_keep_to_alarms_too() {
    let mut scene = Scene::new("heater");
    let faulty = |faults| {
        let kind = GREENHOUSE.iter().find(|k| k.name == "heater").unwrap();
        Device::new(kind, 7, 0, NOW, Arc::default()).with_faults(faults)
    };
    scene.device = faulty(Faults {
        reject: 100,
        ..Faults::default()
    });
    scene.login();
    assert_eq!(scene.told(HOT), ["42|0|5|FAULT|7|"]);
    scene.device = faulty(Faults {
        silent: 100,
        ..Faults::default()
    });
    scene.login();
    assert_eq!(scene.told(HOT), [""; 0]);
}

#[test]
fn a_siren_hears_the_alarms_of_others_and_says_where_it_stands() {
    let mut scene = Scene::new("siren");
    let said = scene.login();
    assert!(said[0].starts_with("42|0|33|*|"), "{said:?}");
    let raised = "17|42|30|hot|air|30.4|RAISED|1|5|";
    let said = scene.told(raised);
    assert!(
        said[0].starts_with("42|0|26|siren|true||1000000|"),
        "{said:?}"
    );
    assert_eq!(scene.told(raised), [""; 0]);
    scene.told("17|42|30|hot|air|23|CLEARED|2|6|");
    assert_eq!(
        scene.acts(),
        [("hot", "siren", "true"), ("hot", "siren", "false")]
    );
    assert_eq!(scene.tally.alarms.heard.get(), 3);
}
