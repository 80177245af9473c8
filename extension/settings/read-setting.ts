import * as vscode from 'vscode';
import { type SettingKey, settings } from '#shared/settings.ts';

/** The value of a setting, typed by the settings table; its default where nothing is set. */
export function readSetting(key: SettingKey): string {
  return vscode.workspace.getConfiguration().get<string>(key) ?? settings[key].default;
}
