import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { BENCHES } from '../../../examples/benches.js';
import { parseOptions } from '../../../examples/lab/options.js';

/** What is read here of a Job of Kubernetes. */
interface Job {
  readonly apiVersion: string;
  readonly spec: {
    readonly completionMode?: string;
    readonly completions?: number;
    readonly parallelism?: number;
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly args: readonly string[];
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
        }[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

const FILE = 'examples/lab/cluster/job.yaml';

describe('the Job of examples/lab/cluster/job.yaml', () => {
  // Without its types, which are those of all of Kubernetes.
  const { Job } = createRequire(import.meta.url)('kubernetes-models/batch/v1') as {
    Job: new (data: unknown) => { validate(): void };
  };
  const text = readFileSync(FILE, 'utf8');
  const { apiVersion, spec } = parse(text) as Job;
  const pod = spec.template.spec;
  const [container] = pod.containers;

  it('is one by the schema of Kubernetes, which refuses others', () => {
    const check = (manifest: string) => (): void => {
      new Job(parse(manifest)).validate();
    };
    assert.equal(apiVersion, 'batch/v1');
    assert.doesNotThrow(check(text));
    for (const [line, wrong] of [
      ['completions: 8', 'completions: eight'],
      ['completionMode: Indexed', 'completionMode: indexed'],
      ['memory: 2Gi', 'memory: 2 gigabytes'],
      ['claimName:', 'claim:'],
    ] as const)
      assert.throws(check(text.replace(line, wrong)), /data\/spec\/\S+ must/, wrong);
  });

  it('has an index for each pod, runs all of them at once, and keeps their results in one volume', () => {
    const { completionMode, completions, parallelism } = spec;
    assert.deepEqual([completionMode, parallelism, pod.containers.length], ['Indexed', completions, 1]);
    assert.ok(['OnFailure', 'Never'].includes(pod.restartPolicy)); // a Job takes no other
    const volumes = pod.volumes.map(({ name }) => name);
    assert.ok(container!.volumeMounts.every(({ name }) => volumes.includes(name)));
  });

  it('its command computes the shard of the index, so that all indices have all cells', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-job-'));
    try {
      writeFileSync(join(folder, 'node'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
      for (let index = 0; index < spec.completions!; index++) {
        const [program, ...args] = [...container!.command, ...container!.args];
        const path = [folder, process.env['PATH']].join(delimiter);
        const env = { PATH: path, JOB_COMPLETION_INDEX: `${index}` };
        const { stdout, stderr, status } = spawnSync(program!, args, { env, encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, '']);
        const words = stdout.trimEnd().split('\n');
        const main = words.findIndex((word) => word.endsWith('.ts'));
        assert.deepEqual(words.slice(0, main), ['--import', 'tsx']);
        assert.ok(existsSync(words[main]!));
        const options = parseOptions(BENCHES, words.slice(main + 1));
        assert.ok(typeof options !== 'number');
        assert.deepEqual(options.shard, { index, count: spec.completions });
        assert.ok(container!.volumeMounts.some(({ mountPath }) => options.out!.startsWith(`${mountPath}/`)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
