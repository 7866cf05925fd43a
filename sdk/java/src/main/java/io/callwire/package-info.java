/**
 * The client of the Callwire event gateway: {@link io.callwire.Client} connects, {@link io.callwire.Subscription} streams
 * and resumes. Messages are those of {@code io.callwire.v1}, generated from the contract.
 */
package io.callwire;
