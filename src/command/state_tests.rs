//! Tests of the state machine, and of the table that docs/commands.md shows of it.

use super::*;
use proptest::prelude::*;

fn shown(answers: Answers) -> String {
    let mut lines = vec![
        "| state | send | not written | expire | condition | cancel | ACCEPTED | VALUE, DONE | REJECTED | time-out |".to_owned(),
        format!("|{}", "---|".repeat(10)),
    ];
    for state in State::ALL {
        let mut line = format!("| **{}** |", state.name().replace('_', " "));
        for input in Input::ALL {
            let cell = match next(state, input, answers) {
                Ok(same) if same == state => "–".to_owned(),
                Ok(other) => other.name().replace('_', " "),
                Err(refusal) => refusal.reason().to_owned(),
            };
            line.push_str(&format!(" {cell} |"));
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[test]
fn the_documented_tables_are_the_machine() {
    let docs = include_str!("../../docs/commands.md");
    for answers in [Answers::Result, Answers::Acceptance, Answers::None] {
        let table = shown(answers);
        assert!(
            docs.contains(&table),
            "docs/commands.md, section 6, must contain for {answers:?}:\n{table}"
        );
    }
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    proptest::collection::vec(proptest::sample::select(Input::ALL.to_vec()), 0..40)
}

fn sorts() -> impl Strategy<Value = Answers> {
    proptest::sample::select(vec![Answers::Result, Answers::Acceptance, Answers::None])
}

proptest! {
    /// Over all orders of what can happen: what is said never turns out to have been a lie.
    #[test]
    fn no_order_of_events_makes_a_state_lie(events in inputs(), answers in sorts()) {
        let mut state = State::Queued;
        // Whether the device may have it, as the hub knows.
        let mut out = false;
        for input in events {
            // Only what was not written can be unwritten or expire.
            if out && matches!(input, Input::NotWritten | Input::Expire) && state == State::Sent {
                continue;
            }
            let before = state;
            match next(state, input, answers) {
                Err(refusal) => prop_assert!(
                    refusal == Refusal::TooLate || !matches!(before, State::Sent | State::Accepted) || answers != Answers::Result,
                    "{before:?} refused {input:?}"
                ),
                Ok(after) => state = after,
            }
            if before == State::Queued && state == State::Sent {
                out = true;
            }
            // Never sent again out of an end, and an end is left only by a late answer.
            if before.is_end(answers) && !(before == State::Sent && answers == Answers::None) {
                prop_assert!(state == before || before == State::TimedOut, "{before:?} -> {state:?}");
            }
            match state {
                State::Cancelled | State::Expired => prop_assert!(!out, "{state:?} though it is out"),
                State::Accepted | State::Succeeded | State::TimedOut => prop_assert!(out, "{state:?} though it is not out"),
                _ => {}
            }
            if state == State::Succeeded && before != State::Succeeded {
                prop_assert!(matches!(input, Input::Succeed | Input::Accept));
            }
        }
    }
}
