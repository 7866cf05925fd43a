/** Streams that are served to everyone (health, reflection): nobody's quota bounds them, so their number is bounded. */
import { CallwireError } from "../errors/callwire-error.ts";

const maxStreams = 1_000;
const retryAfterMs = 5_000;

export class PublicStreams {
  #open = 0;

  /** @param response tells when it is over @throws CallwireError RATE_LIMITED */
  open(response: { once(event: "close", listener: () => void): unknown }): void {
    if (this.#open >= maxStreams) {
      const message = `${maxStreams} streams of health and reflection are open already; use health's Check`;
      throw new CallwireError("RATE_LIMITED", message, { retryAfterMs });
    }
    this.#open++;
    response.once("close", () => this.#open--);
  }
}
