// What makes a shell complete our commands and their options: scripts with all of them in it, so that no key press has
// to start a process.

import type { Command } from 'commander'

/** What can follow the words of a command line so far. */
interface Place {
  /** The words after `chatelaine`, with a space between. */
  readonly path: string
  readonly words: readonly Word[]
}

interface Word {
  readonly text: string
  readonly does: string
}

export const completions = { bash, zsh, fish } as const

/** By its longest lead the line is known; files complete where nothing else does. */
function bash(program: Command): string {
  const cases = placesOf(program).map(({ path, words }) => `    '${path}') words='${texts(words)}' ;;`)
  return `_chatelaine() {
  local word=\${COMP_WORDS[COMP_CWORD]} path= words=
  local first=\${COMP_WORDS[1]-} second=\${COMP_WORDS[2]-}
  ((COMP_CWORD > 1)) && path=$first
  case " ${groupsOf(program)} " in *" $first "*) ((COMP_CWORD > 2)) && path="$first $second" ;; esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _chatelaine chatelaine
`
}

function zsh(program: Command): string {
  const cases = placesOf(program).map(({ path, words }) => {
    const lines = words.map(({ text, does }) => `      ${quoted(`${text}:${does}`)}`)
    return `    '${path}') entries=(\n${lines.join('\n')}\n    ) ;;`
  })
  return `#compdef chatelaine
_chatelaine() {
  local path=
  local -a entries
  ((CURRENT > 2)) && path=$words[2]
  case " ${groupsOf(program)} " in *" $words[2] "*) ((CURRENT > 3)) && path="$words[2] $words[3]" ;; esac
  case "$path" in
${cases.join('\n')}
  esac
  _describe chatelaine entries || _files
}
if [ "$funcstack[1]" = _chatelaine ]; then _chatelaine "$@"; else compdef _chatelaine chatelaine; fi
`
}

function fish(program: Command): string {
  const lines = placesOf(program).flatMap(({ path, words }) => {
    return words.map(({ text, does }) => {
      const option = text.startsWith('--')
        ? `-l ${text.slice(2)}`
        : text.startsWith('-')
          ? `-s ${text.slice(1)}`
          : `-f -a ${text}`
      return `complete -c chatelaine -n ${quoted(`__chatelaine_at ${quoted(path)}`)} ${option} -d ${quoted(does)}`
    })
  })
  return `function __chatelaine_at
  set -l words (commandline -opc)[2..-1]
  set -l path "$words[1]"
  contains -- "$path" ${groupsOf(program)}; and set path (string trim "$words[1] $words[2]")
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`
}

function placesOf(program: Command): Place[] {
  return [placeOf('', program), ...program.commands.flatMap((command) => placesUnder(command.name(), command))]
}

function placesUnder(path: string, command: Command): Place[] {
  return [placeOf(path, command), ...command.commands.flatMap((child) => placesUnder(`${path} ${child.name()}`, child))]
}

function placeOf(path: string, command: Command): Place {
  return {
    path,
    words: [
      ...command.commands.map((child) => ({ text: child.name(), does: child.description() })),
      ...command.options.map(({ long, short, description }) => ({ text: long ?? short ?? '', does: description })),
      { text: '--help', does: 'print what it takes' },
    ],
  }
}

function groupsOf(program: Command): string {
  return program.commands
    .filter(({ commands }) => commands.length > 0)
    .map((group) => group.name())
    .join(' ')
}

function texts(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
