//! A case of `subscribe`: consumes as it is told, reports what comes, and counts what was given to the handler.
use std::sync::Arc;
use std::time::Duration;

use callwire::{Delivery, End, RunError, SubscribeOptions, Subscription, SubscriptionHandle, v1};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::input::{Command, Consume, Run};
use crate::output::Output;
use crate::watched_checkpoint::WatchedCheckpoint;
use crate::{outcome, protojson, report};

struct HandlerFailed(String);

struct Handler<'a> {
    run: &'a Run,
    output: &'a Output,
    released: &'a Semaphore,
    handle: SubscriptionHandle,
    events: u64,
    digest: Sha256,
}

pub async fn run(run: Run, commands: UnboundedReceiver<Command>, output: Output) -> Value {
    let request: v1::SubscribeRequest = match protojson::parse(run.request.clone()) {
        Ok(request) => request,
        Err(message) => return outcome::of_bad_case(&message),
    };
    let client = match run.client() {
        Ok(client) => client,
        Err(error) => return outcome::of_error(&error),
    };
    let checkpoint = run.checkpoint.as_ref().map(WatchedCheckpoint::of);
    let subscription = client.subscribe(options(&run, request, checkpoint.clone(), &output));
    let handle = subscription.handle();
    let released = Arc::new(Semaphore::new(0));
    let obeying = tokio::spawn(obey(commands, handle.clone(), released.clone()));

    let mut handler = Handler {
        run: &run,
        output: &output,
        released: &released,
        handle: handle.clone(),
        events: 0,
        digest: Sha256::new(),
    };
    let result = match run.consume {
        Consume::Run => by_handler(subscription, &mut handler).await,
        Consume::Stream => by_stream(subscription, &mut handler).await,
    };
    obeying.abort();

    let mut done = match result {
        Ok(End::Completed) => json!({ "outcome": "completed" }),
        Ok(End::Closed) => json!({ "outcome": "closed" }),
        Ok(End::Cancelled) => json!({ "outcome": "cancelled" }),
        Err(RunError::Handler(HandlerFailed(message))) => {
            json!({ "outcome": "error", "code": "HANDLER", "message": message })
        }
        Err(RunError::Subscription(error)) => outcome::of_error(&error),
    };
    done["events"] = handler.events.into();
    done["cursor"] = json!(handle.handled().map(|state| state.cursor));
    done["saved_cursor"] = json!(checkpoint.and_then(|checkpoint| checkpoint.cursor()));
    done["digest"] = hex(&handler.digest.finalize()).into();
    done
}

fn options(
    run: &Run,
    request: v1::SubscribeRequest,
    checkpoint: Option<WatchedCheckpoint>,
    output: &Output,
) -> SubscribeOptions {
    let output = output.clone();
    let mut options = SubscribeOptions::from(request)
        .retry(run.retry.policy())
        .on_status(move |status| {
            if let Some(line) = report::status(&status) {
                output.print("status", line);
            }
        });
    if let Some(events) = run.buffer_events {
        options = options.buffer(events);
    }
    if let (Some(fields), Some(checkpoint)) = (&run.checkpoint, checkpoint) {
        options = options
            .checkpoint(checkpoint)
            .save_policy(fields.save_policy());
    }
    options
}

async fn obey(
    mut commands: UnboundedReceiver<Command>,
    handle: SubscriptionHandle,
    released: Arc<Semaphore>,
) {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Release => released.add_permits(1),
            Command::Cancel => handle.cancel(),
            Command::Close => drop(handle.close()),
        }
    }
}

async fn by_handler(
    subscription: Subscription,
    handler: &mut Handler<'_>,
) -> Result<End, RunError<HandlerFailed>> {
    let handler = tokio::sync::Mutex::new(handler);
    subscription
        .run(async |delivery| handler.lock().await.handle(delivery).await)
        .await
}

async fn by_stream(
    mut subscription: Subscription,
    handler: &mut Handler<'_>,
) -> Result<End, RunError<HandlerFailed>> {
    while let Some(delivery) = subscription.next().await {
        let delivery = delivery.map_err(RunError::Subscription)?;
        if let Err(failed) = handler.handle(delivery).await {
            // Leaving the stream by an error cancels it, and the delivery is not handled.
            drop(subscription);
            handler.handle.ended().await;
            return Err(RunError::Handler(failed));
        }
    }
    Ok(subscription
        .end()
        .expect("a stream without an error has an end"))
}

impl Handler<'_> {
    async fn handle(&mut self, delivery: Delivery) -> Result<(), HandlerFailed> {
        let Delivery::Event(item) = delivery else {
            if let Some(line) = report::delivery(&delivery) {
                self.output.print("delivery", line);
            }
            return Ok(());
        };
        self.events += 1;
        self.digest.update(format!("{}\n", item.event.offset));
        if let Some(line) = report::event(&item, &self.run.report) {
            self.output.print("event", line);
        }
        let number = self.events;
        let orders = &self.run.handler;
        if let Some(delay) = orders.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if orders.hold_at == Some(number) {
            self.output.print("handling", number.into());
            // Never closed, so it ends with a permit.
            let _ = self.released.acquire().await;
        }
        if orders.fail_at == Some(number) {
            return Err(HandlerFailed(format!(
                "the handler failed at event {number}"
            )));
        }
        if self.run.close_after == Some(number) {
            drop(self.handle.close());
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
