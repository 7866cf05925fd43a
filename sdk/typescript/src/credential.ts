/** The API key that a client presents, and a fresh one when the gateway refuses it. */
import { CallwireError } from "./errors.ts";

/**
 * An API key, or what provides one. A provider is asked once, and again only when the gateway has refused the key that it
 * gave.
 */
export type Credential = string | (() => string | Promise<string>);

export class KeyRing {
  readonly #credential: Credential | undefined;
  #key: Promise<string> | undefined;

  constructor(credential: Credential | undefined) {
    this.#credential = credential;
  }

  /** The value of the `authorization` header, or undefined without a credential. */
  async authorization(): Promise<string | undefined> {
    if (this.#credential === undefined) return undefined;
    this.#key ??= this.#provide(this.#credential);
    return `Bearer ${await this.#key}`;
  }

  /**
   * Forgets a key that the gateway refused, unless it has been replaced meanwhile.
   * @returns whether another one can be had
   */
  async forget(authorization: string | undefined): Promise<boolean> {
    if (typeof this.#credential !== "function" || authorization === undefined) return false;
    if (authorization === (await this.authorization())) this.#key = undefined;
    return true;
  }

  async #provide(credential: Credential): Promise<string> {
    if (typeof credential === "string") return credential;
    try {
      return await credential();
    } catch (cause) {
      this.#key = undefined;
      throw new CallwireError("UNAUTHENTICATED", `the credential could not be had: ${String(cause)}`, { cause });
    }
  }
}
