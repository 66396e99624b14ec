import { clientVariables, settingsTable } from '../../packages/server/src/config.ts'

/** docs/reference/settings.md as the table of the settings says it. Run by itself, this file prints it. */
export function settingsPage(): string {
  const settings = Object.values(settingsTable).flatMap(({ variable, defaultText, meaning, expected }) => [
    `## \`${variable}\``,
    meaning,
    `Expected: ${expected}. Default: ${inWords(defaultText)}.`,
  ])
  const clients = Object.entries(clientVariables).map(([variable, meaning]) => `- \`${variable}\`: ${meaning}`)
  return `${[
    '# Settings',
    'The server is told everything by variables of its environment, and reads them once, when it starts. A value that\n' +
      'cannot be used, and any other variable that begins with `CHATELAINE_`, stops the start with a sentence that names\n' +
      'it. Paths are relative to where the server is started; `<data>` stands for the directory of `CHATELAINE_DATA`.',
    ...settings,
    '## What clients read',
    'The server lets these stand, since a client often shares its environment.',
    clients.join('\n'),
  ].join('\n\n')}\n`
}

const notCode = new Set(['none', 'unset', 'from listen'])

function inWords(defaultText: string): string {
  return notCode.has(defaultText) ? defaultText : `\`${defaultText}\``
}

if (import.meta.main) process.stdout.write(settingsPage())
