//! Tests of the packed form.

use super::*;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-40_000i64..40_000).prop_map(|n| Value::from_real(n as f64 / 100.0)),
        proptest::num::f64::NORMAL.prop_map(Value::from_real),
        any::<bool>().prop_map(Value::Bool),
        ".{0,8}".prop_map(|text| Value::Text(text.into())),
    ]
}

fn readings() -> impl Strategy<Value = Vec<Packable>> {
    let kinds = prop_oneof![
        proptest::collection::vec(value(), 0..60),
        proptest::collection::vec(
            (-999i64..999).prop_map(|n| Value::from_real(n as f64 / 10.0)),
            0..60
        ),
        proptest::collection::vec(any::<bool>().prop_map(Value::Bool), 0..60),
        proptest::collection::vec(Just(Value::Real(0.1 + 0.2)), 0..60),
    ];
    (kinds, any::<i64>()).prop_flat_map(|(values, start)| {
        let count = values.len();
        (
            Just(values),
            Just(start),
            proptest::collection::vec((0i64..9000, any::<i64>(), any::<i64>()), count),
        )
            .prop_map(|(values, start, others)| {
                let mut at_ms = start;
                values
                    .into_iter()
                    .zip(others)
                    .map(|(value, (step, msgno, later_ms))| {
                        at_ms = at_ms.wrapping_add(step);
                        Packable {
                            at_ms,
                            msgno,
                            later_ms,
                            value,
                        }
                    })
                    .collect()
            })
    })
}

proptest! {
    #[test]
    fn any_readings_come_back_exactly(readings in readings()) {
        let blob = write(&readings);
        let keys: Vec<_> = readings.iter().map(Packable::key).collect();
        prop_assert_eq!(read_keys(&blob), Some(keys));
        prop_assert_eq!(read_all(&blob), Some(readings));
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), readings in readings(), at in any::<prop::sample::Index>()) {
        let _ = read_all(&bytes);
        let _ = read_keys(&bytes);
        let mut blob = write(&readings);
        let at = at.index(blob.len());
        blob[at] ^= bytes.first().copied().unwrap_or(1);
        let _ = read_all(&blob);
    }
}

#[test]
fn a_quiet_sensor_takes_few_bytes() {
    let readings: Vec<_> = (0..3600)
        .map(|i| Packable {
            at_ms: 1_700_000_000_000 + i * 1000,
            msgno: i,
            later_ms: 20 + i % 7,
            value: Value::from_real(f64::from(u32::try_from(200 + i % 5).unwrap()) / 10.0),
        })
        .collect();
    let bytes = write(&readings).len();
    assert!(bytes < 3600 * 4, "{bytes}");
}
