import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProto, loadService } from '../../../src/runtime/rpc/load-proto.js';
import { packageRoot, protoPath } from '../../../src/runtime/rpc/proto-path.js';

describe('proto files', () => {
  it('are found above this package, past nested packages of other names', () => {
    const root = mkdtempSync(join(tmpdir(), 'proto-path-'));
    mkdirSync(join(root, 'dist', 'inner'), { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"name":"minispark"}');
    writeFileSync(join(root, 'dist', 'package.json'), '{"type":"module"}');
    expect(packageRoot(join(root, 'dist', 'inner'))).toBe(root);
    expect(protoPath('minispark.proto')).toMatch(/proto\/minispark\.proto$/);
  });

  it('are refused where the package was torn apart', () => {
    expect(() => packageRoot(tmpdir())).toThrow(/No package.json of minispark/);
  });

  it('declare the scheduler service', async () => {
    const service = await loadService('minispark.proto', 'minispark.Scheduler');
    expect(Object.keys(service.service)).toEqual(['Work', 'Submit', 'Keep', 'Status']);
    expect(await loadProto('minispark.proto')).toBe(await loadProto('minispark.proto'));
    await expect(loadService('minispark.proto', 'minispark.Nothing')).rejects.toThrow(/declares no service minispark.Nothing/);
  });
});
