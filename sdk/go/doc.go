// Package callwire subscribes to the events of a Callwire gateway and calls its services.
//
// A [Client] speaks to one gateway. [Client.Subscribe] describes a [Subscription]; it is consumed either by ranging over
// [Subscription.All] or by giving [Subscription.Run] a handler. A subscription reconnects by itself and resumes where it
// was: nothing is delivered twice and nothing is left out. With a [Checkpoint] it also resumes in another process.
//
// What needs a decision ends a subscription with an [*Error]: an expired cursor, another epoch, a refusal. What is
// information comes as a [Delivery] (a gap, a changed filter) or a [Status] (connected, reconnecting, caught up).
//
// The messages are those of the package callwirev1, generated from the gateway's contract.
package callwire
