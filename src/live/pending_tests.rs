use super::*;
use crate::registry::GroupId;

fn item(device: u32, text: &str) -> Item {
    Item {
        key: Key::Presence(device),
        group: Some(GroupId(1)),
        address: Some(device),
        text: text.into(),
    }
}

fn gathered(items: &[(u32, &str)]) -> Arc<Gathered> {
    let items = items.iter().map(|(device, text)| item(*device, text));
    Arc::new(Gathered::new(items.collect(), 5))
}

fn taken(pending: &mut Pending) -> Vec<String> {
    let all = std::iter::from_fn(|| pending.take(9));
    all.map(|out| match out {
        Out::Text(text) => text.to_string(),
        Out::Over(over) => panic!("{over:?}"),
    })
    .collect()
}

#[test]
fn viewers_that_keep_up_share_one_text() {
    let (mut one, mut other) = (Pending::default(), Pending::default());
    let news = gathered(&[(1, "a"), (2, "b")]);
    one.share(&news);
    other.share(&news);
    let (Some(Out::Text(one)), Some(Out::Text(other))) = (one.take(9), other.take(9)) else {
        panic!("nothing waits");
    };
    assert_eq!(&*one, r#"{"t":"news","now_ms":5,"items":[a,b]}"#);
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn of_each_thing_the_newest_is_told_in_the_order_of_the_newest() {
    let mut pending = Pending::default();
    pending.share(&gathered(&[(1, "a"), (2, "b")]));
    pending.share(&gathered(&[(1, "c")]));
    pending.add(&item(3, "d"));
    assert_eq!(
        taken(&mut pending),
        [r#"{"t":"news","now_ms":9,"items":[b,c,d]}"#]
    );
    assert!(pending.is_empty());
}

#[test]
fn over_its_bound_it_is_told_to_read_again() {
    let mut pending = Pending::default();
    let most = u32::try_from(MOST_ITEMS).unwrap();
    (0..=most).for_each(|device| pending.add(&item(device, "x")));
    pending.add(&item(7, "after"));
    assert_eq!(taken(&mut pending), [r#"{"t":"resync"}"#]);
    pending.add(&item(7, "later"));
    assert_eq!(
        taken(&mut pending),
        [r#"{"t":"news","now_ms":9,"items":[later]}"#]
    );
}

#[test]
fn frames_come_whole_and_in_order_and_those_left_out_are_counted() {
    let mut pending = Pending::default();
    for n in 0..MOST_FRAMES + 5 {
        if !pending.frame(n.to_string().into()) {
            pending.miss(1);
        }
    }
    let told = taken(&mut pending);
    let all: Vec<_> = (0..MOST_FRAMES).map(|n| n.to_string()).collect();
    assert!(told.first().unwrap().contains(&all.join(",")));
    assert_eq!(told.last().unwrap(), r#"{"t":"missed","frames":5}"#);
}

#[test]
fn a_message_stays_short() {
    let mut pending = Pending::default();
    let text = "x".repeat(1000);
    let news: Vec<_> = (0..100).map(|device| (device, text.as_str())).collect();
    pending.share(&gathered(&news));
    let told = taken(&mut pending);
    assert!(told.len() > 5 && told.iter().all(|told| told.len() < FULL + 2000));
    let items: usize = told.iter().map(|told| told.matches(&text).count()).sum();
    assert_eq!(items, 100);
}

#[test]
fn whoever_asks_without_reading_is_too_slow_and_the_last_word_is_the_last() {
    let mut pending = Pending::default();
    (0..=MOST_REPLIES).for_each(|n| pending.reply(n.to_string()));
    pending.end(Over::Stopping);
    pending.add(&item(1, "a"));
    assert_eq!(pending.take(9), Some(Out::Over(Over::TooSlow)));
}
