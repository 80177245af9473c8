import * as vscode from 'vscode';
import { type SettingKey, type SettingValue, settings } from '#shared/settings.ts';

/** The value of a setting, typed by the settings table; its default where nothing is set. */
export function readSetting<K extends SettingKey>(key: K): SettingValue<K> {
  // The table's types go with its defaults.
  const usual: SettingValue<SettingKey> = settings[key].default;
  return vscode.workspace.getConfiguration().get<SettingValue<K>>(key) ?? (usual as SettingValue<K>);
}
