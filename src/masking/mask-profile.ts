/** What the readers of a credential see of each field: plain data, which may be copied to other threads. */
import { createHash } from "node:crypto";
import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { closest } from "fastest-levenshtein";
import { FieldClass } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { classOf, maskedFields, nameOf } from "./classified-fields.ts";

/**
 * What becomes of a value: it is shown; it is left out; its last four characters are kept, with a `*` for each before them;
 * or it is replaced by a keyed hash that is the same wherever the value stands.
 */
export type MaskAction = "show" | "drop" | "last_four" | "hash";

export interface MaskProfile {
  /** The name that the operator gave. */
  id: string;
  /** What becomes of PERSONAL fields. What is no text is left out unless it is shown. */
  personal: MaskAction;
  /** What becomes of SENSITIVE fields, likewise. */
  sensitive: MaskAction;
  /** By name (`CallEvent.initiator`): goes before the class, and holds for every value of the field, agents' ids too. */
  fields: Record<string, MaskAction>;
  /** The key of hashes, at least 32 bytes. */
  hashKey: Uint8Array | undefined;
  /** Whether SENSITIVE fields are seen, as far as the actions let them, while a party is redacted. */
  privileged: boolean;
}

/** What a credential without a mask sees: everything, but for SENSITIVE fields while a party is redacted. */
export const unmasked: Readonly<MaskProfile> = {
  id: "",
  personal: "show",
  sensitive: "show",
  fields: {},
  hashKey: undefined,
  privileged: false,
};

/** A profile of what an operator gave; the classes left out are dropped. */
export function maskProfile(given: Pick<MaskProfile, "id"> & Partial<MaskProfile>): MaskProfile {
  return { ...unmasked, personal: "drop", sensitive: "drop", ...given };
}

export const minHashKeyBytes = 32;

/** Fields that hold the source's text as it came, and so whatever the other fields hide, or what tells of that text. */
const verbatim: ReadonlySet<string> = new Set([
  "Event.raw_json",
  "CallEvent.custom_headers",
  "ChatEvent.custom_headers",
  "SessionSeal.digest",
]);

/** The field with which a mask tells that it withheld something. */
const telling = "Event.withheld";

/** Whether there is any field that the profile does not show. */
export function masksAnything({ personal, sensitive, fields }: MaskProfile): boolean {
  return personal !== "show" || sensitive !== "show" || Object.values(fields).some((action) => action !== "show");
}

/** What becomes of a field. @param as the class of its value, which may be other than the field's */
export function actionOn(field: DescField, profile: MaskProfile, as = classOf(field)): MaskAction {
  const name = nameOf(field);
  if (verbatim.has(name) && masksAnything(profile)) return "drop";
  const action = profile.fields[name] ?? actionOnClass(profile, as);
  return isRewritten(action) && !isText(field) ? "drop" : action;
}

function actionOnClass({ personal, sensitive }: MaskProfile, fieldClass: FieldClass): MaskAction {
  switch (fieldClass) {
    case FieldClass.PUBLIC:
      return "show";
    case FieldClass.PERSONAL:
      return personal;
    case FieldClass.SENSITIVE:
      return sensitive;
    default:
      return "drop";
  }
}

function isText(field: DescField): boolean {
  return field.scalar === ScalarType.STRING;
}

function isRewritten(action: MaskAction): boolean {
  return action === "hash" || action === "last_four";
}

function fieldProblem(name: string, action: MaskAction, profile: MaskProfile): string | undefined {
  const field = maskedFields.get(name);
  if (field === undefined) return `unknown field; did you mean ${closest(name, [...maskedFields.keys()])}?`;
  if (isRewritten(action) && !isText(field)) return `is no text: it can be shown or dropped, not ${action}`;
  if (name === telling && action !== "show") return "tells that something was withheld, and is always shown";
  if (verbatim.has(name) && action !== "drop" && masksAnything(profile)) {
    return "holds what other fields hide: a profile that masks anything always drops it";
  }
  return undefined;
}

/** What is wrong with a profile, a sentence for each; empty when nothing is. */
export function maskProfileProblems(profile: MaskProfile): string[] {
  const problems = Object.entries(profile.fields).flatMap(([name, action]) => {
    const problem = fieldProblem(name, action, profile);
    return problem === undefined ? [] : [`fields.${name}: ${problem}`];
  });
  if (needsKey(profile) && (profile.hashKey?.length ?? 0) < minHashKeyBytes) {
    problems.push(`hash needs a key of at least ${minHashKeyBytes} bytes`);
  }
  return problems;
}

/** Whether any value is hashed. */
export function needsKey({ personal, sensitive, fields }: MaskProfile): boolean {
  return [personal, sensitive, ...Object.values(fields)].includes("hash");
}

/** Equal for profiles that mask alike, whatever their ids. Holds no secret. */
export function maskKey(profile: MaskProfile): string {
  const { personal, sensitive, fields, hashKey, privileged } = profile;
  const overrides = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const keyDigest = needsKey(profile) ? createHash("sha256").update(hashKey!).digest("hex") : "";
  return JSON.stringify([personal, sensitive, overrides, keyDigest, privileged]);
}
