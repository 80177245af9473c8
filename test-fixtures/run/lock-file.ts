/** The parts of a package-lock.json (version 3) that matter here; everything else is carried along. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly engines?: unknown;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** An optional package that `by` (a path in the lockfile) names and the lockfile does not hold. */
export interface Missing {
  readonly by: string;
  readonly name: string;
  readonly version: string;
}

/**
 * A registry that lacks the builds for some platforms makes `npm install` leave them out of the lockfile in silence, and
 * then `npm ci` refuses that very lockfile. Finds what was left out. Ranges are passed over: only exact versions are
 * builds of one release.
 */
export function missingOptional({ packages }: LockFile): readonly Missing[] {
  return Object.entries(packages).flatMap(([by, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name, version]) => /^\d+\.\d+\.\d+/.test(version) && !isHeld(packages, by, name))
      .map(([name, version]) => ({ by, name, version })),
  );
}

/**
 * The lockfile with those packages named, so that `npm ci` accepts it and other platforms get them. They have no
 * integrity hash, as nobody here has seen them; the next `npm install` against a complete registry fills it in.
 */
export function completed(lock: LockFile): LockFile {
  const added = missingOptional(lock).map(({ by, name, version }) => {
    const { dev, license, engines } = lock.packages[by] ?? {};
    const rest = {
      ...(dev ? { dev } : {}),
      ...(license ? { license } : {}),
      ...(engines ? { engines } : {}),
    };
    return [`node_modules/${name}`, { version, ...rest, optional: true, ...platformOf(name) }] as const;
  });
  const all = [...Object.entries(lock.packages), ...added].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, packages: Object.fromEntries(all) };
}

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** npm downloads an optional package only where these fit, so they are read from its name, as builds are called. */
function platformOf(name: string): Readonly<Record<string, readonly string[]>> {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  if (os.length !== 1 || cpu.length !== 1)
    throw new Error(`Cannot tell the platform of ${name} by its name.`);
  const musl = words.some((word) => word.startsWith('musl'));
  return {
    ...(os.length > 0 ? { os } : {}),
    cpu,
    ...(os.includes('linux') ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
  };
}

/** A package's dependency lies in its own node_modules or in one further out. */
function isHeld(packages: LockFile['packages'], by: string, name: string): boolean {
  const folders = by
    .split('/node_modules/')
    .map((_part, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  return [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].some(
    (path) => path in packages,
  );
}
