//! What was read and not yet consumed: bounded by its number of events, between one reader and one consumer.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::{Delivery, Error, cursor};

/// What is known to be handled once an item is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// `None` leaves the position where it was.
    pub place: Option<Place>,
    pub filter_digest: Arc<str>,
}

/// A cursor, spelled out only when somebody wants to know it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Cursor(String),
    Event { epoch: Arc<str>, offset: u64 },
}

impl Place {
    pub fn cursor(&self) -> String {
        match self {
            Self::Cursor(cursor) => cursor.clone(),
            Self::Event { epoch, offset } => cursor::of(epoch, *offset),
        }
    }
}

#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Delivery(Delivery, Mark),
    /// The position moved although nothing matched.
    Moved(Mark),
}

pub(crate) enum Taken {
    Item(Item),
    Ended(Result<(), Error>),
}

pub(crate) struct Inbox {
    capacity: usize,
    content: Mutex<Content>,
    filled: Notify,
    drained: Notify,
}

#[derive(Default)]
struct Content {
    items: VecDeque<Item>,
    events: usize,
    /// For how many events the reader waits to have room. It is woken only then, not for every event that is taken.
    wanted: Option<usize>,
    end: Option<Result<(), Error>>,
}

impl Inbox {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            content: Mutex::default(),
            filled: Notify::new(),
            drained: Notify::new(),
        }
    }

    /// Waits until so many events fit, or until there are none at all.
    pub async fn has_room_for(&self, events: usize) {
        while !self.content().has_or_wants_room_for(events, self.capacity) {
            self.drained.notified().await;
        }
    }

    pub fn put(&self, items: Vec<Item>) {
        let mut content = self.content();
        for item in items {
            content.put(item);
        }
        drop(content);
        self.filled.notify_one();
    }

    /// No more items come. What is there is still taken. Only the first end counts.
    pub fn end(&self, result: Result<(), Error>) {
        self.content().end.get_or_insert(result);
        self.filled.notify_one();
    }

    /// Ends at once: what is there is dropped.
    pub fn fail(&self, error: Error) {
        let mut content = self.content();
        content.items.clear();
        content.end = Some(Err(error));
        drop(content);
        self.filled.notify_one();
    }

    pub fn try_take(&self) -> Option<Taken> {
        let mut content = self.content();
        let Some(item) = content.items.pop_front() else {
            return content.end.clone().map(Taken::Ended);
        };
        if is_event(&item) {
            content.events -= 1;
        }
        let wakes_reader = content
            .wanted
            .is_some_and(|events| content.has_room_for(events, self.capacity));
        if wakes_reader {
            content.wanted = None;
        }
        drop(content);
        if wakes_reader {
            self.drained.notify_one();
        }
        Some(Taken::Item(item))
    }

    /// The next item, or the end. May be dropped while it waits: nothing is lost.
    pub async fn take(&self) -> Taken {
        loop {
            if let Some(taken) = self.try_take() {
                return taken;
            }
            self.filled.notified().await;
        }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn has_room_for(&self, events: usize, capacity: usize) -> bool {
        self.events == 0 || self.events + events <= capacity
    }

    fn has_or_wants_room_for(&mut self, events: usize, capacity: usize) -> bool {
        let has_room = self.has_room_for(events, capacity);
        self.wanted = (!has_room).then_some(events);
        has_room
    }

    fn put(&mut self, item: Item) {
        if matches!(item, Item::Moved(_)) && matches!(self.items.back(), Some(Item::Moved(_))) {
            self.items.pop_back();
        }
        if is_event(&item) {
            self.events += 1;
        }
        self.items.push_back(item);
    }
}

fn is_event(item: &Item) -> bool {
    matches!(item, Item::Delivery(Delivery::Event(_), _))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::EventDelivery;

    fn mark(cursor: &str) -> Mark {
        Mark {
            place: Some(Place::Cursor(cursor.to_owned())),
            filter_digest: Arc::from(""),
        }
    }

    fn event(cursor: &str) -> Item {
        let event = EventDelivery {
            event: Default::default(),
            cursor: cursor.to_owned(),
            matches: Vec::new(),
        };
        Item::Delivery(Delivery::Event(Box::new(event)), mark(cursor))
    }

    fn take(inbox: &Inbox) -> Option<Item> {
        match inbox.try_take()? {
            Taken::Item(item) => Some(item),
            Taken::Ended(_) => None,
        }
    }

    #[test]
    fn moves_in_a_row_are_one() {
        let inbox = Inbox::new(10);
        inbox.put(vec![Item::Moved(mark("1")), Item::Moved(mark("2"))]);
        inbox.put(vec![event("3"), Item::Moved(mark("4"))]);
        inbox.put(vec![Item::Moved(mark("5"))]);
        assert_eq!(take(&inbox), Some(Item::Moved(mark("2"))));
        assert_eq!(take(&inbox), Some(event("3")));
        assert_eq!(take(&inbox), Some(Item::Moved(mark("5"))));
        assert!(inbox.try_take().is_none());
    }

    #[test]
    fn there_is_room_while_a_batch_fits_or_nothing_is_held() {
        let inbox = Inbox::new(3);
        assert!(inbox.has_room_for(5).now_or_never().is_some());
        inbox.put(vec![event("1"), event("2")]);
        assert!(inbox.has_room_for(1).now_or_never().is_some());
        assert!(inbox.has_room_for(2).now_or_never().is_none());
        take(&inbox);
        assert!(inbox.has_room_for(2).now_or_never().is_some());
    }

    #[test]
    fn the_reader_is_woken_when_there_is_room_and_not_before() {
        let inbox = Inbox::new(3);
        inbox.put(vec![event("1"), event("2"), event("3")]);
        assert!(inbox.has_room_for(2).now_or_never().is_none());
        // With nobody waiting a wake-up is kept for the next who does.
        take(&inbox);
        assert!(inbox.drained.notified().now_or_never().is_none());
        take(&inbox);
        assert!(inbox.drained.notified().now_or_never().is_some());
        take(&inbox);
        assert!(inbox.drained.notified().now_or_never().is_none());
    }

    #[test]
    fn the_end_comes_after_what_is_there_and_a_failure_at_once() {
        let inbox = Inbox::new(3);
        inbox.put(vec![event("1"), event("2")]);
        inbox.end(Ok(()));
        assert_eq!(take(&inbox), Some(event("1")));
        inbox.fail(Error::local(tonic::Code::DataLoss, "the disk is full"));
        assert!(matches!(inbox.try_take(), Some(Taken::Ended(Err(_)))));
    }
}
