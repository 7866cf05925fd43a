//! The consuming side: takes deliveries one at a time, notes what was handled, and ends in order.
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::control::{Control, Phase};
use crate::inbox::{Inbox, Item, Mark, Taken};
use crate::reader::Reader;
use crate::saver::Saver;
use crate::{Client, Delivery, End, Error, SubscribeOptions, SubscriptionHandle};

pub(crate) struct Consumer {
    inbox: Arc<Inbox>,
    control: Arc<Control>,
    saver: Arc<Saver>,
    runtime: Handle,
    reader: JoinHandle<()>,
    save_timer: Option<JoinHandle<()>>,
    /// What is handled once the consumer asks for more.
    given: Option<Given>,
    has_ended: bool,
}

struct Given {
    mark: Mark,
    events: u32,
}

/// What a consumer gets when it asks for more.
pub(crate) enum Next {
    Delivery(Delivery),
    End(End),
}

impl Consumer {
    pub fn start(client: Client, options: SubscribeOptions) -> Self {
        let runtime = Handle::current();
        let inbox = Arc::new(Inbox::new(options.buffer));
        let checkpoint = options.checkpoint.clone();
        let saver = Saver::new(checkpoint, options.save_policy.clone(), runtime.clone());
        let saver = Arc::new(saver);
        let save_timer = saver.has_checkpoint().then(|| {
            let (saver, inbox) = (saver.clone(), inbox.clone());
            runtime.spawn(async move { inbox.fail(saver.save_by_time().await) })
        });
        let reader = Reader::new(client, options, inbox.clone(), saver.clone());
        Self {
            reader: runtime.spawn(reader.run()),
            control: Arc::new(Control::new()),
            given: None,
            has_ended: false,
            inbox,
            saver,
            runtime,
            save_timer,
        }
    }

    pub fn handle(&self) -> SubscriptionHandle {
        SubscriptionHandle {
            control: self.control.clone(),
            saver: self.saver.clone(),
        }
    }

    /// The next delivery when it can be had without waiting. What was given before is then handled.
    pub fn try_next(&mut self) -> Option<Delivery> {
        if self.has_ended || self.control.requested().is_some() {
            return None;
        }
        if let Some(given) = self.given.take()
            && self.saver.note(given.mark, given.events)
        {
            return None;
        }
        while let Some(Taken::Item(item)) = self.inbox.try_take() {
            if let Some(delivery) = self.give(item) {
                return Some(delivery);
            }
        }
        None
    }

    /// The next delivery, or the end: everything handled is then saved. What was given before is handled. Not to be
    /// called after the end.
    pub async fn next(&mut self) -> Result<Next, Error> {
        match self.wait().await {
            Ok(Next::Delivery(delivery)) => Ok(Next::Delivery(delivery)),
            Ok(Next::End(end)) => {
                self.finish().await?;
                Ok(Next::End(end))
            }
            Err(error) => match self.finish().await {
                Ok(()) => Err(error),
                Err(moreover) => Err(error.and_then(&moreover)),
            },
        }
    }

    async fn wait(&mut self) -> Result<Next, Error> {
        if let Some(given) = self.given.take() {
            self.saver.note(given.mark, given.events);
        }
        if self.saver.is_due() {
            self.saver.flush().await?;
        }
        loop {
            if let Some(end) = self.control.requested() {
                return Ok(Next::End(end));
            }
            let taken = tokio::select! {
                biased;
                () = self.control.reached(Phase::Closing) => continue,
                taken = self.inbox.take() => taken,
            };
            match taken {
                Taken::Item(item) => {
                    if let Some(delivery) = self.give(item) {
                        return Ok(Next::Delivery(delivery));
                    }
                }
                Taken::Ended(result) => return result.map(|()| Next::End(End::Completed)),
            }
        }
    }

    fn give(&mut self, item: Item) -> Option<Delivery> {
        match item {
            Item::Moved(mark) => {
                self.saver.note(mark, 0);
                None
            }
            Item::Delivery(delivery, mark) => {
                let events = u32::from(matches!(delivery, Delivery::Event(_)));
                self.given = Some(Given { mark, events });
                Some(delivery)
            }
        }
    }

    /// What was given last was not handled.
    pub fn take_back(&mut self) {
        self.given = None;
    }

    /// Ends reading, closes the connection and saves what was handled.
    pub async fn finish(&mut self) -> Result<(), Error> {
        self.has_ended = true;
        self.stop_tasks();
        // Waits for the connection's end; how the task ended is known from the inbox.
        let _ = (&mut self.reader).await;
        let saved = self.saver.flush().await;
        self.control.advance(Phase::Ended);
        saved
    }

    fn stop_tasks(&self) {
        self.reader.abort();
        if let Some(timer) = &self.save_timer {
            timer.abort();
        }
    }
}

impl Drop for Consumer {
    /// Cancels. The save goes on in the background.
    fn drop(&mut self) {
        self.stop_tasks();
        let (saver, control) = (self.saver.clone(), self.control.clone());
        if self.has_ended {
            control.advance(Phase::Ended);
            return;
        }
        self.runtime.spawn(async move {
            // Nobody is left to be told of a failure, and what is not saved is delivered again.
            let _ = saver.flush().await;
            control.advance(Phase::Ended);
        });
    }
}
