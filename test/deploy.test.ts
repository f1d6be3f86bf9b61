import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../src/base/paths.js';
import { Metrics } from '../src/serve/metrics.js';

const read = (file: string): string => readFileSync(join(packageRoot, 'deploy', file), 'utf8');

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const quantity = z.string().regex(/^\d+(m|[KMGT]i)?$/);
const resources = z.strictObject({
  cpu: quantity,
  memory: quantity,
  'nvidia.com/gpu': z.literal('1').optional(),
});
const metadata = z.strictObject({
  name: name.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const probe = z.strictObject({
  httpGet: z.strictObject({
    path: z.literal('/health'),
    port: z.literal('http'),
    httpHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  }),
  periodSeconds: z.int().positive(),
  failureThreshold: z.int().positive().optional(),
});
const container = z.strictObject({
  name,
  image: z.string().regex(/^openward:\d/),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()),
  env: z
    .array(z.strictObject({ name: z.string(), value: z.string().optional(), valueFrom: z.json().optional() }))
    .optional(),
  ports: z.array(z.strictObject({ name, containerPort: z.int() })).optional(),
  resources: z.strictObject({ requests: resources, limits: resources }),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  securityContext: z.json().optional(),
  volumeMounts: z.array(z.strictObject({ name, mountPath: z.string().startsWith('/') })),
});
const pod = z.strictObject({
  metadata: metadata.optional(),
  spec: z.strictObject({
    restartPolicy: z.enum(['OnFailure', 'Never']).optional(),
    terminationGracePeriodSeconds: z.int().optional(),
    securityContext: z.json().optional(),
    containers: z.tuple([container]),
    volumes: z.array(z.looseObject({ name })),
  }),
});
const manifest = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
      template: pod,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: z.record(z.string(), z.string()),
      ports: z.array(z.strictObject({ name, port: z.int(), targetPort: z.string() })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('autoscaling/v2'),
    kind: z.literal('HorizontalPodAutoscaler'),
    metadata,
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({ apiVersion: z.string(), kind: z.string(), name }),
      minReplicas: z.int().positive(),
      maxReplicas: z.int().positive(),
      metrics: z.tuple([
        z.strictObject({
          type: z.literal('Pods'),
          pods: z.strictObject({
            metric: z.strictObject({ name: z.string() }),
            target: z.strictObject({ type: z.literal('AverageValue'), averageValue: quantity }),
          }),
        }),
      ]),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.strictObject({
      completionMode: z.literal('Indexed').optional(),
      completions: z.int().positive(),
      parallelism: z.int().positive(),
      backoffLimit: z.int(),
      template: pod,
    }),
  }),
]);
type Manifest = z.infer<typeof manifest>;

const manifestsOf = (file: string): Manifest[] =>
  parseAllDocuments(read(file)).map((document) => {
    expect(document.errors).toEqual([]);
    return manifest.parse(document.toJS());
  });

function ofKind<K extends Manifest['kind']>(all: Manifest[], kind: K): Extract<Manifest, { kind: K }>[] {
  return all.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind);
}

test('the Deployment, its Service and its autoscaler belong together', () => {
  const all = manifestsOf('kubernetes/server.yaml');
  const [deployment] = ofKind(all, 'Deployment');
  const [service] = ofKind(all, 'Service');
  const [scaler] = ofKind(all, 'HorizontalPodAutoscaler');
  const { selector, template } = deployment!.spec;
  expect(template.metadata!.labels).toEqual(selector.matchLabels);
  expect(service!.spec.selector).toEqual(selector.matchLabels);
  expect(scaler!.spec.scaleTargetRef.name).toBe(deployment!.metadata.name);
  const [server] = template.spec.containers;
  const allowed = server.args[server.args.indexOf('--allow-host') + 1];
  for (const { httpGet } of [server.startupProbe!, server.readinessProbe!, server.livenessProbe!])
    expect(httpGet.httpHeaders).toEqual([{ name: 'Host', value: allowed }]);
  expect(server.volumeMounts.map((mount) => mount.name)).toEqual(
    template.spec.volumes.map((volume) => volume.name),
  );
});

test('the autoscaler reads a metric that the server has', () => {
  const [scaler] = ofKind(manifestsOf('kubernetes/server.yaml'), 'HorizontalPodAutoscaler');
  const metrics = new Metrics({ waiting: 3, running: 1, capacity: 64 }, { version: '0', model: 'm' });
  expect(metrics.text()).toMatch(new RegExp(`^${scaler!.spec.metrics[0].pods.metric.name} 3$`, 'm'));
});

test.each([
  ['corpus are the same build', 'data-build', / --out \S+/],
  ['report are the same evaluation', 'eval', / --out \S+ --html \S+/],
])('the parts and the join of a %s', (_, file, ofJoin) => {
  const [parts, join] = ofKind(manifestsOf(`kubernetes/${file}.yaml`), 'Job');
  const command = (job: typeof parts): string => job!.spec.template.spec.containers[0].args.join(' ');
  expect(parts!.spec.completionMode).toBe('Indexed');
  expect(command(parts)).toContain(`--shard "$JOB_COMPLETION_INDEX/${parts!.spec.completions}"`);
  expect(command(parts).replace(/ --shard "[^"]*"/, '')).toBe(command(join).replace(ofJoin, ''));
});

test.each([
  {
    file: 'data-build.sh',
    options: 'data build --samples 1000000 --seed 1 --parts /w/parts --workers 2',
    parts: 16,
    out: '--out /w/corpus',
  },
  {
    file: 'eval.sh',
    options: 'eval --model models/omop --set values --questions 2000 --parts /w/answers',
    parts: 4,
    out: '--out /w/eval.json --html /w/eval.html',
  },
])('the SLURM array $file makes every part once, and the join takes the same options', (job) => {
  const { file, options, parts, out } = job;
  const run = (env: Record<string, string>): string =>
    spawnSync('bash', [join(packageRoot, 'deploy/slurm', file)], {
      env: { ...process.env, ENGINE: 'echo', WORK: '/w', SLURM_CPUS_PER_TASK: '2', ...env },
      encoding: 'utf8',
    }).stdout.trim();
  expect(run({ SLURM_ARRAY_TASK_ID: '3' })).toBe(`${options} --shard 3/${parts}`);
  expect(run({ JOIN: '1' })).toBe(`${options} ${out}`);
  expect(read(`slurm/${file}`)).toContain(`#SBATCH --array=0-${parts - 1}\n`);
});

test('every folder that the container copies is one that the package has', () => {
  const copied = [...read('Containerfile').matchAll(/\/build\/([\w./]+) /g)].map(([, path]) => path!);
  const { files } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    files: string[];
  };
  for (const path of files.map((file) => file.replace('/*.json', ''))) expect(copied).toContain(path);
});
