/** The fold of a call's events by itself, and the encoding of the session after each, in this process. */
import { measureFold } from "../fold.ts";
import type { Workload } from "../workload.ts";

export const fold: Workload = {
  name: "fold",
  about: "the fold of a call's events alone, and the encoding of its session after each",
  durable: false,
  compared: { "µs to encode a session": "less" },
  measurements({ short }) {
    const { foldUs, anewUs, nextUs, libraryUs } = measureFold(short ? 5 : 15);
    return [
      {
        name: "callwire",
        own: true,
        async measure() {
          const fold = foldUs();
          return {
            "µs to fold an event": fold,
            "µs to encode a session": nextUs() - fold,
            "µs to encode a session anew": anewUs() - fold,
          };
        },
      },
      {
        name: "protobuf-es",
        own: false,
        measure: async () => ({ "µs to encode a session": libraryUs() - foldUs() }),
      },
    ];
  },
};
