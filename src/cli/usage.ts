/** Wrong usage: what was typed cannot be meant. Leads to exit code 2; anything else that fails leads to 1. */
import { closest, distance } from "fastest-levenshtein";
import { listenAddress } from "../config/listen-address.ts";

export class UsageError extends Error {
  override name = "UsageError";
}

/** ` Did you mean X?` for the nearest of `known`, or nothing when none is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const nearest = closest(typed, [...known]);
  return distance(typed, nearest) <= Math.max(2, Math.floor(nearest.length / 3)) ? ` Did you mean "${nearest}"?` : "";
}

/** An argument parser for whole numbers within bounds. */
export function wholeNumber(name: string, least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`${name} takes a whole number ${range}, not "${text}".`);
  };
}

/** An argument parser for numbers within bounds, fractions allowed. */
export function numberBetween(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new UsageError(`${name} takes a number from ${least} to ${most}, not "${text}".`);
  };
}

/** An argument parser for `--listen`. */
export function listenText(text: string): string {
  if (listenAddress(text) !== undefined) return text;
  throw new UsageError(`--listen takes HOST:PORT, such as 127.0.0.1:7450, not "${text}".`);
}

/** An argument parser that gathers a repeatable option. */
export function gather(text: string, sofar: readonly string[] = []): string[] {
  return [...sofar, text];
}
