/** Owns: the directions of sort keys as one text, which is how an aggregate takes them: `asc first, desc last`. */
export interface Direction {
  readonly ascending: boolean;
  readonly nullsFirst: boolean;
}

export const directionText = (keys: readonly Direction[]): string =>
  keys.map(({ ascending, nullsFirst }) => `${ascending ? 'asc' : 'desc'} ${nullsFirst ? 'first' : 'last'}`).join(', ');

export const directionsOf = (text: string): Direction[] =>
  text.split(', ').map((part) => ({ ascending: part.startsWith('asc'), nullsFirst: part.endsWith('first') }));
