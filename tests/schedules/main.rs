//! Schedules of a whole hub under virtual time: over changes of the clocks, by the ten thousand, over kills and wall clocks that
//! are set (docs/schedules.md).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod clocks;
mod crowd;
mod scene;
mod walls;
