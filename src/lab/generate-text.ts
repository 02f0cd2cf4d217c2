/** Owns: made-up prose: lines of a few sentences over 40,000 words, the words Zipf-distributed as in any language. */
import type { BlockGenerator } from './dataset.js';
import { ascii } from './line-writer.js';
import { Random } from './random.js';
import { zipfTable } from './zipf.js';

const WORDS = 40_000;
const LONGEST_WORD = 16;
/** Words of a line: LEAST … LEAST + SPREAD − 1. */
const LEAST = 6;
const SPREAD = 12;
const LONGEST_LINE = (LEAST + SPREAD) * (LONGEST_WORD + 2) + 1;

const COMMON =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr how little good world make very year still see work life get own here both old day between under never same know another while last us might great go come since against right take three';
const SYLLABLES =
  'ba be bi bo bu ca co da de di do fa fe fi ga go ka la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo an en in on er or ar es is us al el il um'.split(
    ' ',
  );

/** Word of a rank, shorter ones first: common English words, then syllables that spell the rank in base 64 or so, unique by construction. */
function wordOf(rank: number, common: readonly string[]): string {
  if (rank < common.length) return common[rank];
  let word = '';
  for (let rest = rank - common.length + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length];
  }
  return word;
}

/** Words end to end at a stride of LONGEST_WORD, and their lengths: one place to read a word from, no object a word. */
function packWords(): { readonly letters: DataView; readonly lengths: Uint8Array } {
  const common = [...new Set(COMMON.split(' '))];
  const letters = new Uint8Array(WORDS * LONGEST_WORD);
  const lengths = new Uint8Array(WORDS);
  for (let rank = 0; rank < WORDS; rank++) {
    const word = ascii(wordOf(rank, common));
    letters.set(word, rank * LONGEST_WORD);
    lengths[rank] = word.length;
  }
  return { letters: new DataView(letters.buffer), lengths };
}

/** Four bytes at a time, up to three of them beyond the word: what comes next overwrites those. */
function copyWord(letters: DataView, from: number, length: number, into: DataView, at: number): void {
  for (let i = 0; i < length; i += 4) into.setInt32(at + i, letters.getInt32(from + i));
}

export function textGenerator(seed: number): BlockGenerator {
  const table = zipfTable(WORDS, 1);
  const { letters, lengths } = packWords();
  return (block, into) => {
    const random = new Random(seed, block);
    const end = into.length - LONGEST_LINE;
    const view = new DataView(into.buffer, into.byteOffset, into.length);
    let at = 0;
    while (at <= end) {
      let inSentence = 0;
      for (let words = LEAST + random.below(SPREAD); words > 0; words--) {
        const draw = random.next();
        const word = table[draw >>> 12];
        const length = lengths[word];
        copyWord(letters, word * LONGEST_WORD, length, view, at);
        if (inSentence++ === 0) into[at] -= 32;
        at += length;
        // The lower bits of the draw are free: one word in 16 has a comma after it, one in 16 ends a sentence.
        const mark = draw & 15;
        if (words === 1 || mark === 0) {
          into[at++] = 46;
          inSentence = 0;
        } else if (mark === 1) into[at++] = 44;
        into[at++] = words === 1 ? 10 : 32;
      }
    }
    return at;
  };
}
