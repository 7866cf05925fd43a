//! A subscription as its user sees it: a stream, or a loop around a handler.
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::consumer::{Consumer, Next};
use crate::control::Phase;
use crate::{CheckpointState, Client, Delivery, End, Error, SubscribeOptions, SubscriptionHandle};

/// A stream of deliveries that resumes by itself.
///
/// There are two ways to consume it. As a [`Stream`], or by [`next`](Self::next): a delivery is handled when the next one
/// is asked for, or at [`close`](Self::close). By [`run`](Self::run): a delivery is handled when the handler returns
/// `Ok`. Dropping a subscription cancels it: the last delivery is not handled, and what was is saved in the background.
#[must_use = "a subscription that is dropped is cancelled"]
pub struct Subscription {
    state: State,
    handle: SubscriptionHandle,
}

/// The consumer comes back with what it waited for.
type NextOf = dyn Future<Output = (Box<Consumer>, Result<Next, Error>)> + Send;

enum State {
    Idle(Box<Consumer>),
    Waiting(Pin<Box<NextOf>>),
    Ended(Option<End>),
}

/// Why [`Subscription::run`] ended before its time.
#[derive(Debug)]
pub enum RunError<E> {
    /// The handler's own error. Its delivery is not handled.
    Handler(E),
    /// The subscription's error.
    Subscription(Error),
}

impl Subscription {
    pub(crate) fn start(client: Client, options: SubscribeOptions) -> Self {
        let consumer = Consumer::start(client, options);
        let handle = consumer.handle();
        Self {
            state: State::Idle(Box::new(consumer)),
            handle,
        }
    }

    /// The next delivery; `None` after the end. An error is the last item. May be dropped while it waits: nothing is
    /// lost.
    pub async fn next(&mut self) -> Option<Result<Delivery, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Gives each delivery to the handler, one at a time, until the stream ends, is closed or cancelled, or something
    /// fails.
    ///
    /// # Errors
    ///
    /// The handler's first error, or the subscription's.
    pub async fn run<H, F, E>(self, mut handler: H) -> Result<End, RunError<E>>
    where
        H: FnMut(Delivery) -> F,
        F: Future<Output = Result<(), E>>,
    {
        let (mut consumer, mut next) = match self.state {
            State::Idle(mut consumer) => {
                let next = consumer.next().await;
                (consumer, next)
            }
            State::Waiting(waiting) => waiting.await,
            State::Ended(end) => return Ok(end.unwrap_or(End::Cancelled)),
        };
        loop {
            let delivery = match next.map_err(RunError::Subscription)? {
                Next::Delivery(delivery) => delivery,
                Next::End(end) => return Ok(end),
            };
            let handled = tokio::select! {
                biased;
                () = self.handle.control.reached(Phase::Cancelling) => None,
                handled = handler(delivery) => Some(handled),
            };
            match handled {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    consumer.take_back();
                    consumer.finish().await.map_err(RunError::Subscription)?;
                    return Err(RunError::Handler(error));
                }
                None => {
                    consumer.take_back();
                    consumer.finish().await.map_err(RunError::Subscription)?;
                    return Ok(End::Cancelled);
                }
            }
            next = consumer.next().await;
        }
    }

    /// Counts the last delivery as handled, saves the checkpoint and closes the connection.
    ///
    /// # Errors
    ///
    /// That the checkpoint cannot be saved.
    pub async fn close(self) -> Result<(), Error> {
        self.handle.control.advance(Phase::Closing);
        let next = match self.state {
            State::Idle(mut consumer) => consumer.next().await,
            State::Waiting(waiting) => waiting.await.1,
            State::Ended(_) => return Ok(()),
        };
        next.map(drop)
    }

    /// Ends this subscription from another task.
    pub fn handle(&self) -> SubscriptionHandle {
        self.handle.clone()
    }

    /// What was handled last, be it saved or not; `None` before anything was.
    pub fn handled(&self) -> Option<CheckpointState> {
        self.handle.handled()
    }

    /// How the subscription ended; `None` while it has not, and after an error.
    pub fn end(&self) -> Option<End> {
        match self.state {
            State::Ended(end) => end,
            State::Idle(_) | State::Waiting(_) => None,
        }
    }
}

impl Stream for Subscription {
    type Item = Result<Delivery, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let State::Idle(consumer) = &mut this.state
            && let Some(delivery) = consumer.try_next()
        {
            return Poll::Ready(Some(Ok(delivery)));
        }
        if let State::Idle(_) = &this.state
            && let State::Idle(mut consumer) =
                std::mem::replace(&mut this.state, State::Ended(None))
        {
            this.state = State::Waiting(Box::pin(async move {
                let next = consumer.next().await;
                (consumer, next)
            }));
        }
        let State::Waiting(waiting) = &mut this.state else {
            return Poll::Ready(None);
        };
        let (consumer, next) = ready!(waiting.as_mut().poll(context));
        let (state, item) = match next {
            Ok(Next::Delivery(delivery)) => (State::Idle(consumer), Some(Ok(delivery))),
            Ok(Next::End(end)) => (State::Ended(Some(end)), None),
            Err(error) => (State::Ended(None), Some(Err(error))),
        };
        this.state = state;
        Poll::Ready(item)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Subscription");
        debug
            .field("handled", &self.handled())
            .field("end", &self.end())
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Display> fmt::Display for RunError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler(error) => write!(formatter, "the handler failed: {error}"),
            Self::Subscription(error) => error.fmt(formatter),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for RunError<E> {}
