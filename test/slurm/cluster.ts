import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = ['slurmctld', 'slurmd', 'sbatch', 'scancel', 'sinfo'] as const;
const START_MS = 60_000;

/** How a command of Slurm ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** A cluster of one machine, which is this one. */
export interface Cluster {
  /** Runs a command of Slurm to its end. */
  command(...words: readonly string[]): Promise<Ended>;
  stop(): Promise<void>;
}

/** The programs of Slurm that are not installed. */
export const missing = (): string[] => PROGRAMS.filter((name) => !isThere(name));

const isThere = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

/** Two ports that nothing listens on. */
async function freePorts(): Promise<number[]> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, () => {
            resolve(server);
          });
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** One node of this machine, without accounts, and without a service that proves who asks. */
const configuration = (folder: string, [ctld, slurmd]: readonly number[], cpus: number): string =>
  `ClusterName=bigrad
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmUser=${userInfo().username}
SlurmdUser=${userInfo().username}
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${ctld}
SlurmdPort=${slurmd}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;

/**
 * Starts Slurm on this machine with so many processors, whether they are there or not. Throws with
 * the end of its logs where no node gets ready.
 */
export async function startCluster(cpus: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'bigrad-slurm-'));
  const conf = join(folder, 'slurm.conf');
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
  writeFileSync(conf, configuration(folder, await freePorts(), cpus));
  const env = { ...process.env, SLURM_CONF: conf };
  const daemons = [
    ['slurmctld', '-D', '-c'],
    ['slurmd', '-D', '-N', hostname()],
  ].map(([name, ...args]): ChildProcess => spawn(name!, args, { env, stdio: 'ignore' }));
  const command = (...words: readonly string[]): Promise<Ended> =>
    new Promise((resolve, reject) => {
      let said = '';
      const child = spawn(words[0]!, words.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
      child.on('error', reject);
      child.on('close', (code) => {
        resolve({ code, said });
      });
    });
  const stop = async (): Promise<void> => {
    const ended = daemons.map((daemon) => new Promise((resolve) => daemon.once('exit', resolve)));
    for (const daemon of daemons) daemon.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + START_MS;
  while (!/\bidle\b/.test((await command('sinfo', '--noheader', '--format=%t')).said)) {
    if (Date.now() > until) {
      const logs = ['slurmctld', 'slurmd'].map((name) => readFileSync(join(folder, `${name}.log`), 'utf8').slice(-500));
      await stop();
      throw new Error(`no node of Slurm got ready:\n${logs.join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { command, stop };
}
