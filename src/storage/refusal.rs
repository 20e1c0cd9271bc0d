//! Why a reading is not stored.

/// Why one reading was not stored while its batch was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The device was removed while its reading was on the way.
    NoDevice,
    /// The device has as many sensors as the settings allow.
    TooManySensors,
    /// The schema refused the row, or the value is none.
    BadValue,
    /// The device is described and has no such sensor.
    UnknownSensor,
    /// A number outside the range that the sensor is described with.
    OutOfRange,
    /// Before 2000, more than a day ahead of the hub, or older than what is kept.
    BadTime,
    /// The same, or not: the hub knows that its own clock is wrong.
    ClockInDoubt,
}

impl Refusal {
    pub const ALL: [Self; 7] = [
        Self::NoDevice,
        Self::TooManySensors,
        Self::BadValue,
        Self::UnknownSensor,
        Self::OutOfRange,
        Self::BadTime,
        Self::ClockInDoubt,
    ];

    /// The reason as the wire and the metrics say it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoDevice => "NO_DEVICE",
            Self::TooManySensors => "TOO_MANY_SENSORS",
            Self::BadValue => "BAD_VALUE",
            Self::UnknownSensor => "UNKNOWN_SENSOR",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::BadTime => "BAD_TIME",
            Self::ClockInDoubt => "NOT_STORED",
        }
    }

    /// For a person, with what is wrong.
    pub fn words(self) -> String {
        let words = match self {
            Self::NoDevice => "the device is not registered",
            Self::TooManySensors => "the device has as many sensors as storage.max_sensors allows",
            Self::BadValue => "not a finite number, or a text or name that is too long or empty",
            Self::UnknownSensor => "the device is described and has no such sensor",
            Self::OutOfRange => "outside the range that the sensor is described with",
            Self::BadTime => {
                "the time is before 2000, more than a day ahead, or older than raw readings are kept"
            }
            Self::ClockInDoubt => {
                "the time does not fit the hub's clock, which is itself behind or ahead of what it was; set it and try again"
            }
        };
        format!("{}: {words}", self.reason())
    }
}
