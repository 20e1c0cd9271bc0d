//! Tests of the outbox.

use super::*;

fn outbox(limit: usize, all: usize) -> (Arc<Outbox>, Arc<Account>, Arc<Account>) {
    let (group, device) = (Arc::<Account>::default(), Arc::<Account>::default());
    (
        Outbox::new(limit, Budget::new(all), Arc::clone(&group)),
        group,
        device,
    )
}

fn write_at_most(outbox: &Outbox, most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = outbox.drain(Waker::noop(), |bytes| {
        let n = bytes.len().min(most - out.len());
        out.extend_from_slice(&bytes[..n]);
        Ok::<_, ()>(if n == 0 { None } else { Some(n) })
    });
    out
}

#[test]
fn only_whole_frames_that_fit_are_taken_and_the_newest_are_dropped() {
    let (outbox, _, device) = outbox(10, 100);
    assert_eq!(
        outbox.push(b"aaa\x04bbb\x04ccc\x04", Source::Device(&device)),
        Push::Full(8)
    );
    assert!(outbox.overflowed());
    assert_eq!(write_at_most(&outbox, 100), b"aaa\x04bbb\x04");
    assert!(!outbox.overflowed());
    assert_eq!(outbox.budget.used(), 0);
}

#[test]
fn the_bound_on_all_outboxes_holds() {
    let (outbox, _, device) = outbox(3 * RESERVE, RESERVE + 6);
    let most = [vec![b'a'; RESERVE - 1], vec![EOT]].concat();
    let frames = [most.as_slice(), b"bbb\x04ccc\x04"].concat();
    assert_eq!(outbox.push(&most, Source::Device(&device)), Push::Taken);
    assert_eq!(
        outbox.push(b"bbb\x04", Source::Device(&device)),
        Push::Taken
    );
    assert_eq!(outbox.push(b"ccc\x04", Source::Hub), Push::Full(0));
    assert!(outbox.overflowed());
    assert_eq!(write_at_most(&outbox, 2 * RESERVE), &frames[..RESERVE + 4]);
}

#[test]
fn what_others_leave_unread_keeps_nobody_from_a_small_frame() {
    let (outbox, _, device) = outbox(3 * RESERVE, 0);
    assert_eq!(outbox.push(b"OK|OK|\x04", Source::Hub), Push::Taken);
    let large = [vec![b'a'; RESERVE], vec![EOT]].concat();
    assert_eq!(outbox.push(&large, Source::Device(&device)), Push::Full(0));
    write_at_most(&outbox, 100);
    assert_eq!(outbox.push(&large, Source::Device(&device)), Push::Full(0));
    assert!(!outbox.overflowed(), "it reads all that it gets");
}

#[test]
fn a_run_that_is_too_long_for_the_common_bound_still_has_the_reserve() {
    let (outbox, _, device) = outbox(3 * RESERVE, 0);
    let run = b"0|42|7|12345|\x04".repeat(RESERVE / 10);
    let Push::Full(taken) = outbox.push(&run, Source::Device(&device)) else {
        panic!("the bound on all outboxes is 0");
    };
    assert!(
        taken > RESERVE - 20 && taken <= RESERVE && taken % 14 == 0,
        "{taken}"
    );
}

#[test]
fn a_device_that_writes_without_reading_stays_a_slow_reader() {
    let (outbox, _, device) = outbox(3 * RESERVE, 0);
    let run = b"0|42|7|12345|\x04".repeat(RESERVE / 10);
    outbox.push(&run, Source::Device(&device));
    assert!(outbox.overflowed());
    write_at_most(&outbox, 0);
    assert!(outbox.overflowed());
    write_at_most(&outbox, 100);
    assert!(!outbox.overflowed());
}

#[test]
fn the_last_word_passes_a_full_outbox() {
    let (outbox, _, device) = outbox(8, 100);
    device.delivered(2);
    assert_eq!(
        outbox.push(b"aaa\x04bbb\x04", Source::Device(&device)),
        Push::Taken
    );
    assert_eq!(write_at_most(&outbox, 2), b"aa");
    outbox.finish(b"quit\x04");
    assert_eq!(outbox.push(b"x\x04", Source::Hub), Push::Closed);
    assert_eq!(write_at_most(&outbox, 100), b"a\x04quit\x04");
    assert_eq!(outbox.budget.used(), 0);
}

#[test]
fn what_was_not_written_whole_is_dropped_at_close() {
    let (outbox, group, device) = outbox(100, 100);
    device.delivered(3);
    group.delivered(3);
    device.copies(1, 0);
    outbox.push(b"aaa\x04bbb\x04ccc\x04", Source::Device(&device));
    outbox.push(b"hub\x04", Source::Hub);
    outbox.push(b"ddd\x04", Source::Copy(&device));
    assert_eq!(write_at_most(&outbox, 6), b"aaa\x04bb");
    outbox.close();
    let snapshot = device.snapshot();
    assert_eq!(
        (
            snapshot.delivered,
            snapshot.copies_delivered,
            snapshot.copies_dropped
        ),
        (1, 0, 1)
    );
    assert_eq!(group.snapshot().delivered, 1);
    assert_eq!(outbox.push(b"x\x04", Source::Hub), Push::Closed);
    assert_eq!(outbox.budget.used(), 0);
}

#[test]
fn a_begun_frame_is_finished_before_the_last_word() {
    let (outbox, _, device) = outbox(100, 100);
    device.delivered(2);
    outbox.push(b"aaa\x04bbb\x04", Source::Device(&device));
    assert_eq!(write_at_most(&outbox, 2), b"aa");
    outbox.drop_unbegun();
    outbox.push(b"quit\x04", Source::Hub);
    assert_eq!(write_at_most(&outbox, 100), b"a\x04quit\x04");
    assert_eq!(device.snapshot().delivered, 1);
    assert_eq!(outbox.budget.used(), 0);
}
