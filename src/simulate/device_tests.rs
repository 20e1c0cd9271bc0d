//! What the device decides, frame by frame.

use super::*;
use crate::simulate::kinds::{GREENHOUSE, generic};
use crate::simulate::reports::{CATCH_UP, RESEND_MS};
use crate::simulate::unstored::Unstored;
use rstest::rstest;

const NOW: i64 = 1_000_000;
const DESCRIBED: &str = "42|0|90|S:temperature:number:C:16:24|A:relay:boolean::|";

fn device() -> Device {
    let mut device = Device::new(generic(), 7, 10_000, NOW, Arc::default());
    device.logged_in(Address::new(42).unwrap(), NOW, &mut Vec::new());
    device
}

fn frames(out: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(out)
        .split_terminator('\x04')
        .map(str::to_owned)
        .collect()
}

fn told(device: &mut Device, frame: &str) -> Vec<String> {
    let mut out = Vec::new();
    assert_eq!(
        device.on_frame(frame.as_bytes(), NOW, &mut out),
        Verdict::Stay
    );
    frames(&out)
}

fn ticked(device: &mut Device, now: i64) -> Vec<String> {
    let mut out = Vec::new();
    device.tick(now, &mut out);
    frames(&out)
}

#[rstest]
#[case("17|42|3|relay|true||9|", "42|17|4|relay|true|9|")]
#[case("17|42|3|relay|true|1000000|9|", "42|17|4|relay|true|9|")]
#[case("17|42|3|relay|true|999999|9|", "42|17|5|EXPIRED|9|")]
#[case("17|42|3|relay|true|soon|9|", "42|17|5|BAD_VALUE|9|")]
#[case("17|42|3|door|1||9|", "42|17|5|UNKNOWN_ACTUATOR|9|")]
#[case("17|42|3|relay|2||9|", "42|17|5|BAD_VALUE|9|")]
#[case("17|42|3|relay|NaN||9|", "42|17|5|BAD_VALUE|9|")]
#[case("17|42|3|9|", "42|17|5|UNKNOWN_ACTUATOR|9|")]
#[case("17|42|1|relay|8|", "42|17|2|relay|false||1000000|8|")]
#[case("0|42|1|relay|8|", "42|0|2|relay|false||1000000|8|")]
#[case("17|42|1|wind|8|", "42|17|5|UNKNOWN_SENSOR|8|")]
#[case("17|42|50|a%7C||b|", "42|17|50|a%7C||b|")]
#[case("17|42|50|", "42|17|50|")]
#[case("17|42|81|8|", "42|17|2|clock|1000000|ms|1000000|8|")]
#[case("0|42|81|8|", "42|0|2|clock|1000000|ms|1000000|8|")]
#[case("0|42|60|8|", "42|0|6|8|")]
#[case("0|42|3|relay|true||8|", "42|0|4|relay|true|8|")]
#[case("0|42|3|relay|true||x|", "42|0|5|BAD_VALUE|x|")]
#[case("0|42|22|", "42|0|22|")]
#[case("0|42|27|temperature|5000|3|", "42|0|6|3|")]
#[case("0|42|27|wind|5000|3|", "42|0|5|UNKNOWN_SENSOR|3|")]
#[case("0|42|27|temperature|often|3|", "42|0|5|BAD_VALUE|3|")]
#[case("0|42|31|hot|temperature|>|30|1|0|||4|", "42|0|6|4|")]
#[case("0|42|31|hot|temperature|>|30|1|0|||x|", "42|0|5|BAD_VALUE|x|")]
#[case("0|42|32|hot|5|", "42|0|6|5|")]
fn each_request_has_its_answer(#[case] request: &str, #[case] answer: &str) {
    assert_eq!(told(&mut device(), request), [answer]);
}

#[rstest]
#[case("17|42|22|")]
#[case("17|42|20|BYE|")]
#[case("0|42|80|5|30|9|6|21|11|26|")]
#[case("0|42|2000|x|9|")]
#[case("17|42|7|1|")]
#[case("17|42|27|temperature|5|1|")]
#[case("17|42|31|hot|temperature|>|0|1|0|||4|")]
#[case("17|42|32|hot|4|")]
#[case("17|42|30|hot|temperature|31|RAISED|1|4|")]
#[case("17|42|80|0|0|0|0|1|1|26|")]
#[case("17|42|60|")]
#[case("0|42|50|a|")]
#[case("17|42|50|ERROR|NO_DEVICE|17|1|")]
#[case("17|42|4|relay|1|9|")]
#[case("17|42|2000|x|")]
#[case("nonsense")]
fn the_rest_is_not_answered(#[case] frame: &str) {
    assert_eq!(told(&mut device(), frame), [""; 0]);
}

#[test]
fn a_repeated_write_is_answered_again_and_not_done_again() {
    let mut device = device();
    let first = told(&mut device, "17|42|3|relay|true||9|");
    told(&mut device, "18|42|3|relay|false||9|");
    assert_eq!(told(&mut device, "17|42|3|relay|true||9|"), first);
    assert_eq!(
        told(&mut device, "17|42|1|relay|1|"),
        ["42|17|2|relay|false||1000000|1|"]
    );
}

#[test]
fn a_reading_goes_out_unchanged_until_it_is_stored() {
    let mut device = device();
    let sent = ticked(&mut device, NOW + 9_999);
    assert_eq!(sent.len(), 1);
    let msgno = sent[0].split('|').nth(7).unwrap().to_owned();

    let mut out = Vec::new();
    device.logged_in(Address::new(42).unwrap(), NOW + 9_999, &mut out);
    assert_eq!(frames(&out)[0], DESCRIBED);
    assert_eq!(frames(&out)[1..], sent);
    let due = NOW + 9_999 + RESEND_MS;
    told(&mut device, "0|42|27|temperature|0|1|");
    assert_eq!(device.next_due(), Some(due));
    assert_eq!(ticked(&mut device, due - 1), [""; 0]);
    assert_eq!(ticked(&mut device, due), sent);

    told(&mut device, &format!("0|42|7|{msgno}|"));
    assert_eq!(device.tally.stored.get(), 1);
    told(&mut device, &format!("0|42|7|{msgno}|"));
    assert_eq!(device.tally.stored.get(), 1);
    assert_eq!(device.next_due(), None);
}

#[test]
fn a_busy_hub_gets_the_reading_again_and_a_refused_one_is_given_up() {
    let mut device = device();
    let sent = ticked(&mut device, NOW + 19_999);
    assert_eq!(sent.len(), 2);
    for (frame, reason) in sent.iter().zip(["BUSY", "BAD_VALUE"]) {
        let msgno = frame.split('|').nth(7).unwrap();
        told(&mut device, &format!("0|42|50|ERROR|{reason}|0|{msgno}|"));
    }
    assert_eq!(device.tally.refused.get(), 1);
    let mut out = Vec::new();
    device.logged_in(Address::new(42).unwrap(), NOW, &mut out);
    assert_eq!(frames(&out)[1..], sent[..1]);
}

#[test]
fn an_absence_is_made_up_for_within_a_bound() {
    let mut device = device();
    let sent = ticked(&mut device, NOW + 100 * 10_000);
    assert!((100..=101).contains(&sent.len()));
    device.reports.unstored = Unstored::default();
    let sent = ticked(&mut device, NOW + 100_000 * 10_000);
    assert!((CATCH_UP..=CATCH_UP + 1).contains(&i64::try_from(sent.len()).unwrap()));
}

#[test]
fn goodbye_comes_with_its_reason() {
    let verdict = device().on_frame(b"0|42|20|TAKEN_OVER|", NOW, &mut Vec::new());
    assert_eq!(verdict, Verdict::Leave("TAKEN_OVER".into()));
}

#[test]
fn what_an_actuator_does_is_seen_by_the_sensor_that_follows_it() {
    let pump = GREENHOUSE.iter().find(|k| k.name == "pump").unwrap();
    let mut device = Device::new(pump, 7, 10_000, NOW, Arc::default());
    device.address = 42;
    let flow = |device: &mut Device| -> f64 {
        let answer = told(device, "17|42|1|flow|1|");
        answer[0].split('|').nth(4).unwrap().parse().unwrap()
    };
    assert!(flow(&mut device) < 1.0);
    told(&mut device, "17|42|3|pump|true||2|");
    assert!(flow(&mut device) > 11.0);
}

#[test]
fn a_period_that_is_said_again_does_not_put_off_the_report() {
    let mut device = device();
    told(&mut device, "0|42|27|temperature|60000|3|");
    let mut out = Vec::new();
    let late = NOW + 50_000;
    device.on_frame(b"0|42|27|temperature|60000|3|", late, &mut out);
    assert_eq!(frames(&out), ["42|0|6|3|"]);
    assert_eq!(device.next_due(), Some(NOW + 60_000));
    told(&mut device, "0|42|27|temperature|0|4|");
    assert_eq!(device.next_due(), None);
}

#[test]
fn a_refused_answer_costs_no_reading() {
    let mut device = device();
    let sent = ticked(&mut device, NOW + 9_999);
    let msgno = sent[0].split('|').nth(7).unwrap();
    for reason in ["NOT_ASKED", "ALREADY_ANSWERED", "NOT_STORED"] {
        told(&mut device, &format!("0|42|50|ERROR|{reason}|0|{msgno}|"));
    }
    assert!(!device.reports.unstored.is_empty());
    assert_eq!(device.tally.orders.unwanted.get(), 2);
}
