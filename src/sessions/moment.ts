/** Where and when an event stands: the fold knows no other clock. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";

export interface Moment {
  offset: bigint;
  receivedTime: Timestamp;
  /** The source's clock, when it sent one. */
  eventTime: Timestamp | undefined;
}

export function isOlder(a: Timestamp, b: Timestamp): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
}
