/**
 * What in a manifest the Marketplace, or an editor without flags, refuses: proposed API in any form. Allow-lists of
 * what is stable in the oldest editor we support, since editors for development run proposals without a word.
 * Returns one sentence per offence.
 */
export function proposedUses(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const contributes = recordOf(manifest['contributes']);
  const menus = Object.keys(recordOf(contributes['menus']));
  const containers = Object.keys(recordOf(contributes['viewsContainers']));
  const views = Object.values(recordOf(contributes['views'])).flatMap(itemsOf);
  const welcomes = itemsOf(contributes['viewsWelcome']);
  return [
    ...('enabledApiProposals' in manifest ? ['"enabledApiProposals" stands in the manifest.'] : []),
    ...Object.keys(contributes)
      .filter((point) => !stablePoints.has(point))
      .map((point) => `The contribution point "${point}" is not known as stable.`),
    ...menus
      .filter((menu) => !stableMenus.has(menu) && !isOwnSubmenu(menu, contributes))
      .map((menu) => `The menu "${menu}" is not known as stable.`),
    ...containers
      .filter((place) => !['activitybar', 'panel'].includes(place))
      .map((place) => `Views in "${place}" need a newer editor or a proposal.`),
    ...views
      .filter((view) => 'remoteName' in view)
      .map((view) => `The view ${JSON.stringify(view['id'])} uses "remoteName", a proposal.`),
    ...welcomes
      .filter((welcome) => 'group' in welcome)
      .map((welcome) => `A welcome of ${JSON.stringify(welcome['view'])} uses "group", a proposal.`),
  ];
}

const stablePoints: ReadonlySet<string> = new Set([
  'chatParticipants',
  'colors',
  'commands',
  'configuration',
  'configurationDefaults',
  'customEditors',
  'grammars',
  'icons',
  'jsonValidation',
  'keybindings',
  'languageModelTools',
  'languages',
  'mcpServerDefinitionProviders',
  'menus',
  'submenus',
  'taskDefinitions',
  'terminal',
  'views',
  'viewsContainers',
  'viewsWelcome',
  'walkthroughs',
]);

const stableMenus: ReadonlySet<string> = new Set([
  'commandPalette',
  'comments/comment/context',
  'comments/comment/title',
  'comments/commentThread/context',
  'comments/commentThread/title',
  'editor/context',
  'editor/lineNumber/context',
  'editor/title',
  'editor/title/context',
  'editor/title/run',
  'explorer/context',
  'file/newFile',
  'scm/change/title',
  'scm/repository',
  'scm/resourceFolder/context',
  'scm/resourceGroup/context',
  'scm/resourceState/context',
  'scm/sourceControl',
  'scm/title',
  'terminal/context',
  'terminal/title/context',
  'testing/item/context',
  'testing/message/context',
  'timeline/item/context',
  'timeline/title',
  'view/item/context',
  'view/title',
  'webview/context',
]);

/** A submenu that the manifest declares is a menu to fill. */
function isOwnSubmenu(menu: string, contributes: Readonly<Record<string, unknown>>): boolean {
  return itemsOf(contributes['submenus']).some((submenu) => submenu['id'] === menu);
}

function itemsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
