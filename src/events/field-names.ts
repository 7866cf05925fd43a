/** The members that are understood, and how spellings compare: feeds write `CallID`, `call_id`, `agent number`. */
import { comparable } from "./vocabulary.ts";

/** Each member's place in the array of values that `Fields` keeps, which is faster than a map. */
const slots = {
  type: 0,
  item: 1,
  eventid: 2,
  timestamp: 3,
  callid: 4,
  chatid: 5,
  state: 6,
  status: 7,
  direction: 8,
  initiator: 9,
  queuepathids: 10,
  queuepathnames: 11,
  queueuuid: 12,
  queueid: 13,
  language: 14,
  recordingpermitted: 15,
  recordingpermission: 16,
  customheaders: 17,
  participants: 18,
  participant: 19,
  mediaid: 20,
  agentnumber: 21,
  supportnumber: 22,
  sessiontypev2: 23,
  sessiontype: 24,
  connectedat: 25,
  connectedtime: 26,
  endsat: 27,
  endedat: 28,
  endtime: 29,
  dispositions: 30,
  disposition: 31,
  code: 32,
  customcodeid: 33,
  note: 34,
  notes: 35,
  agentnote: 36,
  participantid: 37,
  dn: 38,
  id: 39,
  enduserid: 40,
  agentid: 41,
  virtualagentid: 42,
  agent: 43,
  agentname: 44,
  name: 45,
  email: 46,
} as const;

export type FieldName = keyof typeof slots;
export const slotOf: Readonly<Record<FieldName, number>> = slots;
export const slotCount = Object.keys(slots).length;
const slotOfForm = new Map<string, number>(Object.entries(slots));

/** Longer keys and words are none of ours; they are neither folded nor remembered. */
const maxFormLength = 64;
const maxRemembered = 2_048;

/** What is remembered of texts starts over when it is full, since they are the sender's. */
export function remember<Known>(memory: Map<string, Known>, text: string, known: Known): Known {
  if (memory.size >= maxRemembered) memory.clear();
  memory.set(text, known);
  return known;
}

const forms = new Map<string, string>();
const slotOfSpelling = new Map<string, number>();

/** The form in which a key or word compares. */
export function formOf(spelling: string): string {
  if (spelling.length > maxFormLength) return spelling;
  return forms.get(spelling) ?? remember(forms, spelling, comparable(spelling));
}

/** The slot of a key in any spelling, negative when the key is none of ours. */
export function slotOfKey(key: string): number {
  if (key.length > maxFormLength) return -1;
  return slotOfSpelling.get(key) ?? remember(slotOfSpelling, key, slotOfForm.get(comparable(key)) ?? -1);
}
