/** Every setting, once: `package.json` is compared with this table both ways by a test. */
export const settings = {
  'millrace.model': {
    type: 'string',
    default: '',
    scope: 'machine',
    doc: 'settings.model',
  },
  'millrace.agent': {
    type: 'string',
    default: 'build',
    scope: 'window',
    doc: 'settings.agent',
  },
  'millrace.localServers': {
    type: 'boolean',
    default: true,
    scope: 'machine',
    doc: 'settings.localServers',
  },
} as const satisfies Record<string, Setting>;

interface Setting {
  readonly type: 'string' | 'number' | 'boolean';
  readonly default: string | number | boolean;
  /** `machine`: a workspace cannot set it. */
  readonly scope: 'machine' | 'window';
  /** Key of its description in `package.nls.json`. */
  readonly doc: string;
}

export type SettingKey = keyof typeof settings;
interface Values {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}
export type SettingValue<K extends SettingKey> = Values[(typeof settings)[K]['type']];
