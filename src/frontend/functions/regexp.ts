/** Owns: `rlike regexp_extract regexp_extract_all regexp_replace regexp_count regexp_substr regexp_instr` over translated Java patterns. */
import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, INT32, STRING } from '../../data/types.js';
import type { ScalarFunction } from './definition.js';
import { compileRegex } from './regex.js';
import { scalar } from './scalar.js';
import { INT, TEXT } from './signature.js';

/** The group of a match, '' where the group took no part. Throws INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX for a group that is not there. */
function groupOf(match: RegExpMatchArray, group: number, name: string): string {
  if (group < 0 || group >= match.length) {
    throw userError(
      'INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX',
      `${name} was asked for group ${group} of a pattern with ${match.length - 1}.`,
      {
        hint: `Ask for 0 to ${match.length - 1}`,
      },
    );
  }
  return match[group] ?? '';
}

const matches = (text: string, pattern: string): RegExpMatchArray[] => [...text.matchAll(compileRegex(pattern))];

function firstMatch(text: string, pattern: string): RegExpMatchArray | null {
  const regex = compileRegex(pattern);
  regex.lastIndex = 0;
  return regex.exec(text);
}

const badReplacement = (replacement: string, mark: string) =>
  userError('INVALID_REGEXP_REPLACE', `In the replacement '${replacement}' stands a ${mark} that begins nothing.`, {
    hint: 'Groups are $1 to $9, or $ and a name in braces; a backslash stands before a $ that is one',
  });

/** `$1`, `${name}` and `\$` of a Java replacement. */
function replaceAll(text: string, pattern: string, replacement: string, position = 1): string {
  const head = text.slice(0, Math.max(0, position - 1));
  return (
    head +
    text.slice(head.length).replace(compileRegex(pattern), (...args: unknown[]) => {
      const named = typeof args.at(-1) === 'object' ? (args.at(-1) as Record<string, string>) : {};
      const groups = args.slice(
        0,
        args.findIndex((arg) => typeof arg === 'number'),
      ) as string[];
      return replacement.replace(
        /\\(.)|\$(\d)|\$\{(\w+)\}|([\\$])/gs,
        (_, escaped?: string, index?: string, name?: string, wrong?: string) => {
          if (wrong !== undefined) throw badReplacement(replacement, wrong);
          if (escaped !== undefined) return escaped;
          if (name !== undefined) return named[name] ?? '';
          if (Number(index) >= groups.length)
            throw userError(
              'INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX',
              `The replacement '${replacement}' names group ${index}, which '${pattern}' lacks.`,
            );
          return groups[Number(index)] ?? '';
        },
      );
    })
  );
}

function positionOf(text: string, pattern: string): number {
  const match = firstMatch(text, pattern);
  return match ? [...text.slice(0, match.index)].length + 1 : 0;
}

export const REGEXP: readonly ScalarFunction[] = [
  scalar('rlike', [TEXT, TEXT], BOOLEAN, (text: string, pattern: string) => firstMatch(text, pattern) !== null),
  scalar(
    'regexp_extract',
    [TEXT, TEXT, INT],
    STRING,
    (text: string, pattern: string, group = 1) => {
      const match = firstMatch(text, pattern);
      return match ? groupOf(match, group, 'regexp_extract') : '';
    },
    { required: 2 },
  ),
  scalar(
    'regexp_extract_all',
    [TEXT, TEXT, INT],
    arrayOf(STRING, true),
    (text: string, pattern: string, group = 1) => matches(text, pattern).map((match) => groupOf(match, group, 'regexp_extract_all')),
    { required: 2 },
  ),
  scalar('regexp_replace', [TEXT, TEXT, TEXT, INT], STRING, replaceAll, { required: 3 }),
  scalar('regexp_count', [TEXT, TEXT], INT32, (text: string, pattern: string) => matches(text, pattern).length),
  scalar('regexp_substr', [TEXT, TEXT], STRING, (text: string, pattern: string) => firstMatch(text, pattern)?.[0] ?? null, {
    nullable: true,
  }),
  scalar('regexp_instr', [TEXT, TEXT], INT32, positionOf),
];
