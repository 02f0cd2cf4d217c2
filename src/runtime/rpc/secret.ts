/** Owns: comparing secrets that somebody shows with those that are wanted. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time whatever the two have in common, their lengths included. */
export function sameSecret(shown: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(shown), digest(wanted));
}
