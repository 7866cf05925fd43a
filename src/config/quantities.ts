/** Durations and sizes as people write them: `3s`, `72h`, `10MiB`; each within bounds that its schema names. */
import { z } from "zod";

const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** @param bare the unit of a number without one, where that is allowed */
function quantity(units: Record<string, number>, form: string, bare?: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join("|")})$`);
  const amount = (given: unknown): number | undefined => {
    const match = pattern.exec(typeof given === "number" ? `${given}${bare}` : String(given).trim());
    return match === null ? undefined : Math.round(Number(match[1]) * units[match[2]!]!);
  };

  /** @param reason why there is an upper bound, when that is worth a word */
  return (least: string, most: string, reason = "") =>
    z.union([z.string(), z.number()], { error: `must be of the form ${form}` }).transform((given, context) => {
      const value = amount(given);
      if (value !== undefined && value >= amount(least)! && value <= amount(most)!) return value;
      const wrong = value === undefined ? `is not of the form ${form}` : `is not from ${least} to ${most}${reason}`;
      context.addIssue({ code: "custom", message: `${JSON.stringify(given)} ${wrong}` });
      return z.NEVER;
    });
}

/** In milliseconds. */
export const duration = quantity(durationUnits, '"500ms", "3s", "5m", "72h" or "30d"');

/** In bytes. */
export const size = quantity(sizeUnits, '4096 or "10MiB"', "B");
