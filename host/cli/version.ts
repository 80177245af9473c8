declare const __MILLRACE_VERSION__: string | undefined;

/** The version of the package; set by the bundler, `dev` when run from source. */
export const version = typeof __MILLRACE_VERSION__ === 'string' ? __MILLRACE_VERSION__ : 'dev';
