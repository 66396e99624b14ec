import { Argument, type Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { buildProgram } = await import('../program.ts')
      const { completions } = await import('../completion.ts')
      terminal.write(completions[shell](await buildProgram('everything', terminal)))
    })
}

const examples = `
  bash:  chatelaine completion bash > ~/.local/share/bash-completion/completions/chatelaine
  zsh:   chatelaine completion zsh > "\${fpath[1]}/_chatelaine"
  fish:  chatelaine completion fish > ~/.config/fish/completions/chatelaine.fish`
