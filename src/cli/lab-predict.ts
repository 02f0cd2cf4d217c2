/** Owns: `minispark lab predict`: asks what a lab will measure before it runs, at the terminal or from a file, and keeps the answers. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { Command } from 'commander';
import { asMinisparkError, userError } from '../core/errors.js';
import { findLab } from '../lab/find-lab.js';
import type { Lab } from '../lab/lab-file.js';
import { hasRuns, savePredictions } from '../lab/predict/predictions.js';
import { EXAMPLE, invalidAnswer, parseGuess, type Question, questionsOf, unitOf } from '../lab/predict/question.js';
import { type Paint, paintFor } from '../observability/paint.js';
import { CommandEnd, EXIT } from './exit-codes.js';
import { defaultDirectory } from './lab-run.js';

interface PredictOptions {
  readonly quick?: boolean;
  readonly out?: string;
  readonly answers?: string;
  readonly answer?: readonly string[];
}

/** Tries at one question. */
const TRIES = 3;

export function labPredictCommand(): Command {
  return new Command('predict')
    .description('Guess what a lab will measure, before it runs; `lab run` scores the guesses. A - passes a question over.')
    .argument('<lab>', 'a name of `lab list`, or a YAML file')
    .option('--quick', 'the small form of the lab')
    .option('--out <dir>', 'directory of the lab, as for `lab run` (default: out/lab/NAME)')
    .option('--answers <file>', 'answers to the questions, one a line, in place of asking')
    .option('--answer <text>', 'the answer to the next question, as often as there are questions', collect)
    .option('-v, --verbose', 'show stacks of errors')
    .action(predict);
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

async function predict(name: string, options: PredictOptions): Promise<void> {
  const quick = options.quick ?? false;
  const lab = findLab(name, { quick });
  const questions = questionsOf(lab);
  if (questions.length === 0) {
    throw userError('LAB_ASKS_NOTHING', `The lab ${lab.name} asks for no predictions${quick ? ' with --quick' : ''}.`, {
      hint: 'They are written in the lab file, under predict: docs/labs.md',
    });
  }
  const dir = options.out ?? defaultDirectory(lab, quick);
  if (hasRuns(dir)) process.stderr.write('warning: the lab has run already; these guesses are marked as not blind\n');
  const given = givenAnswers(options);
  const guesses = given ? readAll(questions, given) : await askAll(lab, questions);
  const path = savePredictions(dir, lab.name, questions, guesses);
  const flags = [quick ? ' --quick' : '', options.out ? ` --out ${options.out}` : ''].join('');
  process.stdout.write(`kept in ${relative(process.cwd(), path) || path}; \`minispark lab run ${name}${flags}\` scores them\n`);
}

function givenAnswers({ answers, answer }: PredictOptions): readonly string[] | null {
  if (answers === undefined) return answer ?? null;
  if (answer) throw userError('INVALID_ARGUMENT', '--answers and --answer cannot be used together.');
  try {
    return readFileSync(answers, 'utf8').trimEnd().split('\n');
  } catch (cause) {
    throw userError('INVALID_ARGUMENT', `The answers cannot be read from ${answers}: ${(cause as Error).message}.`, { cause });
  }
}

function readAll(questions: readonly Question[], answers: readonly string[]): (number | null)[] {
  if (answers.length !== questions.length) {
    throw invalidAnswer(`There are ${questions.length} questions, and ${answers.length} answers.`, questionList(questions));
  }
  return questions.map((question, i) => readAnswer(question, answers[i], `Answer ${i + 1}: `));
}

const questionList = (questions: readonly Question[]): string =>
  ['The questions, in order:', ...questions.map((question, i) => `  ${i + 1}. ${question.ask} (${EXAMPLE[unitOf(question)]})`)].join('\n');

function readAnswer(question: Question, text: string, place = ''): number | null {
  if (text.trim() === '-') return null;
  try {
    return parseGuess(text, unitOf(question));
  } catch (thrown) {
    const { message, hint } = asMinisparkError(thrown);
    throw invalidAnswer(`${place}${message}`, hint ?? '');
  }
}

async function askAll(lab: Lab, questions: readonly Question[]): Promise<(number | null)[]> {
  if (!process.stdin.isTTY) {
    throw userError('PREDICTION_NEEDS_ANSWERS', 'There is no terminal at which the questions could be asked.', {
      hint: `--answers FILE takes a line for each, --answer TEXT one at a time.\n${questionList(questions)}`,
    });
  }
  const paint = paintFor(process.stdout);
  process.stdout.write(`${paint.bold(lab.title)}\n${lab.about}\n\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  let interrupted = false;
  terminal.once('SIGINT', () => {
    interrupted = true;
    terminal.close();
  });
  // Lines that were typed ahead are answers too.
  const lines = terminal[Symbol.asyncIterator]();
  const guesses: (number | null)[] = [];
  try {
    for (const [i, question] of questions.entries()) {
      process.stdout.write(`${i + 1}/${questions.length} ${question.ask} ${paint.dim(`(${EXAMPLE[unitOf(question)]}; - passes)`)}\n`);
      guesses.push(await ask(terminal, lines, question, paint));
    }
    return guesses;
  } catch (thrown) {
    throw interrupted ? new CommandEnd(EXIT.interrupted) : thrown;
  } finally {
    terminal.close();
  }
}

async function ask(terminal: Interface, lines: AsyncIterator<string>, question: Question, paint: Paint): Promise<number | null> {
  for (let tries = 1; ; tries++) {
    terminal.prompt();
    const { value, done } = await lines.next();
    // Ctrl-C or Ctrl-D: nothing is kept of half a form.
    if (done) throw userError('PREDICTION_NEEDS_ANSWERS', 'The input ended before all questions were answered; nothing is kept.');
    try {
      return readAnswer(question, value);
    } catch (thrown) {
      const error = asMinisparkError(thrown);
      if (error.condition !== 'INVALID_ANSWER' || tries === TRIES) throw thrown;
      process.stdout.write(`${paint.yellow(error.message)} ${error.hint}\n`);
    }
  }
}
