/** What lower-casing and splitting on a character class cost beside splitting on a space. */
import { ratioCheck, ratioOf, takeTurns } from '../compare.mjs';
import { LETTERS_JOB, wordCount } from '../minispark.mjs';

export const wordcountClass = {
  name: 'wordcount-class',
  title: 'word count, lower-cased and split on [^a-z]+',
  async run(context) {
    const { directory: input, bySpace, byLetters } = await context.text(context.size);
    const space = wordCount(context, { master: 'local[2]', input, expected: bySpace });
    const letters = wordCount(context, { master: 'local[2]', file: LETTERS_JOB, input, expected: byLetters });
    const rows = await takeTurns(
      [
        { ...letters, name: `${letters.name}, [^a-z]+` },
        { ...space, name: `${space.name}, one space` },
      ],
      context,
    );
    return { rows, checks: [ratioCheck('[^a-z]+ / one space', ratioOf(rows[0], rows[1]), 2)] };
  },
};
