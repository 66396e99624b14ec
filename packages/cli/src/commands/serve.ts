import type { Command } from 'commander'

export function configure(command: Command): void {
  command.addHelpText('after', settingsText).action(async () => {
    // It starts when it is loaded, and ends the process by itself when it is told to.
    await import('@chatelaine/server/serve')
  })
}

const settingsText = `
The server reads its settings from variables such as CHATELAINE_LISTEN and CHATELAINE_DATA; docs/reference/settings.md
lists them. \`npm start\` builds the console first.`
