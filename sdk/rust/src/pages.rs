//! Lists that fetch their pages when they are needed.
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream::{self, TryStreamExt};

use crate::{Client, Error};

/// The items of a list, page after page. An error is the last item.
#[must_use = "a list fetches nothing until it is polled"]
pub struct Pages<T>(Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>);

impl<T: Send + 'static> Pages<T> {
    /// `fetch` gives the items of a page and the request of the next.
    pub(crate) fn new<Q, C, F>(client: Client, first: Q, fetch: C) -> Self
    where
        Q: Send + 'static,
        C: Fn(Client, Q) -> F + Send + 'static,
        F: Future<Output = Result<(Vec<T>, Option<Q>), Error>> + Send + 'static,
    {
        let pages = stream::try_unfold(Some(first), move |request| {
            let page = request.map(|request| fetch(client.clone(), request));
            async move {
                match page {
                    None => Ok(None),
                    Some(page) => page.await.map(|(items, next)| Some((items, next))),
                }
            }
        });
        let items = pages.map_ok(|items| stream::iter(items.into_iter().map(Ok)));
        Self(Box::pin(items.try_flatten()))
    }
}

impl<T> Pages<T> {
    /// The next item; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}
