import { expect, test } from 'vitest';
import { createSession } from '../../../src/frontend/api/session.js';
import { RecordingBackend } from './recording-backend.js';

// As a job in JavaScript may call them, with an argument that it was not given.
const missing = undefined as unknown as string;

test('what is no path is refused where it is given', async () => {
  const spark = createSession(new RecordingBackend(), {});
  const refused = (method: string) =>
    expect.objectContaining({ condition: 'INVALID_ARGUMENT', message: `${method}() takes a path, not undefined.` });
  expect(() => spark.read.csv('a.csv', missing)).toThrowError(refused('read.csv'));
  expect(() => spark.textFile(missing)).toThrowError(refused('read.text'));
  await expect(spark.range(1).write.json(missing)).rejects.toThrowError(refused('write.json'));
});
